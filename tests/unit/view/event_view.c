/*
 * Tests of view/event_view.c: what happened, to the letter, and in JSON.
 */
#include "view/event_view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"
#include "view/process_view.h"
#include "view/shown.h"

static struct process process;
static struct event_list events;
static struct selection selection = {.depth = UINT32_MAX};

static void set_up(void) {
  static struct fake_segment segment;
  struct fault fault;
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &process.snapshot, &fault), 0, "%s", fault.words);
  cr_assert_eq(event_list_read(&file, &events, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
  process.snapshot.name.pid = 4711;
  process_set_ended(&process, 0, process.snapshot.started_at_ns + 2 * FAKE_SECOND);
}

static void tear_down(void) {
  event_list_free(&events);
}

static char *show(bool is_json) {
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, is_json);
  emitter_begin_list(emitter, "processes");
  process_view_events(emitter, &process, &events, &selection);
  emitter_end(emitter);
  return shown_end(&shown);
}

static void check(const char *expected) {
  shown_is(show(false), expected);
}

static void check_has(const char *words) {
  shown_has(show(false), words);
}

#define HEAD "victim  pid 4711  exited 0 after 2.00 s  system heap over libc.so.6\n\n"

Test(event_view, is_a_table_of_what_happened, .init = set_up, .fini = tear_down) {
  check(HEAD
        "       AFTER  EVENT     CATEGORY  LEVEL            THREAD  WHAT\n"
        "  0.375000 s  pressure  lib/a.so  none → low         4711  uses 46.9 KiB of 78.1 KiB\n"
        "  0.625000 s  pressure  lib/a.so  high → critical    4711  uses 77.1 KiB of 78.1 KiB\n"
        "  0.750000 s  refusal   lib/a.so  critical           4711  12.0 KiB to a.so+0x1234 in 2 requests "
        "until 0.875000 s: lib/a.so is limited to 78.1 KiB\n"
        "  1.000000 s  handler   lib/a.so  critical           4711  priority 10: claimed 64.0 MiB, freed "
        "3.0 MiB of 8.0 MiB wanted, in 1.5 ms\n"
        "  1.125000 s  breach    total     critical           4711  uses 2.0 MiB of 1.0 MiB\n"
        "  1.500000 s  pressure  lib/a.so  critical → high    4711  uses 68.4 KiB of 78.1 KiB\n"
        "\n"
        "  7 events; 5 overwritten by later ones; 1 lost\n");
}

Test(event_view, joins_refusals_that_are_alike_alone, .init = set_up, .fini = tear_down) {
  events.event[3].detail++;
  check_has("  4.0 KiB to a.so+0x1234: lib/a.so is limited to 78.1 KiB\n");
  check_has("  8.0 KiB: lib/a.so is limited to 78.1 KiB\n");
  events.event[3].budget = 0;
  check_has("  8.0 KiB: by `fail`\n");
}

Test(event_view, names_the_budget_that_called_a_handler, .init = set_up, .fini = tear_down) {
  events.event[4].budget = 1;
  check_has("  priority 10 for total: claimed");
}

Test(event_view, is_of_one_category, .init = set_up, .fini = tear_down) {
  selection.category = "other";
  check(HEAD "  0 events; 5 overwritten by later ones; 1 lost\n");
  selection.category = "lib";
  check_has("\n  6 events; ");
}

/* A category that came into being since, or none that ever was. */
Test(event_view, passes_no_category_over, .init = set_up, .fini = tear_down) {
  events.event[0].category = events.event[0].budget = RATION_CATEGORY_LAST;
  events.event[2].budget = RATION_CATEGORY_LAST;
  events.event[3].budget = RATION_CATEGORY_LAST;
  events.event[0].at = 0;
  check_has("              pressure            none → low         4711  uses");
  check_has(": ? is limited to 78.1 KiB\n");
}

/* Takes the place of the n-th event; a name of 24 bytes is in its words. */
static void put(size_t n, uint8_t kind, uint64_t bytes, uint64_t detail, const char *name) {
  struct event_facts *event = &events.event[n];
  *event =
      (struct event_facts){.at = event->at, .kind = kind, .thread = 4711, .bytes = bytes, .detail = detail};
  if (!name) return;
  char words[RATION_EVENT_MARK_BYTES + 1] = "";
  strcpy(words, name);
  memcpy(&event->limit, words, 8);
  memcpy(&event->freed, words + 8, 8);
  if (kind == RATION_EVENT_MARK) memcpy(&event->detail, words + 16, 8);
}

/* With one module, and one event of each kind that is not of budgets. */
static void set_up_others(void) {
  set_up();
  module_list_free(&events.modules);
  events.modules = (struct module_list){.count = 2, .module = calloc(2, sizeof(struct module_facts))};
  strcpy(events.modules.module[1].path, "/usr/lib/liba.so");
  events.event = realloc(events.event, 9 * sizeof *events.event);
  events.event[7] = events.event[8] = events.event[6];
  events.count = 9;
  put(0, RATION_EVENT_CATEGORY, 0, 0, NULL);
  events.event[0].category = 4;
  put(1, RATION_EVENT_THREAD_START, 0, 3, "worker");
  put(2, RATION_EVENT_THREAD_END, 0, 3, "0123456789abcdef");
  put(3, RATION_EVENT_FORK, 0, 0, NULL);
  put(4, RATION_EVENT_FORK, 0, 12, NULL);
  put(5, RATION_EVENT_EXEC, 0, 0, NULL);
  put(6, RATION_EVENT_MODULE, 0, 1, NULL);
  put(7, RATION_EVENT_MODULE, 0, UINT64_MAX, NULL);
  put(8, RATION_EVENT_MARK, 60, 0, "frame of 24 bytes exactl");
}

Test(event_view, shows_what_is_not_of_budgets, .init = set_up_others, .fini = tear_down) {
  check(HEAD "       AFTER  EVENT         CATEGORY  LEVEL  THREAD  WHAT\n"
             "  0.375000 s  category      lib/a.so           4711\n"
             "  0.625000 s  thread_start                     4711  worker\n"
             "  0.750000 s  thread_end                       4711  0123456789abcdef\n"
             "  0.875000 s  fork                             4711  made a child\n"
             "  1.000000 s  fork                             4711  forked from 12\n"
             "  1.125000 s  exec                             4711  took the place of image 0\n"
             "  1.500000 s  module                           4711  met liba.so\n"
             "  1.500000 s  module                           4711  met one whose file is not known\n"
             "  1.500000 s  mark                             4711  frame of 24 bytes exactl 60\n"
             "\n"
             "  9 events; 5 overwritten by later ones; 1 lost\n");
  selection.category = "lib";
  check_has("\n  1 event; ");
}

static const json_t *load(json_t **ret_root) {
  return shown_process(show(true), ret_root);
}

static void check_text(const json_t *object, const char *key, const char *expected) {
  cr_assert_str_eq(json_string_value(json_object_get(object, key)), expected, "%s", key);
}

Test(event_view, has_every_event_in_json, .init = set_up, .fini = tear_down) {
  json_t *root;
  const json_t *object = load(&root), *list = json_object_get(object, "events");
  cr_assert_eq(json_array_size(list), 7, "those that text joins are there");
  shown_number_is(object, "events_overwritten", 5);
  shown_number_is(json_object_get(object, "losses"), "events_lost", 1);
  cr_assert(json_object_get(object, "budgets"), "the whole page is there");
  const json_t *pressure = json_array_get(list, 1), *refusal = json_array_get(list, 2);
  const json_t *handler = json_array_get(list, 4), *breach = json_array_get(list, 5);
  shown_number_is(pressure, "at_seconds", 0.625);
  check_text(pressure, "kind", "pressure");
  check_text(pressure, "category", "lib/a.so");
  check_text(pressure, "budget", "lib/a.so");
  check_text(pressure, "level", "critical");
  check_text(pressure, "old_level", "high");
  shown_number_is(pressure, "used_bytes", 79000);
  shown_number_is(pressure, "limit_bytes", 80000);
  shown_number_is(pressure, "tid", 4711);
  check_text(refusal, "kind", "refusal");
  shown_number_is(refusal, "bytes", 4096);
  check_text(refusal, "module", "a.so");
  shown_number_is(refusal, "offset", 0x1234);
  check_text(handler, "kind", "handler");
  shown_number_is(handler, "priority", 10);
  shown_number_is(handler, "wanted_bytes", 8 << 20);
  shown_number_is(handler, "claimed_bytes", 64 << 20);
  shown_number_is(handler, "freed_bytes", 3 << 20);
  shown_number_is(handler, "seconds", 0.0015);
  check_text(breach, "kind", "breach");
  check_text(breach, "category", "total");
  json_decref(root);
}

static void check_null(const json_t *object, const char *key) {
  cr_assert(json_is_null(json_object_get(object, key)), "%s", key);
}

Test(event_view, has_what_is_not_of_budgets_in_json, .init = set_up_others, .fini = tear_down) {
  json_t *root;
  const json_t *list = json_object_get(load(&root), "events");
  cr_assert_eq(json_array_size(list), 9);
  const json_t *start = json_array_get(list, 1), *mark = json_array_get(list, 8);
  check_text(json_array_get(list, 0), "kind", "category");
  check_text(json_array_get(list, 0), "category", "lib/a.so");
  check_null(json_array_get(list, 0), "level");
  check_text(start, "kind", "thread_start");
  check_text(start, "name", "worker");
  shown_number_is(start, "tid", 4711);
  check_null(start, "category");
  check_null(start, "budget");
  check_null(start, "level");
  check_null(json_array_get(list, 3), "parent");
  shown_number_is(json_array_get(list, 4), "parent", 12);
  shown_number_is(json_array_get(list, 5), "image", 0);
  check_text(json_array_get(list, 6), "module", "liba.so");
  check_null(json_array_get(list, 7), "module");
  check_text(mark, "name", "frame of 24 bytes exactl");
  shown_number_is(mark, "number", 60);
  json_decref(root);
}
