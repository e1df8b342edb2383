/*
 * Tests of reader/holding_table.c: rows as a shim writes them, and as none does.
 */
#include "reader/holding_table.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/random.h"
#include "heap/page/size_class.h"
#include "reader/fake_segment.h"

#define KIB 1024

/* The tables alone, one behind the other. */
static struct {
  struct ration_segment_process process;
  struct ration_segment_holding holdings[RATION_CATEGORY_IDS];
  struct ration_segment_holding classes[RATION_PAGE_CLASSES];
} tables;
static struct layout layout;
static struct holding_table table;

static void set_up(void) {
  memset(&tables, 0, sizeof tables);
  memset(&layout, 0, sizeof layout);
  layout.header.heap = RATION_HEAP_PAGE;
  layout.tables[RATION_TABLE_PROCESS] = (struct layout_table){.rows = 1, .stride = sizeof tables.process};
  layout.tables[RATION_TABLE_HOLDINGS] = (struct layout_table){
      .offset = sizeof tables.process, .rows = RATION_CATEGORY_IDS, .stride = sizeof *tables.holdings};
  layout.tables[RATION_TABLE_CLASSES] =
      (struct layout_table){.offset = sizeof tables.process + sizeof tables.holdings,
                            .rows = RATION_PAGE_CLASSES,
                            .stride = sizeof *tables.classes};
  tables.process.holdings_at = 5;
  tables.process.spans_free_bytes = 640 * KIB;
  tables.process.spans_dirty_bytes = 64 * KIB;
  tables.process.spans_returned_bytes = 7 * KIB;
  tables.holdings[3] =
      (struct ration_segment_holding){.blocks = 10, .used_bytes = 16 * KIB, .held_bytes = 64 * KIB};
  tables.holdings[4] =
      (struct ration_segment_holding){.blocks = 1, .used_bytes = 100 * KIB, .held_bytes = 128 * KIB};
  tables.classes[0] = tables.holdings[4];
  tables.classes[88] = tables.holdings[3];
}

static void read_tables(void) {
  struct segment_file file = fake_segment_file(&tables, sizeof tables);
  cr_assert_eq(holding_table_read(&file, &layout, &table), 0);
  segment_file_close(&file);
}

Test(holding_table, has_what_is_held_and_what_is_free, .init = set_up) {
  read_tables();
  cr_expect_eq(table.counted_at, 5);
  cr_expect_eq(table.free_bytes, 640 * KIB);
  cr_expect_eq(table.dirty_bytes, 64 * KIB);
  cr_expect_eq(table.returned_bytes, 7 * KIB);
  cr_expect_eq(table.category[3].blocks, 10);
  cr_expect_eq(table.category[4].held_bytes, 128 * KIB);
  cr_expect_eq(table.classes[88].used_bytes, 16 * KIB);
  cr_expect_eq(table.classes[0].blocks, 1);
  cr_expect_eq(table.total.blocks, 11);
  cr_expect_eq(table.total.used_bytes, 116 * KIB);
  cr_expect_eq(table.total.held_bytes, 192 * KIB);
  cr_expect_eq(holding_facts_fragmentation(&table.category[3]), 0.75);
  cr_expect_lt(holding_facts_fragmentation(&table.category[5]), 0, "nothing is held");
}

/* Sizes of classes are said in words alone, in segment.h; the shim has them as a function. */
Test(holding_table, knows_the_sizes_of_classes) {
  cr_assert_eq(SIZE_CLASSES, RATION_PAGE_CLASSES);
  cr_expect_eq(holding_class_bytes(0), 0);
  for (uint32_t class = 1; class < RATION_PAGE_CLASSES; class ++)
    cr_expect_eq(holding_class_bytes(class), size_class_bytes(class), "%u", class);
}

static void expect_nothing(void) {
  static const struct holding_table nothing;
  memset(&table, 0xff, sizeof table);
  read_tables();
  cr_expect_eq(memcmp(&table, &nothing, sizeof table), 0);
}

Test(holding_table, is_empty_where_there_is_no_page_heap_or_no_census, .init = set_up) {
  layout.header.heap = RATION_HEAP_SYSTEM;
  expect_nothing();
  layout.header.heap = RATION_HEAP_PAGE;
  tables.process.holdings_at = 0;
  expect_nothing();
  memset(&layout.tables, 0, sizeof layout.tables); /* an older segment, or a small one */
  expect_nothing();
}

Test(holding_table, figures_fit_one_another, .init = set_up) {
  tables.holdings[3].used_bytes = 65 * KIB;
  tables.process.spans_dirty_bytes = 641 * KIB;
  tables.holdings[5].held_bytes = tables.holdings[6].held_bytes = UINT64_MAX - 1;
  read_tables();
  cr_expect_eq(table.category[3].used_bytes, 64 * KIB);
  cr_expect_eq(table.dirty_bytes, 640 * KIB);
  cr_expect_eq(table.total.held_bytes, UINT64_MAX);
}

Test(holding_table, survives_any_bytes, .init = set_up) {
  struct random random = {.seed = 7};
  for (int round = 0; round < 50; round++) {
    for (size_t i = 0; i < sizeof tables / 8; i++) ((uint64_t *)(void *)&tables)[i] = random_next(&random);
    read_tables();
    cr_assert_leq(table.dirty_bytes, table.free_bytes);
    cr_assert_leq(table.total.used_bytes, table.total.held_bytes);
    for (uint32_t id = 0; id < RATION_CATEGORY_IDS; id++)
      cr_assert_leq(table.category[id].used_bytes, table.category[id].held_bytes);
  }
}
