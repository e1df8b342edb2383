/*
 * Tests of view/performance_view.c and reader/performance.c: rates, slack and the shim's time, to the letter and in JSON.
 */
#include "view/performance_view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"
#include "reader/performance.h"
#include "view/shown.h"

static struct process process;

/* 1000 allocations and 400 frees in two seconds, 7 of them measured at 20 ns. */
static void set_up(void) {
  static struct fake_segment segment;
  struct fault fault;
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  segment.process.start_ns = 1000000;
  segment.process.measured_calls = 700;
  segment.process.measured_ns = 14000;
  segment.slabs[1].u.head.sampling_ns = 200000;
  segment.slabs[1].u.head.managed_ns = 30000;
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &process.snapshot, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
  process_set_ended(&process, 0, process.snapshot.started_at_ns + 2 * FAKE_SECOND);
}

static void set_up_resident(void) {
  set_up();
  process.has_resident = true;
  process.resident = (struct resident){.live_bytes = 3000, .slack_bytes = 1000};
}

static void check_line(const char *expected) {
  struct shown shown;
  performance_view_line(shown_begin(&shown, false), &process);
  shown_is(shown_end(&shown), expected);
}

#define RATES "  500 allocations and 200 frees a second, 48.8 KiB a second; "

Test(performance_view, is_one_line, .init = set_up_resident) {
  check_line(RATES "fragmentation 0.25; 1.2 ms of CPU time in the shim\n");
  process.has_resident = false;
  check_line(RATES "1.2 ms of CPU time in the shim\n");
  process.uptime_seconds = -1;
  check_line("  1.2 ms of CPU time in the shim\n");
  process.snapshot.passive = RATION_PASSIVE_OWN_MALLOC;
  check_line("");
}

/* Whoever writes into a segment what he likes gets the largest number that there is. */
Test(performance_view, rates_without_room_are_the_most_there_is, .init = set_up) {
  process.uptime_seconds = 0.25;
  process.snapshot.own_allocations = UINT64_MAX;
  process.snapshot.facts.measured_calls = 0;
  check_line("  18,446,744,073,709,551,615 allocations and 1,600 frees a second, 390.6 KiB a second; 1.2 ms "
             "of CPU time "
             "in the shim\n");
}

Test(performance_view, takes_the_mean_of_what_was_measured_for_all_calls, .init = set_up) {
  cr_assert_float_eq(performance_of(&process).management_seconds, 1.258e-3, 1e-9, "1400 calls of 20 ns");
  process.snapshot.facts.measured_ns = -14000;
  cr_assert_float_eq(performance_of(&process).management_seconds, 1.23e-3, 1e-9, "noise");
  process.snapshot.facts.measured_calls = 0;
  cr_assert_float_eq(performance_of(&process).management_seconds, 1.23e-3, 1e-9, "none was measured");
}

Test(performance_view, knows_no_slack_where_it_is_among_the_mappings, .init = set_up_resident) {
  process.resident.is_joined = true;
  cr_assert_lt(performance_of(&process).fragmentation, 0);
  process.resident = (struct resident){0};
  cr_assert_lt(performance_of(&process).fragmentation, 0, "of nothing");
}

static const json_t *load(json_t **ret_root) {
  struct shown shown;
  performance_view_line(shown_begin(&shown, true), &process);
  *ret_root = shown_root(shown_end(&shown));
  return json_object_get(*ret_root, "performance");
}

static void check_figure(const json_t *object, const char *key, double expected) {
  cr_assert_float_eq(json_number_value(json_object_get(object, key)), expected, 1e-9, "%s", key);
}

Test(performance_view, is_an_object_of_json, .init = set_up_resident) {
  json_t *root;
  const json_t *object = load(&root);
  check_figure(object, "allocations_per_second", 500);
  check_figure(object, "frees_per_second", 200);
  check_figure(object, "allocated_bytes_per_second", 50000);
  check_figure(object, "fragmentation", 0.25);
  check_figure(object, "management_seconds", 1.258e-3);
  cr_assert(json_is_null(json_object_get(object, "pool_hit_rate")));
  json_decref(root);
  process.has_resident = false;
  process.uptime_seconds = -1;
  process.snapshot.passive = RATION_PASSIVE_OWN_MALLOC;
  object = load(&root);
  static const char *const keys[] = {"allocations_per_second", "frees_per_second",
                                     "allocated_bytes_per_second", "fragmentation", "management_seconds"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    cr_assert(json_is_null(json_object_get(object, keys[i])), "%s", keys[i]);
  json_decref(root);
}
