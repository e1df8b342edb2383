/*
 * account.c: tests of src/model/account.c.
 */
#include "model/account.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "base/random.h"
#include "model/fresh_segment.h"

Test(account, holds_what_is_added_and_keeps_its_peak) {
  struct ration_segment_account account = {0};
  cr_assert_eq(account_add(&account, 1000), 0);
  cr_assert_eq(account_add(&account, 500), 0);
  cr_assert_eq(account_remove(&account, 1200), 0);
  cr_assert_eq(account_add(&account, 100), 0);
  cr_assert_eq(account.live_bytes, 400);
  cr_assert_eq(account.peak_bytes, 1500);
}

static void expect_unchanged(const struct ration_segment_account *account, uint64_t live, uint64_t peak) {
  cr_expect_eq(account->live_bytes, live);
  cr_expect_eq(account->peak_bytes, peak);
}

Test(account, refuses_to_go_below_nothing) {
  struct ration_segment_account account = {.live_bytes = 10, .peak_bytes = 20};
  cr_assert_eq(account_remove(&account, 11), -EINVAL);
  expect_unchanged(&account, 10, 20);
  cr_assert_eq(account_remove(&account, UINT64_MAX), -EINVAL);
  expect_unchanged(&account, 10, 20);
  cr_assert_eq(account_remove(&account, 10), 0);
  cr_assert_eq(account_remove(&account, 1), -EINVAL);
  cr_assert_eq(account_remove(&account, 0), 0);
  expect_unchanged(&account, 0, 20);
}

Test(account, refuses_to_overflow) {
  struct ration_segment_account account = {.live_bytes = 10, .peak_bytes = 20};
  cr_assert_eq(account_add(&account, ACCOUNT_BYTES_MOST - 9), -EOVERFLOW);
  cr_assert_eq(account_add(&account, UINT64_MAX), -EOVERFLOW);
  cr_assert_eq(account_add(&account, UINT64_MAX - 9), -EOVERFLOW);
  cr_assert_eq(account_replace(&account, 9, ACCOUNT_BYTES_MOST, &(int64_t){0}), -EOVERFLOW);
  expect_unchanged(&account, 10, 20);
  cr_assert_eq(account_replace(&account, 10, ACCOUNT_BYTES_MOST, &(int64_t){0}), 0);
  expect_unchanged(&account, ACCOUNT_BYTES_MOST, ACCOUNT_BYTES_MOST);
}

Test(account, replaces_without_a_peak_that_never_was) {
  struct ration_segment_account account = {0};
  cr_assert_eq(account_replace(&account, 0, 100, &(int64_t){0}), 0);
  cr_assert_eq(account_replace(&account, 100, 150, &(int64_t){0}), 0);
  expect_unchanged(&account, 150, 150);
  cr_assert_eq(account_remove(&account, 120), 0);
  cr_assert_eq(account_replace(&account, 150, 40, &(int64_t){0}), 0);
  expect_unchanged(&account, 40, 150);
}

Test(account, follows_a_plain_sum_at_random) {
  struct random random = {.seed = 3};
  struct ration_segment_account account = {0};
  uint64_t live = 0, peak = 0;
  for (int i = 0; i < 100000; i++) {
    uint64_t bytes = random_size(&random, ACCOUNT_BYTES_MOST), old = random_size(&random, ACCOUNT_BYTES_MOST);
    uint64_t kind = random_below(&random, 3), left = kind == 2 ? (live > old ? live - old : 0) : live;
    int is_fitting = kind == 1 ? bytes <= live : bytes <= ACCOUNT_BYTES_MOST - left;
    int result = kind == 0   ? account_add(&account, bytes)
                 : kind == 1 ? account_remove(&account, bytes)
                             : account_replace(&account, old, bytes, &(int64_t){0});
    cr_assert_eq(result, is_fitting ? 0 : kind == 1 ? -EINVAL : -EOVERFLOW, "step %d", i);
    if (is_fitting) live = kind == 1 ? live - bytes : left + bytes;
    if (live > peak) peak = live;
    cr_assert_eq(account.live_bytes, live, "step %d", i);
    cr_assert_eq(account.peak_bytes, peak, "step %d", i);
    cr_assert(account_is_valid(&account));
  }
}

#define THREADS 8
#define ROUNDS  100000

static struct ration_segment_account shared;

static void *add_and_remove(void *number) {
  uint64_t own = 1 + (uint64_t)(uintptr_t)number;
  for (int i = 0; i < ROUNDS; i++) {
    cr_assert_eq(account_add(&shared, 10 * own), 0);
    cr_assert_eq(account_replace(&shared, 10 * own, own, &(int64_t){0}), 0);
    if (i) cr_assert_eq(account_remove(&shared, own), 0); /* one is left */
  }
  return NULL;
}

Test(account, loses_nothing_between_threads) {
  pthread_t threads[THREADS];
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, add_and_remove, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_assert_eq(shared.live_bytes, 36);
  cr_assert_geq(shared.peak_bytes, 36 - 8 + 80);
  cr_assert_leq(shared.peak_bytes, 11 * 36);
}

static int presents;
static int present_result;

static int make_present(void *memory, size_t bytes) {
  (void)memory;
  presents += bytes > 0;
  return present_result;
}

Test(account, has_a_row_where_there_is_a_category) {
  struct segment segment = fresh_segment(2);
  struct ration_segment_account *account = NULL;
  segment.make_present = make_present;
  uint32_t id = fresh_segment_add(&segment, "textures");
  presents = 0;
  cr_assert_eq(account_row(&segment, id + 1, &account), -EINVAL);
  cr_assert_eq(account_row(&segment, 0, &account), -EINVAL);
  cr_assert_eq(account_row(&segment, UINT32_MAX, &account), -EINVAL);
  cr_assert_null(account);
  cr_assert_eq(presents, 0);
  present_result = -EFAULT;
  cr_assert_eq(account_row(&segment, id, &account), -ENOMEM);
  cr_assert_null(account);
  present_result = 0;
  cr_assert_eq(account_row(&segment, id, &account), 0);
  cr_assert_eq(account, &segment.accounts[id]);
  cr_assert_eq(presents, 2);
  cr_assert_eq(account_row(&segment, RATION_CATEGORY_TOTAL, &account), 0);
  cr_assert_eq(presents, 2, "the pages are there already");
}

Test(account, passes_on_what_it_holds) {
  static struct account_figures figures[RATION_CATEGORY_IDS];
  struct segment parent = fresh_segment(2), child = fresh_segment(2);
  struct ration_segment_account *account;
  uint32_t id = fresh_segment_add(&parent, "textures");
  cr_assert_eq(fresh_segment_add(&child, "textures"), id);
  account_note_all(&parent, figures);
  cr_assert_eq(account_open_all(&child, figures), 0);
  cr_assert_eq(child.has_accounts, 0, "nothing to pass on");
  cr_assert_eq(account_row(&parent, id, &account), 0);
  account_add(account, 700);
  account_remove(account, 300);
  account_note_all(&parent, figures);
  cr_assert_eq(account_open_all(&child, figures), 0);
  expect_unchanged(&child.accounts[id], 400, 700);
  expect_unchanged(&child.accounts[RATION_CATEGORY_TOTAL], 0, 0);
}
