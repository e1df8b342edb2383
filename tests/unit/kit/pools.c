/*
 * pools.c: tests of ration/kit/pools.h. What the shim is told is seen through the hook, which is told the
 * same.
 */
#include <ration/kit/pools.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

struct creature {
  uint64_t words[6];
};
struct egg {
  char yolk[5];
};

static const struct ration_pool_type creature_type = RATION_POOL_TYPE(struct creature);
static const struct ration_pool_type egg_type = RATION_POOL_TYPE(struct egg);
static struct ration_pool_type many_types[200];

static void expect_null(void *object, int error) {
  cr_expect_null(object);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

Test(kit_pools, one_that_is_none_is_told) {
  struct ration_pools none = {0};
  struct ration_pool_counts counts;
  struct ration_pools_report report;
  const struct ration_pools_choice choice = {.is_shared = 1};
  struct creature creature;
  struct ration_pools *const wrong[] = {NULL, &none};
  cr_expect_eq(ration_pools_init(NULL, NULL), -EINVAL);
  for (int i = 0; i < 2; i++) {
    expect_null(ration_pools_pool(wrong[i], &creature_type), EINVAL);
    expect_null(ration_pools_shared_pool(wrong[i], &creature_type), EINVAL);
    expect_null(ration_pools_take(wrong[i], &creature_type), EINVAL);
    cr_expect_eq(ration_pools_give(wrong[i], &creature_type, &creature), -EINVAL);
    cr_expect_eq(ration_pools_set(wrong[i], &creature_type, &choice), -EINVAL);
    cr_expect_eq(ration_pools_stats(wrong[i], &creature_type, &counts), -EINVAL);
    cr_expect_eq(ration_pools_at(wrong[i], 0, &report), -EINVAL);
    cr_expect_eq(ration_pools_total(wrong[i], &counts), -EINVAL);
    cr_expect_eq(ration_pools_clear(wrong[i]), -EINVAL);
    cr_expect_eq(ration_pools_shrink_to_fit(wrong[i]), -EINVAL);
    cr_expect_eq(ration_pools_publish(wrong[i]), -EINVAL);
    cr_expect_eq(ration_pools_is_valid(wrong[i]), 0);
    ration_pools_done(wrong[i]);
  }
}

Test(kit_pools, wrong_arguments_and_settings_are_told) {
  struct ration_pools pools;
  struct ration_pool_counts counts;
  struct ration_pools_choice choice = {.pool = {.alignment = 3}};
  struct creature creature;
  cr_assert_eq(ration_pools_init(&pools, NULL), 0);
  expect_null(ration_pools_take(&pools, NULL), EINVAL);
  expect_null(ration_pools_pool(&pools, NULL), EINVAL);
  cr_expect_eq(ration_pools_give(&pools, NULL, &creature), -EINVAL);
  cr_expect_eq(ration_pools_give(&pools, &creature_type, NULL), -EINVAL);
  cr_expect_eq(ration_pools_give(&pools, &creature_type, &creature), -EFAULT);
  cr_expect_eq(ration_pools_stats(&pools, &creature_type, &counts), -ENOENT);
  cr_expect_eq(ration_pools_set(&pools, NULL, &choice), -EINVAL);
  cr_expect_eq(ration_pools_set(&pools, &creature_type, NULL), -EINVAL);
  cr_expect_eq(ration_pools_set(&pools, &creature_type, &choice), 0);
  cr_expect_eq(ration_pools_stats(&pools, &creature_type, &counts), -ENOENT);
  expect_null(ration_pools_take(&pools, &creature_type), EINVAL);
  choice.pool.alignment = 64;
  cr_expect_eq(ration_pools_set(&pools, &creature_type, &choice), 0);
  expect_null(ration_pools_shared_pool(&pools, &creature_type), EINVAL);
  cr_expect_eq(ration_pools_set(&pools, &creature_type, &choice), 0, "it was not made");
  void *taken = ration_pools_take(&pools, &creature_type);
  cr_assert_not_null(taken);
  cr_expect_eq((uintptr_t)taken % 64, 0);
  cr_expect_eq(ration_pools_set(&pools, &creature_type, &choice), -EBUSY);
  expect_null(ration_pools_shared_pool(&pools, &creature_type), EINVAL);
  cr_expect_eq(ration_pools_total(&pools, NULL), -EINVAL);
  cr_expect_eq(ration_pools_at(&pools, 0, NULL), -EINVAL);
  cr_expect(ration_pools_is_valid(&pools));
  ration_pools_done(&pools);
  ration_pools_done(&pools);
}

Test(kit_pools, one_pool_for_each_type_and_all_together) {
  struct ration_pools pools;
  struct ration_pools_report report;
  struct ration_pool_counts counts;
  const struct ration_pools_settings settings = {.category = "kit/pools", .pool = {.initial_capacity = 64}};
  cr_assert_eq(ration_pools_init(&pools, &settings), 0);
  cr_assert_eq(ration_pools_set(&pools, &egg_type, &(struct ration_pools_choice){.is_shared = 1}), 0);
  struct creature *creatures[100];
  struct egg *egg = ration_pools_take(&pools, &egg_type);
  for (int i = 0; i < 100; i++) cr_assert_not_null(creatures[i] = ration_pools_take(&pools, &creature_type));
  cr_expect_eq(ration_pools_pool(&pools, &creature_type), ration_pools_pool(&pools, &creature_type));
  cr_expect_not_null(ration_pools_shared_pool(&pools, &egg_type));
  expect_null(ration_pools_pool(&pools, &egg_type), EINVAL);
  cr_expect_eq(ration_pools_give(&pools, &egg_type, creatures[0]), -EFAULT);
  cr_expect_eq(ration_pools_give(&pools, &creature_type, creatures[0]), 0);
  cr_expect_eq(ration_pools_give(&pools, &creature_type, creatures[0]), -EALREADY);
  cr_assert_eq(ration_pools_at(&pools, 0, &report), 0);
  cr_expect(report.type == &egg_type && report.is_shared && !report.is_shown);
  cr_assert_eq(ration_pools_at(&pools, 1, &report), 0);
  cr_expect(report.type == &creature_type && !report.is_shared);
  cr_expect_eq(report.counts.used, 99);
  cr_expect_float_eq(ration_pool_hit_rate(&report.counts), 0.99, 1e-9);
  cr_expect_eq(ration_pools_at(&pools, 2, &report), -ENOENT);
  cr_assert_eq(ration_pools_total(&pools, &counts), 0);
  cr_expect_eq(counts.used, 100);
  cr_expect_eq(counts.takes, 101);
  cr_expect_eq(counts.hits, 99);
  cr_expect_eq(counts.capacity, 1024 + 1088);
  cr_expect_eq(ration_pools_clear(&pools), 0);
  cr_expect_eq(ration_pools_give(&pools, &egg_type, egg), -EALREADY);
  cr_expect_eq(ration_pools_shrink_to_fit(&pools), 0);
  cr_assert_eq(ration_pools_total(&pools, &counts), 0);
  cr_expect_eq(counts.used, 0);
  cr_expect_eq(counts.capacity, 0);
  counts.takes = 0;
  cr_expect_eq(ration_pool_hit_rate(&counts), 0);
  cr_expect(ration_pools_is_valid(&pools));
  ration_pools_done(&pools);
}

static struct ration_pool_counts shown;
static size_t shows;

static void show(const struct ration_pool_type *type, const struct ration_pool_counts *counts,
                 void *context) {
  cr_assert_eq(type, &creature_type);
  cr_assert_eq(context, &shown);
  shown = *counts;
  shows++;
}

static void show_of(int is_shared, size_t cached) {
  struct ration_pools pools;
  struct random random = {.seed = 3};
  static struct creature *taken[8000];
  const struct ration_pools_settings settings = {
      .hook = show, .hook_context = &shown, .is_shared = is_shared};
  cr_assert_eq(ration_pools_init(&pools, &settings), 0);
  shows = 0;
  size_t used = 0, takes = 0;
  for (size_t i = 0; i < 50000; i++) {
    if (used < 8000 && (!used || random_below(&random, 100) < (i / 10000 % 2 ? 20 : 80)))
      takes += (taken[used++] = ration_pools_take(&pools, &creature_type)) != NULL;
    else
      cr_assert_eq(ration_pools_give(&pools, &creature_type, taken[--used]), 0);
    size_t by = used > shown.used ? used - shown.used : shown.used - used;
    cr_assert(by <= 1 + cached || by <= shown.used / 64 + cached, "%zu is shown of %zu", shown.used, used);
    by = takes - shown.takes;
    cr_assert(by <= 1 || by <= takes / 64, "%zu takes are shown of %zu", (size_t)shown.takes, takes);
  }
  cr_expect_gt(shows, 10);
  cr_expect_lt(shows, 50000 / 5);
  cr_assert_eq(ration_pools_publish(&pools), 0);
  cr_expect_eq(shown.used, used);
  cr_expect_eq(shown.takes, takes);
  cr_assert_eq(ration_pools_clear(&pools), 0);
  cr_expect_eq(shown.used, 0);
  cr_assert_eq(ration_pools_shrink_to_fit(&pools), 0);
  cr_expect_eq(shown.capacity, 0);
  void *last = ration_pools_take(&pools, &creature_type);
  for (size_t i = 0; i < 100; i++) {
    cr_assert_not_null(ration_pools_take(&pools, &creature_type));
    cr_assert_eq(ration_pools_give(&pools, &creature_type, last), 0);
    last = ration_pools_take(&pools, &creature_type);
  }
  ration_pools_done(&pools);
  cr_expect_eq(shown.used, 101, "shown in done: %zu", shown.used);
  cr_expect_eq(shown.takes, takes + 201);
}

Test(kit_pools, what_is_shown_follows_use) {
  show_of(0, 0);
  show_of(1, 2 * RATION_SHARED_POOL_CACHED);
}

Test(kit_pools, many_types_and_each_failure_of_memory) {
  enum { TYPES = sizeof many_types / sizeof *many_types };
  static void *taken[TYPES];
  for (size_t left = 0;; left = left < 20 ? left + 1 : left * 2 + 1) {
    struct failing_memory memory;
    struct ration_pools pools;
    size_t count = 0;
    failing_memory_init(&memory, left);
    const struct ration_pools_settings settings = {
        .memory = &memory.memory, .pool = {.memory = &memory.memory, .maximum_capacity = 10}};
    if (ration_pools_init(&pools, &settings) == 0) {
      for (; count < TYPES; count++) {
        many_types[count] = (struct ration_pool_type){NULL, count + 1, 1, NULL, NULL};
        if (!(taken[count] = ration_pools_take(&pools, &many_types[count]))) break;
      }
      if (count < TYPES) cr_assert_eq(errno, ENOMEM);
      cr_assert(ration_pools_is_valid(&pools));
      for (size_t i = 0; i < count; i++) cr_assert_eq(ration_pools_give(&pools, &many_types[i], taken[i]), 0);
    }
    ration_pools_done(&pools);
    cr_assert_eq(memory.blocks, 0);
    if (count == TYPES) break;
    cr_assert_lt(left, 100000);
  }
}

static struct ration_pools common;
static size_t failures;

static void *use_all(void *argument) {
  for (size_t round = 0; round < 20; round++) {
    for (size_t i = 0; i < 100; i++) {
      void *object = ration_pools_take(&common, &many_types[(i + (uintptr_t)argument * 13) % 100]);
      if (!object || ration_pools_give(&common, &many_types[(i + (uintptr_t)argument * 13) % 100], object))
        __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
    }
    struct ration_pools_report report;
    if (ration_pools_publish(&common) || ration_pools_at(&common, round, &report))
      __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

Test(kit_pools, threads_ask_for_pools_at_once) {
  pthread_t threads[8];
  for (size_t i = 0; i < 100; i++) many_types[i] = (struct ration_pool_type){"many", 8 + i, 1, NULL, NULL};
  cr_assert_eq(ration_pools_init(&common, &(struct ration_pools_settings){.is_shared = 1}), 0);
  for (uintptr_t i = 0; i < 8; i++) cr_assert_eq(pthread_create(&threads[i], NULL, use_all, (void *)i), 0);
  for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
  struct ration_pool_counts counts;
  cr_assert_eq(ration_pools_total(&common, &counts), 0);
  cr_expect_eq(failures, 0);
  cr_expect_eq(counts.used, 0);
  cr_expect_eq(counts.takes, 8 * 20 * 100);
  cr_expect(ration_pools_is_valid(&common));
  ration_pools_done(&common);
}
