/*
 * pools.c: tests of src/model/pools.c.
 */
#include "model/pools.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "model/fresh_segment.h"

static const struct pool_figures some = {.used = 3, .reserved = 64, .peak = 5, .takes = 9, .hits = 8};

static void expect_figures(const struct ration_segment_pool *pool, struct pool_figures expected) {
  cr_expect_eq(pool->used, expected.used);
  cr_expect_eq(pool->reserved, expected.reserved);
  cr_expect_eq(pool->peak, expected.peak);
  cr_expect_eq(pool->takes, expected.takes);
  cr_expect_eq(pool->hits, expected.hits);
}

Test(pools, a_row_is_what_was_said_of_it) {
  struct segment segment = fresh_segment(4);
  uint32_t category = fresh_segment_add(&segment, "world");
  int handle = pools_register(&segment, "tiles", category, 24);
  cr_assert_gt(handle, 0);
  struct ration_segment_pool *pool = &segment.pools[0];
  cr_expect_eq(pool->state, RATION_POOL_REGISTERED);
  cr_expect_str_eq(pool->name, "tiles");
  cr_expect_eq(pool->category, category);
  cr_expect_eq(pool->object_bytes, 24);
  expect_figures(pool, (struct pool_figures){0});
  cr_expect_eq(pools_update(&segment, handle, &some), 0);
  expect_figures(pool, some);
}

Test(pools, one_that_is_gone_keeps_its_figures_and_takes_no_more) {
  struct segment segment = fresh_segment(4);
  int handle = pools_register(&segment, "tiles", 0, 24);
  pools_update(&segment, handle, &some);
  cr_expect_eq(pools_unregister(&segment, handle), 0);
  cr_expect_eq(segment.pools[0].state, RATION_POOL_GONE);
  expect_figures(&segment.pools[0], some);
  cr_expect_eq(pools_unregister(&segment, handle), -ENOENT);
  cr_expect_eq(pools_update(&segment, handle, &(struct pool_figures){0}), -ENOENT);
  expect_figures(&segment.pools[0], some);
}

Test(pools, handles_that_never_were_are_none) {
  struct segment segment = fresh_segment(4);
  int handle = pools_register(&segment, "tiles", 0, 24);
  const int wrong[] = {0, -1, 1, handle + 1, handle + SEGMENT_POOLS_MOST, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    cr_expect_eq(pools_update(&segment, wrong[i], &some), -ENOENT, "%d", wrong[i]);
    cr_expect_eq(pools_unregister(&segment, wrong[i]), -ENOENT, "%d", wrong[i]);
  }
  expect_figures(&segment.pools[0], (struct pool_figures){0});
}

static void expect_full(uint32_t slabs) {
  struct segment segment = fresh_segment(slabs);
  int rows = (int)segment_rows(&segment, RATION_TABLE_POOLS), last = 0;
  for (int i = 0; i < rows; i++) cr_assert_gt(last = pools_register(&segment, "pool", 0, 8), 0);
  cr_expect_eq(pools_register(&segment, "pool", 0, 8), -ENOSPC);
  cr_expect_eq(pools_update(&segment, last, &some), 0);
  cr_expect_eq(pools_unregister(&segment, last), 0);
  int again = pools_register(&segment, "again", 0, 8);
  cr_assert_gt(again, 0);
  cr_expect_neq(again, last, "a handle that is out of date is another one's never");
  expect_figures(&segment.pools[again % SEGMENT_POOLS_MOST], (struct pool_figures){0});
  cr_expect_eq(pools_update(&segment, last, &some), -ENOENT);
  cr_expect_eq(pools_update(&segment, again, &some), 0);
}

Test(pools, as_many_as_there_are_rows) {
  expect_full(SEGMENT_SLABS_MOST);
  expect_full(4);
}

Test(pools, a_free_row_is_taken_before_one_that_is_gone) {
  struct segment segment = fresh_segment(4);
  int first = pools_register(&segment, "first", 0, 8);
  pools_unregister(&segment, first);
  pools_register(&segment, "second", 0, 8);
  cr_expect_str_eq(segment.pools[0].name, "first");
  cr_expect_str_eq(segment.pools[1].name, "second");
}

Test(pools, numbers_start_anew_when_they_run_out) {
  struct segment segment = fresh_segment(4);
  uint32_t rows = (uint32_t)segment_rows(&segment, RATION_TABLE_POOLS);
  for (uint32_t i = 0; i < rows; i++) segment.pools[i].number = (1u << 23) - 2;
  int handle = pools_register(&segment, "last", 0, 8);
  cr_assert_gt(handle, INT32_MAX - SEGMENT_POOLS_MOST);
  cr_expect_eq(pools_update(&segment, handle, &some), 0);
  cr_expect_eq(pools_unregister(&segment, handle), 0);
  for (uint32_t i = 1; i < rows; i++) cr_assert_gt(pools_register(&segment, "other", 0, 8), 0);
  int again = pools_register(&segment, "first", 0, 8);
  cr_assert_eq(again, SEGMENT_POOLS_MOST, "number 1 of row 0");
  cr_expect_eq(pools_update(&segment, again, &some), 0);
}

static void expect_name(const char *given, const char *kept) {
  struct segment segment = fresh_segment(4);
  cr_assert_gt(pools_register(&segment, given, 0, 8), 0);
  cr_expect_str_eq(segment.pools[0].name, kept);
}

Test(pools, names_are_cut_between_characters) {
  expect_name("12345678901234567890123456789012345678901234567",
              "12345678901234567890123456789012345678901234567");
  expect_name("123456789012345678901234567890123456789012345678",
              "12345678901234567890123456789012345678901234567");
  expect_name("1234567890123456789012345678901234567890123456\xc3\xb6",
              "1234567890123456789012345678901234567890123456");
  expect_name("123456789012345678901234567890123456789012345\xe2\x82\xac",
              "123456789012345678901234567890123456789012345");
}

Test(pools, a_child_has_what_its_parent_had) {
  struct segment parent = fresh_segment(4), child = fresh_segment(4);
  uint32_t world = fresh_segment_add(&parent, "world");
  int tiles = pools_register(&parent, "tiles", world, 24), gone = pools_register(&parent, "gone", 0, 8);
  int rest = pools_register(&parent, "rest", 0, 8);
  pools_update(&parent, tiles, &some);
  pools_unregister(&parent, gone);
  parent.pools[2].state = RATION_POOL_TAKEN; /* by a thread that does not live in the child */
  static struct ration_segment_pool noted[SEGMENT_POOLS_MOST];
  uint32_t count = pools_note_all(&parent, noted);
  cr_assert_eq(count, 3);
  pools_open_all(&child, noted, count);
  expect_figures(&child.pools[0], some);
  cr_expect_eq(child.pools[0].category, 0, "of which it has no category");
  cr_expect_eq(pools_update(&child, tiles, &(struct pool_figures){0}), 0);
  cr_expect_eq(pools_update(&child, gone, &some), -ENOENT);
  cr_expect_eq(pools_update(&child, rest, &some), -ENOENT);
  expect_figures(&parent.pools[0], some);
  cr_expect_gt(pools_register(&child, "fourth", 0, 8), 0);
  cr_expect_str_eq(child.pools[2].name, "fourth", "the row of a lost thread is to be had again");
}

enum { THREADS = 8, ROUNDS = 2000 };

static void *come_and_go(void *segment) {
  for (int i = 0; i < ROUNDS; i++) {
    int handle = pools_register(segment, "thread", 0, 8);
    cr_assert_gt(handle, 0);
    cr_assert_eq(pools_update(segment, handle, &some), 0);
    cr_assert_eq(pools_unregister(segment, handle), 0);
    cr_assert_eq(pools_unregister(segment, handle), -ENOENT);
  }
  return NULL;
}

Test(pools, threads_come_and_go) {
  struct segment segment = fresh_segment(4);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, come_and_go, &segment);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  uint32_t registered = 0;
  for (uint64_t i = 0; i < segment_rows(&segment, RATION_TABLE_POOLS); i++) {
    registered += segment.pools[i].number;
    cr_expect_neq(segment.pools[i].state, RATION_POOL_REGISTERED);
    cr_expect_neq(segment.pools[i].state, RATION_POOL_TAKEN);
  }
  cr_expect_eq(registered, THREADS * ROUNDS);
}
