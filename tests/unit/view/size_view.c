/*
 * Tests of view/size_view.c: tables of sizes to the letter, and in JSON.
 */
#include "view/size_view.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"
#include "view/shown.h"

static struct process process;
static struct size_classes classes[RATION_CATEGORY_IDS];
static struct size_table table;
static struct selection selection;

static void set_up(void) {
  static struct fake_segment segment;
  struct fault fault;
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &process.snapshot, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
  selection = selection_all;
  memset(classes, 0, sizeof classes);
  classes[2].of[0] = (struct size_figures){4.6, 73.6, 0, 0};
  classes[4].of[8] = (struct size_figures){900, 54000, 10, 600};
  classes[4].of[24] = (struct size_figures){100.4, 100400, 1, 1000};
  classes[4].of[RATION_SIZE_CLASSES - 1] = (struct size_figures){1, 5e9, 1, 5e9};
  table = (struct size_table){.category = classes, .is_kept = true, .facts = {.sample_mean = 512 << 10}};
}

static char *show(bool is_json) {
  struct shown shown;
  size_view_tables(shown_begin(&shown, is_json), &process, &table, &selection);
  return shown_end(&shown);
}

static void check(const char *expected) {
  shown_is(show(false), expected);
}

static void check_has(const char *words) {
  shown_has(show(false), words);
}

static void check_json(const char *key, const char *expected) {
  json_t *root = shown_root(show(true));
  char *found = json_dumps(json_object_get(root, key), JSON_COMPACT);
  cr_expect_str_eq(found, expected);
  free(found);
  json_decref(root);
}

Test(size_view, has_a_table_for_each_category, .init = set_up) {
  check("  lib/a.so: 1,001 blocks, 4.7 GiB so far; 12 blocks, 4.7 GiB live\n"
        "  UP TO    BLOCKS  OF ALL     BYTES                     OF ALL  LIVE BLOCKS     LIVE\n"
        "  64 B        900  89.9 %  52.7 KiB  ▏                   0.0 %           10    600 B\n"
        "  1.0 KiB     100   9.9 %  98.0 KiB  ▏                   0.0 %            1  1.0 KiB\n"
        "  more          1   0.0 %   4.7 GiB  █████████████████  99.9 %            1  4.7 GiB\n"
        "\n"
        "  other: 5 blocks, 74 B so far; 0 blocks, 0 B live\n"
        "  UP TO  BLOCKS   OF ALL  BYTES                      OF ALL  LIVE BLOCKS  LIVE\n"
        "  16 B        5  100.0 %   74 B  █████████████████  100.0 %            0   0 B\n"
        "\n"
        "  estimates from samples, about one in 512.0 KiB: rough where there is little more than that\n");
}

Test(size_view, has_all_classes_in_json, .init = set_up) {
  check_json(
      "size_histogram",
      "[{\"category\":\"lib/a.so\",\"up_to_bytes\":64,\"blocks\":900,\"bytes\":54000,\"live_blocks\":10,"
      "\"live_bytes\":600},"
      "{\"category\":\"lib/a.so\",\"up_to_bytes\":1024,\"blocks\":100,\"bytes\":100400,\"live_blocks\":1,"
      "\"live_bytes\":1000},"
      "{\"category\":\"lib/a.so\",\"up_to_bytes\":null,\"blocks\":1,\"bytes\":5000000000,\"live_blocks\":1,"
      "\"live_bytes\":5000000000},"
      "{\"category\":\"other\",\"up_to_bytes\":16,\"blocks\":5,\"bytes\":74,\"live_blocks\":0,\"live_bytes\":"
      "0}]");
  table.facts.sizes_lost = 3;
  check_json("sampling", "{\"mean_bytes\":524288,\"sizes_lost\":3}");
  check_has("\n  3 samples stand in no class, for want of memory\n");
}

Test(size_view, folds_and_selects, .init = set_up) {
  classes[3].of[8] = (struct size_figures){100, 6000, 5, 300};
  selection.depth = 1;
  check_has("  lib: 1,101 blocks, 4.7 GiB so far; 17 blocks, 4.7 GiB live\n");
  check_has("  other: 5 blocks, 74 B so far; 0 blocks, 0 B live\n");
  selection = selection_all;
  selection.category = "other";
  char *text = show(false);
  cr_expect_not(strstr(text, "lib"));
  free(text);
}

Test(size_view, says_how_sure_it_is, .init = set_up) {
  classes[4] = (struct size_classes){.of = {[8] = {FAKE_A_ALLOCATIONS, 60000, 0, 0}}};
  classes[2] = (struct size_classes){
      .of = {[8] = {process.snapshot.total.allocations - FAKE_A_ALLOCATIONS, 500, 0, 0}}};
  table.facts.sample_mean = 1;
  check_has("\n  exact: every block is a sample (sample=1)\n");
  classes[2].of[8].blocks -= 2;
  check_has("\n  every block is a sample (sample=1), but the books have 2 that were none\n");
  table.facts.sample_mean = 0;
  check_has("\n  estimates from samples, of which no more are taken (sample=off)\n");
  memset(classes, 0, sizeof classes);
  check("  no sizes: no samples are taken (sample=off)\n");
  table.facts.sample_mean = 1 << 20;
  check("  no sizes: no block was a sample yet\n");
  table.is_kept = false;
  check("  no sizes: the segment of this process is a small one\n");
  check_json("size_histogram", "[]");
}

Test(size_view, shows_the_five_largest, .init = set_up) {
  for (uint32_t id = 5; id < 9; id++) {
    struct category_figures *category = &process.snapshot.categories[id];
    snprintf(category->name, sizeof category->name, "number-%u", id);
    category->parent = 1;
    category->depth = 1;
    classes[id].of[20] = (struct size_figures){id, id * 500, 0, 0};
  }
  process.snapshot.category_count = 8;
  check_has("  number-5: 5 blocks, 2.4 KiB so far; 0 blocks, 0 B live\n");
  check_has("\n  and 1 more category, with fewer bytes\n");
  char *text = show(false);
  cr_expect_not(strstr(text, "  other:"));
  free(text);
}
