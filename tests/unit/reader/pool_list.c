/*
 * pool_list.c: tests of tools/ration/reader/pool_list.c: rows as a shim writes them, and as none does.
 */
#include "reader/pool_list.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/random.h"
#include "reader/fake_segment.h"

#define CATEGORIES 5

static struct pool_list list;

static struct ration_segment_pool sound(void) {
  return (struct ration_segment_pool){.state = RATION_POOL_REGISTERED,
                                      .number = 1,
                                      .category = CATEGORIES,
                                      .object_bytes = 24,
                                      .used = 10,
                                      .reserved = 64,
                                      .peak = 12,
                                      .takes = 100,
                                      .hits = 90,
                                      .name = "tiles"};
}

static void read_rows(const struct ration_segment_pool *rows, uint64_t count) {
  static struct layout layout;
  struct segment_file file = fake_segment_file(rows, count * sizeof *rows);
  layout.tables[RATION_TABLE_POOLS] = (struct layout_table){.rows = count, .stride = sizeof *rows};
  cr_assert_eq(pool_list_read(&file, &layout, CATEGORIES, &list), 0);
  segment_file_close(&file);
}

Test(pool_list, has_what_is_registered_and_what_is_gone) {
  struct ration_segment_pool rows[4] = {sound(), {0}, sound(), sound()};
  rows[2].state = RATION_POOL_GONE;
  rows[3].state = RATION_POOL_TAKEN;
  read_rows(rows, 4);
  cr_assert_eq(list.count, 2);
  cr_expect_str_eq(list.pool[0].name, "tiles");
  cr_expect_eq(list.pool[0].category, CATEGORIES);
  cr_expect_eq(list.pool[0].object_bytes, 24);
  cr_expect_eq(list.pool[0].used, 10);
  cr_expect_eq(list.pool[0].reserved, 64);
  cr_expect_eq(list.pool[0].peak, 12);
  cr_expect(list.pool[0].is_registered);
  cr_expect(!list.pool[1].is_registered);
  cr_expect_eq(pool_facts_hit_rate(&list.pool[0]), 0.9);
  cr_expect_eq(pool_list_hit_rate(&list), 0.9);
}

Test(pool_list, an_older_segment_has_none) {
  read_rows(NULL, 0);
  cr_expect_eq(list.count, 0);
  cr_expect_lt(pool_list_hit_rate(&list), 0);
}

Test(pool_list, passes_over_what_no_shim_writes) {
  struct ration_segment_pool rows[5] = {sound(), sound(), sound(), sound(), sound()};
  rows[0].category = CATEGORIES + 1;
  rows[1].object_bytes = 0;
  rows[2].name[0] = '\0';
  memset(rows[3].name, 'x', sizeof rows[3].name);
  rows[4].state = 77;
  read_rows(rows, 5);
  cr_expect_eq(list.count, 0);
}

/* Figures are stored one after another, and a program may miscount. */
Test(pool_list, figures_fit_one_another) {
  struct ration_segment_pool row = sound();
  row.used = 65;
  row.peak = 3;
  row.hits = 101;
  read_rows(&row, 1);
  cr_assert_eq(list.count, 1);
  cr_expect_eq(list.pool[0].used, 64);
  cr_expect_eq(list.pool[0].peak, 64);
  cr_expect_eq(list.pool[0].hits, 100);
  row.takes = 0;
  read_rows(&row, 1);
  cr_expect_lt(pool_facts_hit_rate(&list.pool[0]), 0, "nothing was taken");
}

Test(pool_list, survives_any_bytes) {
  static struct ration_segment_pool rows[POOL_LIST_MOST + 10];
  struct random random = {.seed = 5};
  for (int round = 0; round < 50; round++) {
    for (size_t i = 0; i < sizeof rows / 8; i++) ((uint64_t *)(void *)rows)[i] = random_next(&random);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
      rows[i].state = (uint32_t)random_below(&random, 3), rows[i].category %= CATEGORIES + 2;
    read_rows(rows, sizeof rows / sizeof *rows);
    cr_assert_leq(list.count, POOL_LIST_MOST);
    for (uint32_t i = 0; i < list.count; i++) {
      const struct pool_facts *pool = &list.pool[i];
      cr_assert(pool->used <= pool->reserved && pool->used <= pool->peak && pool->hits <= pool->takes);
      cr_assert_leq(pool->category, CATEGORIES);
      cr_assert_lt(strlen(pool->name), RATION_POOL_NAME_BYTES);
    }
  }
}
