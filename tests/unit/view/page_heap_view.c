/*
 * Tests of view/page_heap_view.c: its tables to the letter, and what stands in JSON.
 */
#include "view/page_heap_view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"
#include "view/shown.h"

#define KIB UINT64_C(1024)

static struct process process;
static struct selection selection;

/* lib/a.so holds three quarters of what it uses, total one block of its own. */
static void set_up(void) {
  process = fake_process();
  selection = selection_all;
  process.snapshot.heap = RATION_HEAP_PAGE;
  process.until_at = 3 * FAKE_SECOND;
  struct holding_table *table = &process.snapshot.holdings;
  table->counted_at = FAKE_SECOND;
  table->free_bytes = 640 * KIB;
  table->dirty_bytes = 64 * KIB;
  table->returned_bytes = 3 * KIB;
  table->category[4] = (struct holding_facts){1000, 96 * KIB, 128 * KIB};
  table->category[1] = (struct holding_facts){1, 200 * KIB, 256 * KIB};
  table->classes[2] = table->category[4];
  table->classes[0] = table->category[1];
  table->total = (struct holding_facts){1001, 296 * KIB, 384 * KIB};
}

static char *show(bool is_json) {
  struct shown shown;
  struct emitter *emitter = shown_begin(&shown, is_json);
  emitter_begin_list(emitter, "processes");
  emitter_begin_object(emitter, NULL);
  page_heap_view_tables(emitter, &process, &selection, NULL);
  emitter_end(emitter);
  emitter_end(emitter);
  return shown_end(&shown);
}

#define FREE "  640.0 KiB free, of which 64.0 KiB in memory; 3.0 KiB went back to the system so far\n"

Test(page_heap_view, is_two_tables_and_what_is_free, .init = set_up) {
  shown_is(show(false), "  CATEGORY          LIVE       HELD                     FRAGMENTATION\n"
                        "  total itself       0 B  256.0 KiB  █████████████████         21.9 %\n"
                        "  lib/a.so      58.6 KiB  128.0 KiB  ████████▌                 25.0 %\n"
                        "  total         58.6 KiB  384.0 KiB                            22.9 %\n"
                        "\n"
                        "  SIZE    BLOCKS       USED       HELD                     OCCUPANCY\n"
                        "  32 B     1,000   96.0 KiB  128.0 KiB  ████████▌             75.0 %\n"
                        "  larger       1  200.0 KiB  256.0 KiB  █████████████████     78.1 %\n"
                        "\n" FREE "  counted 2.00 s before its end\n");
}

Test(page_heap_view, has_all_of_it_in_json, .init = set_up) {
  json_t *root, *heap = json_object_get(shown_process(show(true), &root), "page_heap");
  shown_number_is(heap, "held_bytes", 384 * 1024);
  shown_number_is(heap, "used_bytes", 296 * 1024);
  shown_number_is(heap, "blocks", 1001);
  shown_number_is(heap, "free_bytes", 640 * 1024);
  shown_number_is(heap, "free_resident_bytes", 64 * 1024);
  shown_number_is(heap, "returned_bytes", 3 * 1024);
  shown_number_is(heap, "age_seconds", 2);
  const json_t *categories = json_object_get(heap, "categories"),
               *classes = json_object_get(heap, "size_classes");
  cr_assert_eq(json_array_size(categories), 2);
  const json_t *second = json_array_get(categories, 1);
  cr_expect_str_eq(json_string_value(json_object_get(second, "name")), "lib/a.so");
  shown_number_is(second, "live_bytes", FAKE_A_LIVE);
  shown_number_is(second, "held_bytes", 128 * 1024);
  shown_number_is(second, "fragmentation", 0.25);
  cr_assert_eq(json_array_size(classes), 2);
  shown_number_is(json_array_get(classes, 0), "block_bytes", 32);
  shown_number_is(json_array_get(classes, 0), "occupancy", 0.75);
  cr_expect(json_is_null(json_object_get(json_array_get(classes, 1), "block_bytes")));
  json_decref(root);
}

Test(page_heap_view, folds_and_selects, .init = set_up) {
  selection.category = "lib";
  selection.depth = 1;
  shown_has(show(false), "\n  lib       58.6 KiB  128.0 KiB                            25.0 %\n");
  shown_lacks(show(false), "total");
}

Test(page_heap_view, says_what_was_never_counted, .init = set_up) {
  process.snapshot.holdings = (struct holding_table){0};
  shown_is(show(false), "  not counted yet: its threads do that once a second, as they allocate\n");
  json_t *root, *heap = json_object_get(shown_process(show(true), &root), "page_heap");
  cr_expect(json_is_null(json_object_get(heap, "age_seconds")));
  cr_expect(json_is_null(json_object_get(heap, "fragmentation")));
  json_decref(root);
}

Test(page_heap_view, says_that_there_is_none, .init = set_up) {
  process.snapshot.heap = RATION_HEAP_SYSTEM;
  shown_is(show(false),
           "  no page heap: blocks come from the system heap; start the program with heap=page for one\n");
  json_t *root, *shown = shown_process(show(true), &root);
  cr_expect(json_is_null(json_object_get(shown, "page_heap")));
  json_decref(root);
  process.snapshot.heap_refusal = RATION_HEAP_NO_SPACE;
  shown_is(show(false),
           "  blocks come from the system heap, not from the page heap: there was no address space for it\n");
  process.snapshot.heap_refusal = 77;
  shown_has(show(false), "for a reason that a newer ration knows");
}

Test(page_heap_view, names_what_the_program_does_wrong, .init = set_up) {
  process.snapshot.losses = (struct losses){.double_frees = 2, .wild_frees = 1, .lists_lost = 3};
  shown_has(show(false), "  2 frees of a block that was free already: left alone, and wrong\n"
                         "  1 free of an address at which no block begins: left alone, and wrong\n"
                         "  3 pages lost free blocks, since the program had written over them\n");
}

static char *show_notes(void) {
  struct shown shown;
  page_heap_view_notes(shown_begin(&shown, false), &process);
  return shown_end(&shown);
}

Test(page_heap_view, the_page_says_what_shows_where_if_anything_does, .init = set_up) {
  process.snapshot.losses =
      (struct losses){.double_frees = 2, .wild_frees = 1, .late_writes = 3, .lists_lost = 3};
  process.snapshot.misuses.events[RATION_MISUSE_DOUBLE_FREE] = 1;
  process.snapshot.misuses.events[RATION_MISUSE_LATE_WRITE] = 2;
  process.snapshot.is_kept = true;
  shown_is(show_notes(),
           "  2 frees of a block that was free already: left alone, and wrong; `ration report --heap` shows "
           "where\n"
           "  1 free of an address at which no block begins: left alone, and wrong\n"
           "  3 blocks written to after having been given back; `ration report --heap` shows where\n"
           "  3 pages lost free blocks, since the program had written over them; `ration report --heap` "
           "shows where\n");
  shown_lacks(show(false), "shows where");
}

/* One that has ended, and is not kept, can be looked at no more. */
Test(page_heap_view, the_page_says_how_to_have_it_shown_where, .init = set_up) {
  process.snapshot.losses = (struct losses){.overruns = 1};
  process.snapshot.misuses.events[RATION_MISUSE_OVERRUN] = 1;
  shown_is(show_notes(),
           "  1 block written to behind the end; with keep=1, `ration report --heap` shows where\n");
  process.state = PROCESS_GONE;
  shown_is(show_notes(), "  1 block written to behind the end; `ration report --heap` shows where\n");
  process.state = PROCESS_KILLED;
  process.is_copy = true;
  shown_is(show_notes(), "  1 block written to behind the end; `ration report --heap` shows where\n");
}
