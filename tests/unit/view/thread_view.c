/*
 * Tests of view/thread_view.c: who allocates, to the letter, and in JSON.
 */
#include "view/thread_view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"
#include "view/shown.h"

static struct process process;
static struct thread_list threads;

static void set_up(void) {
  static struct fake_segment segment;
  struct fault fault;
  fake_segment_fill(&segment);
  memcpy(segment.slabs[1].u.head.name, "wor\nker", 7);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &process.snapshot, &fault), 0, "%s", fault.words);
  cr_assert_eq(thread_list_read(&file, &threads, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
  process.snapshot.name.pid = threads.thread[0].tid = 4711;
  process_set_ended(&process, 0, process.snapshot.started_at_ns + 2 * FAKE_SECOND);
}

static void tear_down(void) {
  thread_list_free(&threads);
}

static char *show(bool is_json) {
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, is_json);
  emitter_begin_list(emitter, "processes");
  process_view_instead(emitter, &process, &selection_all, thread_view_table, &threads);
  emitter_end(emitter);
  return shown_end(&shown);
}

#define OTHERS "all others: threads that have ended or share one tally, and what was inherited over fork\n"

Test(thread_view, is_a_table, .init = set_up, .fini = tear_down) {
  shown_is(show(false), "victim  pid 4711  exited 0 after 2.00 s  system heap over libc.so.6\n"
                        "\n"
                        "  THREAD  NAME        ALLOCATED                     ALLOCATIONS  FREES\n"
                        "    4711  wor\\x0aker   97.7 KiB  █████████████████        1,000    400\n"
                        "          all others      500 B                               5      0\n"
                        "          total        98.1 KiB                           1,005    400\n"
                        "\n"
                        "  1 thread; " OTHERS);
}

Test(thread_view, sums_up_what_is_too_much_for_a_screen, .init = set_up, .fini = tear_down) {
  enum { THREADS = 23 };
  threads.thread = realloc(threads.thread, THREADS * sizeof *threads.thread);
  for (uint32_t i = 0; i < THREADS; i++)
    threads.thread[i] =
        (struct thread_facts){.tid = i + 1, .allocations = 1, .frees = 2, .allocated_bytes = 3};
  threads.count = THREADS;
  char *text = show(false);
  cr_assert(strstr(text, "\n          3 more            9 B                               3      6\n"), "%s",
            text);
  cr_assert(strstr(text, "\n          total           569 B                              28     46\n"), "%s",
            text);
  cr_assert(strstr(text, "\n  23 threads; all others"), "%s", text);
  cr_assert_not(strstr(text, "\n      21  "), "%s", text);
  free(text);
}

static json_int_t number(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  cr_assert(json_is_integer(value), "%s", key);
  return json_integer_value(value);
}

Test(thread_view, has_every_thread_in_json_and_the_rest_last, .init = set_up, .fini = tear_down) {
  json_t *root;
  const json_t *object = shown_process(show(true), &root);
  const json_t *rows = json_object_get(object, "by_thread"), *rest = json_array_get(rows, 1);
  cr_assert_eq(json_array_size(rows), 2);
  const json_t *thread = json_array_get(rows, 0);
  cr_assert_eq(number(thread, "tid"), 4711);
  cr_assert_str_eq(json_string_value(json_object_get(thread, "name")), "wor\\x0aker");
  cr_assert_eq(number(thread, "allocations"), FAKE_A_ALLOCATIONS);
  cr_assert_eq(number(thread, "frees"), FAKE_A_FREES);
  cr_assert_eq(number(thread, "allocated_bytes"), 100000);
  cr_assert(json_is_null(json_object_get(rest, "tid")));
  cr_assert(json_is_null(json_object_get(rest, "name")));
  cr_assert_eq(number(rest, "allocations"), FAKE_OTHER_BLOCKS);
  cr_assert_eq(number(json_object_get(object, "total"), "allocations"),
               FAKE_A_ALLOCATIONS + FAKE_OTHER_BLOCKS);
  json_decref(root);
}

Test(thread_view, of_a_passive_process_is_none, .init = set_up, .fini = tear_down) {
  process.snapshot.passive = RATION_PASSIVE_OWN_MALLOC;
  char *text = show(false);
  cr_assert_not(strstr(text, "THREAD"), "%s", text);
  cr_assert(strstr(text, "  not tracked: "), "%s", text);
  free(text);
}
