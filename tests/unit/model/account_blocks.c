/*
 * account_blocks.c: tests of src/model/account_blocks.c.
 */
#include "model/account_blocks.h"

#include <criterion/criterion.h>
#include <pthread.h>

#include "base/atomics.h"
#include "base/random.h"

static struct account_blocks blocks;

/* What the address was before it is `block`. */
static uint64_t set(uint64_t address, uint64_t block) {
  struct account_slot *slot = account_blocks_take(&blocks, address);
  if (!slot && !block) return 0;
  if (!slot) slot = account_blocks_take_new(&blocks, address);
  cr_assert_not_null(slot, "%#lx", (unsigned long)address);
  uint64_t before = slot->block;
  account_blocks_give(&blocks, slot, address, block);
  return before;
}

static void expect_empty(void) {
  cr_expect_eq(blocks.count, 0);
  for (unsigned i = 0; i < ACCOUNT_BLOCKS_BUCKETS; i++)
    for (unsigned j = 0; j < ACCOUNT_BLOCKS_SLOTS; j++)
      cr_assert(!blocks.slots[i][j].address && !blocks.slots[i][j].block, "bucket %u, slot %u", i, j);
}

Test(account_blocks, packs_category_and_bytes) {
  uint64_t block = ACCOUNT_BLOCK(252, ACCOUNT_BLOCK_BYTES_MOST);
  cr_assert_eq(ACCOUNT_BLOCK_CATEGORY(block), 252);
  cr_assert_eq(ACCOUNT_BLOCK_BYTES(block), ACCOUNT_BLOCK_BYTES_MOST);
  cr_assert_eq(ACCOUNT_BLOCK_BYTES(ACCOUNT_BLOCK(252, 17)), 17);
}

Test(account_blocks, says_what_was_there_before) {
  cr_assert_null(account_blocks_take(&blocks, 0x1000));
  cr_assert_eq(set(0x1000, 5), 0);
  cr_assert_eq(set(0x1000, 6), 5);
  cr_assert_eq(set(0x2000, 7), 0);
  cr_assert_eq(blocks.count, 2);
  cr_assert_eq(set(0x1000, 0), 6);
  cr_assert_null(account_blocks_take(&blocks, 0x1000));
  cr_assert_eq(set(0x2000, 0), 7);
  expect_empty();
}

Test(account_blocks, that_are_held_are_nobody_elses) {
  set(0x1000, 5);
  struct account_slot *slot = account_blocks_take(&blocks, 0x1000);
  cr_assert_not_null(slot);
  cr_assert_null(account_blocks_take(&blocks, 0x1000));
  account_blocks_give(&blocks, slot, 0x1000, 8);
  cr_assert_eq(set(0x1000, 0), 8);
}

/* Twice, so that what the first time leaves is in the way of the second. */
Test(account_blocks, have_room_for_as_many_as_promised) {
  for (uint64_t round = 0; round < 2; round++) {
    for (uint64_t i = 1; i <= ACCOUNT_BLOCKS_MOST; i++)
      cr_assert_eq(set((i << 12) + round, i), 0, "block %lu", (unsigned long)i);
    cr_assert_null(account_blocks_take_new(&blocks, UINT64_C(1) << 60));
    cr_assert_eq(blocks.count, ACCOUNT_BLOCKS_MOST);
    for (uint64_t i = 1; i <= ACCOUNT_BLOCKS_MOST; i++) cr_assert_eq(set((i << 12) + round, 0), i);
    expect_empty();
  }
}

/* Addresses that are never used again, as an address space goes by: they must leave nothing that fills the table. */
Test(account_blocks, leave_nothing_behind) {
  for (uint64_t i = 1; i <= 3000000; i++) {
    cr_assert_eq(set(i << 16, i), 0);
    if (i > 1000) cr_assert_eq(set((i - 1000) << 16, 0), i - 1000);
  }
  for (uint64_t i = 3000000 - 999; i <= 3000000; i++) cr_assert_eq(set(i << 16, 0), i);
  expect_empty();
}

/* Churn at the brim: buckets fill up unevenly with time, if they ever do. */
Test(account_blocks, find_room_at_the_brim) {
  static uint64_t addresses[ACCOUNT_BLOCKS_MOST];
  struct random random = {.seed = 7};
  for (uint64_t i = 0; i < ACCOUNT_BLOCKS_MOST; i++) set(addresses[i] = (i + 1) << 12, 1);
  for (int i = 0; i < 1000000; i++) {
    uint64_t *address = &addresses[random_below(&random, ACCOUNT_BLOCKS_MOST)];
    cr_assert_eq(set(*address, 0), 1);
    *address = (random_next(&random) | 1) >> 1;
    cr_assert_eq(set(*address, 1), 0);
  }
}

#define THREADS 8
#define ROUNDS  100000

static void *set_own(void *number) {
  uint64_t own = (uint64_t)(uintptr_t)number << 40;
  for (uint64_t i = 1; i <= ROUNDS; i++) {
    cr_assert_eq(set(own + (i << 12), i), 0);
    if (i > 100) cr_assert_eq(set(own + ((i - 100) << 12), 0), i - 100);
  }
  for (uint64_t i = ROUNDS - 99; i <= ROUNDS; i++) cr_assert_eq(set(own + (i << 12), 0), i);
  return NULL;
}

static void run(void *(*body)(void *)) {
  pthread_t threads[THREADS];
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, body, (void *)(i + 1)), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

Test(account_blocks, of_many_threads_do_not_meet) {
  run(set_own);
  expect_empty();
}

/* All threads race for the same few addresses: whatever each put in, somebody takes out, once. */
static uint64_t sum;

static void *race(void *number) {
  struct random random = {.seed = (uint64_t)(uintptr_t)number};
  for (uint64_t i = 1; i <= ROUNDS; i++) {
    uint64_t block = random_below(&random, 3) ? 1 + random_below(&random, 1000) : 0;
    add_relaxed(&sum, block);
    add_relaxed(&sum, 0 - set((1 + random_below(&random, 4)) << 12, block));
  }
  return NULL;
}

Test(account_blocks, survive_a_race_for_one_address) {
  run(race);
  for (uint64_t i = 1; i <= 4; i++)
    for (uint64_t block; (block = set(i << 12, 0));) sum -= block;
  cr_assert_eq(sum, 0);
  expect_empty();
}
