/*
 * accounts.c: tests of src/track/accounts.c.
 */
#include "track/accounts.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "model/account_blocks.h"
#include "track/tracked.h"

static void expect_holds(uint32_t category, uint64_t live, uint64_t peak) {
  cr_expect_eq(segment.accounts[category].live_bytes, live, "%s: %lu",
               segment_category(&segment, category)->name,
               (unsigned long)segment.accounts[category].live_bytes);
  cr_expect_eq(segment.accounts[category].peak_bytes, peak);
}

Test(accounts, hold_what_is_reported) {
  tracked_start();
  uint32_t a = tracked_category("a");
  cr_assert_eq(accounts_add(a, 100), 0);
  cr_assert_eq(accounts_add(a, 0), 0);
  cr_assert_eq(accounts_remove(a, 101), -EINVAL);
  cr_assert_eq(accounts_remove(a, 40), 0);
  expect_holds(a, 60, 100);
  cr_assert_eq(accounts_add(a, UINT64_MAX), -EOVERFLOW);
  cr_assert_eq(accounts_add(a + 1, 1), -EINVAL);
  cr_assert_eq(accounts_remove(a + 1, 0), -EINVAL);
  cr_assert_eq(accounts_add(0, 1), -EINVAL);
  expect_holds(a, 60, 100);
}

Test(accounts, of_blocks_follow_what_was_said_last) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("b");
  cr_assert_eq(accounts_block(a, 0x1000, 0), -ENOENT);
  cr_assert_eq(accounts_block(a, 0x1000, 100), 0);
  cr_assert_eq(accounts_block(a, 0x1000, 150), 0);
  expect_holds(a, 150, 150);
  cr_assert_eq(accounts_block(b, 0x1000, 70), 0);
  expect_holds(a, 0, 150);
  expect_holds(b, 70, 70);
  cr_assert_eq(accounts_block(b, 1, 5), 0);
  cr_assert_eq(accounts_block(999, 0x1000, 0), 0);
  cr_assert_eq(accounts_block(b, 0x1000, 0), -ENOENT);
  expect_holds(b, 5, 75);
}

Test(accounts, of_blocks_refuse_and_change_nothing) {
  tracked_start();
  uint32_t a = tracked_category("a");
  cr_assert_eq(accounts_block(a, 0, 1), -EINVAL);
  cr_assert_eq(accounts_block(a, UINT64_MAX, 1), -EINVAL);
  cr_assert_eq(accounts_block(a, 0x1000, ACCOUNT_BLOCK_BYTES_MOST + 1), -EOVERFLOW);
  cr_assert_eq(accounts_block(a, 0x1000, 100), 0);
  cr_assert_eq(accounts_block(a + 1, 0x1000, 200), -EINVAL);
  cr_assert_eq(accounts_add(a, ACCOUNT_BYTES_MOST - 100), 0);
  cr_assert_eq(accounts_block(a, 0x1000, 101), -EOVERFLOW);
  cr_assert_eq(accounts_block(a, 0x2000, 1), -EOVERFLOW);
  cr_assert_eq(accounts_block(a, 0x2000, 0), -ENOENT, "it has not become a block");
  expect_holds(a, ACCOUNT_BYTES_MOST, ACCOUNT_BYTES_MOST);
  cr_assert_eq(accounts_remove(a, ACCOUNT_BYTES_MOST - 30), 0);
  cr_assert_eq(accounts_block(a, 0x1000, 0), 0, "part of it was removed by hand");
  expect_holds(a, 0, ACCOUNT_BYTES_MOST);
  cr_assert_eq(segment.process->accounts_lost, 0);
}

Test(accounts, of_blocks_beyond_the_table_are_counted) {
  tracked_start();
  uint32_t a = tracked_category("a");
  for (uint64_t i = 1; i <= ACCOUNT_BLOCKS_MOST; i++) cr_assert_eq(accounts_block(a, i << 12, 2), 0);
  cr_assert_eq(accounts_block(a, 1, 2), -ENOSPC);
  cr_assert_eq(accounts_block(a, 0x1000, 3), 0, "one that is there may change");
  cr_assert_eq(segment.process->accounts_lost, 1);
  expect_holds(a, 2 * ACCOUNT_BLOCKS_MOST + 1, 2 * ACCOUNT_BLOCKS_MOST + 1);
  for (uint64_t i = 1; i <= ACCOUNT_BLOCKS_MOST; i++) cr_assert_eq(accounts_block(0, i << 12, 0), 0);
  cr_assert_eq(accounts_block(a, 1, 2), 0);
  expect_holds(a, 2, 2 * ACCOUNT_BLOCKS_MOST + 1);
}

#define THREADS 8

static uint32_t own[THREADS];

/* Half of each thread's addresses are the same as all others'. */
static void *report(void *number) {
  uint64_t thread_number = (uint64_t)(uintptr_t)number;
  for (uint64_t i = 1; i <= 50000; i++) {
    uint64_t address = i % 2 ? (i % 16 + 1) << 12 : (thread_number + 1) << 40 | i << 4;
    cr_assert_eq(accounts_block(own[thread_number], address, i), 0);
    cr_assert_eq(accounts_add(own[thread_number], 3), 0);
    if (i % 2 == 0) cr_assert_eq(accounts_block(0, address, 0), 0);
    cr_assert_eq(accounts_remove(own[thread_number], 3), 0);
  }
  return NULL;
}

Test(accounts, lose_nothing_between_threads) {
  tracked_start();
  pthread_t threads[THREADS];
  char name[8] = "own0";
  for (unsigned i = 0; i < THREADS; i++, name[3]++) own[i] = tracked_category(name);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, report, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (uint64_t i = 1; i <= 16; i++) accounts_block(0, i << 12, 0);
  for (unsigned i = 0; i < THREADS; i++) cr_expect_eq(segment.accounts[own[i]].live_bytes, 0);
}
