/*
 * allocator.c: tests of ration/kit/allocator.h.
 */
#include <ration/kit/allocator.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

static struct ration_allocator allocator;

static void expect_null(void *object, int error) {
  cr_expect_null(object);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

static struct ration_allocator_figures figures_of(size_t index) {
  struct ration_allocator_figures figures = {0};
  cr_assert_eq(ration_allocator_stats(&allocator, index, &figures), 0);
  return figures;
}

static size_t used_of(size_t index) {
  return figures_of(index).used;
}

static void *take(size_t index, size_t size) {
  return ration_memory_allocate(ration_allocator_category(&allocator, index), size, 8);
}

static void give(size_t index, void *block, size_t size) {
  cr_assert_eq(ration_memory_release(ration_allocator_category(&allocator, index), block, size, 8), 0);
}

static size_t handle(enum ration_allocator_level level, void *context) {
  (void)level, (void)context;
  return 0;
}

Test(kit_allocator, refuses_wrong_settings) {
  static const struct ration_allocator_budget no_path = {.share = 0.5}, empty = {.path = ""};
  static const struct ration_allocator_budget both = {.path = "a", .share = 0.5, .bytes = 5};
  static const struct ration_allocator_budget over = {.path = "a", .share = 1.5},
                                              under = {.path = "a", .share = -1};
  static const struct ration_allocator_budget policy = {.path = "a", .policy = 2};
  static const struct ration_allocator_budget twice[] = {{.path = "a"}, {.path = "a"}};
  const struct ration_allocator_settings wrong[] = {
      {.budgets = &no_path, .budget_count = 1},
      {.budgets = &empty, .budget_count = 1},
      {.budgets = &both, .budget_count = 1},
      {.budgets = &over, .budget_count = 1},
      {.budgets = &under, .budget_count = 1},
      {.budgets = &policy, .budget_count = 1},
      {.budgets = twice, .budget_count = 2},
      {.budgets = twice},
      {.reserve = 1},
      {.reserve = -0.5},
      {.reserve = (double)NAN},
      {.total_policy = 2},
      {.levels = {0.6, 0.5, 0.9, 0.95}},
      {.levels = {0.6, 0.8, 0.9, 1.1}},
      {.levels = {0, 0.8, 0.9, 0.95}},
      {.pool_category = RATION_ALLOCATOR_DEFAULTS},
  };
  cr_expect_eq(ration_allocator_init(NULL, NULL), -EINVAL);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(ration_allocator_init(&allocator, &wrong[i]), -EINVAL, "settings %zu", i);
  cr_expect_eq(ration_allocator_init(&allocator, &(struct ration_allocator_settings){.total = SIZE_MAX}),
               -EOVERFLOW);
  static char paths[20][64];
  struct ration_allocator_budget deep[20] = {{0}};
  for (size_t i = 0; i < 20; i++) {
    for (size_t at = 0; at < i * 2 + 1; at++) paths[i][at] = at % 2 ? '/' : 'a';
    deep[i].path = paths[i];
  }
  const struct ration_allocator_settings settings = {.budgets = deep, .budget_count = 20};
  cr_expect_eq(ration_allocator_init(&allocator, &settings), -ENOSPC);
  ration_allocator_done(&allocator);
}

Test(kit_allocator, one_that_is_none_is_told) {
  struct ration_allocator none;
  struct ration_allocator_figures figures;
  const struct ration_pools_choice choice = {.is_shared = 1};
  static const struct ration_pool_type type = RATION_POOL_TYPE(int);
  memset(&none, 0, sizeof none);
  struct ration_allocator *const wrong[] = {NULL, &none};
  for (int i = 0; i < 2; i++) {
    expect_null(ration_allocator_category(wrong[i], 0), EINVAL);
    expect_null(ration_allocator_critical(wrong[i], 0), EINVAL);
    expect_null(ration_allocator_named(wrong[i], "world"), EINVAL);
    expect_null(ration_allocator_take(wrong[i], &type), EINVAL);
    expect_null(ration_allocator_pools(wrong[i]), EINVAL);
    cr_expect_eq(ration_allocator_give(wrong[i], &type, &figures), -EINVAL);
    cr_expect_eq(ration_allocator_set(wrong[i], &type, 0, &choice), -EINVAL);
    cr_expect_eq(ration_allocator_stats(wrong[i], 0, &figures), -EINVAL);
    cr_expect_eq(ration_allocator_handle(wrong[i], handle, NULL, 1, RATION_ALLOCATOR_LOW), -EINVAL);
    cr_expect_eq(ration_allocator_unhandle(wrong[i], handle, NULL), -EINVAL);
    cr_expect_eq(ration_allocator_pressure(wrong[i]), -EINVAL);
    cr_expect_eq(ration_allocator_freed(wrong[i]), 0);
    cr_expect_eq(ration_allocator_is_valid(wrong[i]), 0);
    ration_allocator_done(wrong[i]);
  }
}

Test(kit_allocator, the_default_table) {
  static const struct {
    const char *path;
    double share;
  } expected[] = {{"creatures", 0.4},
                  {"creatures/components", 0},
                  {"creatures/behaviors", 0},
                  {"world", 0.2},
                  {"rendering", 0.2},
                  {"ui", 0.1},
                  {"audio", 0.05},
                  {"temporary", 0}};
  const size_t total = (size_t)4 << 30;
  cr_assert_eq(ration_allocator_init(&allocator, NULL), 0);
  for (size_t i = 0; i < RATION_ALLOCATOR_DEFAULTS; i++) {
    struct ration_allocator_figures figures = figures_of(i);
    cr_expect_str_eq(figures.path, expected[i].path);
    cr_expect_eq(figures.limit,
                 expected[i].share > 0 ? (size_t)(expected[i].share * (double)total) : SIZE_MAX);
    cr_expect_eq(ration_allocator_named(&allocator, expected[i].path),
                 ration_allocator_category(&allocator, i));
  }
  cr_expect_eq(figures_of(RATION_ALLOCATOR_TOTAL).limit, total - (size_t)(0.05 * (double)total));
  struct ration_allocator_figures figures;
  expect_null(ration_allocator_category(&allocator, 8), ENOENT);
  expect_null(ration_allocator_critical(&allocator, 8), ENOENT);
  expect_null(ration_allocator_named(&allocator, "creatures/"), ENOENT);
  expect_null(ration_allocator_named(&allocator, NULL), EINVAL);
  cr_expect_eq(ration_allocator_stats(&allocator, 8, &figures), -ENOENT);
  cr_expect_eq(ration_allocator_stats(&allocator, 0, NULL), -EINVAL);
  cr_expect(ration_allocator_is_valid(&allocator));
  ration_allocator_done(&allocator);
  ration_allocator_done(&allocator);
}

Test(kit_allocator, charges_the_category_those_above_and_the_total) {
  cr_assert_eq(ration_allocator_init(&allocator, NULL), 0);
  char *part = take(RATION_ALLOCATOR_COMPONENTS, 1000), *whole = take(RATION_ALLOCATOR_CREATURES, 100);
  char *none = ration_memory_allocate(&allocator.memory, 10, 1);
  cr_expect_eq(used_of(RATION_ALLOCATOR_COMPONENTS), 1000);
  cr_expect_eq(used_of(RATION_ALLOCATOR_BEHAVIORS), 0);
  cr_expect_eq(used_of(RATION_ALLOCATOR_CREATURES), 1100);
  cr_expect_eq(used_of(RATION_ALLOCATOR_TOTAL), 1110);
  struct ration_memory *memory = ration_allocator_category(&allocator, RATION_ALLOCATOR_COMPONENTS);
  memset(part, 5, 1000);
  part = ration_memory_reallocate(memory, part, 1000, 3000, 8);
  cr_expect_eq(part[999], 5);
  cr_expect_eq(used_of(RATION_ALLOCATOR_CREATURES), 3100);
  part = ration_memory_reallocate(memory, part, 3000, 20, 8);
  cr_expect_eq(part[19], 5);
  struct ration_allocator_figures figures = figures_of(RATION_ALLOCATOR_CREATURES);
  cr_expect_eq(figures.used, 120);
  cr_expect_eq(figures.peak, 3100);
  cr_expect_eq(figures.blocks, 2);
  cr_expect_eq(figures.requests, 2);
  cr_expect_eq(ration_memory_release(memory, part, 21, 8), -EFAULT, "more than was asked for");
  expect_null(ration_memory_reallocate(memory, part, 21, 40, 8), EFAULT);
  give(RATION_ALLOCATOR_COMPONENTS, part, 20);
  give(RATION_ALLOCATOR_CREATURES, whole, 100);
  cr_expect_eq(ration_memory_release(&allocator.memory, none, 10, 1), 0);
  figures = figures_of(RATION_ALLOCATOR_TOTAL);
  cr_expect_eq(figures.used, 0);
  cr_expect_eq(figures.blocks, 0);
  cr_expect_eq(figures.requests, 3);
  cr_expect(ration_allocator_is_valid(&allocator));
  ration_allocator_done(&allocator);
}

static const struct ration_allocator_budget strict[] = {
    {.path = "a", .share = 0.5},
    {.path = "a/b", .bytes = 200},
    {.path = "c", .bytes = 100, .policy = RATION_ALLOCATOR_NOTIFY}};

Test(kit_allocator, refuses_and_notifies) {
  const struct ration_allocator_settings settings = {
      .total = 1000, .reserve = 0.1, .budgets = strict, .budget_count = 3};
  cr_assert_eq(ration_allocator_init(&allocator, &settings), 0);
  void *b = take(1, 200);
  cr_assert_not_null(b);
  expect_null(take(1, 1), ENOMEM);
  void *a = take(0, 300);
  cr_assert_not_null(a);
  expect_null(take(0, 1), ENOMEM);
  give(1, b, 200);
  give(0, a, 300);
  a = take(0, 500);
  expect_null(take(1, 1), ENOMEM);
  cr_expect_eq(figures_of(1).refusals, 1);
  cr_expect_eq(figures_of(0).refusals, 2, "one of its own, one from below");
  cr_expect_eq(used_of(1), 0, "nothing stays charged");
  void *c = take(2, 300);
  cr_assert_not_null(c, "over its budget, which only notifies");
  cr_expect_eq(figures_of(2).breaches, 1);
  expect_null(take(2, 101), ENOMEM);
  void *rest = take(2, 100);
  cr_assert_not_null(rest, "900 of 1000, the rest is reserve");
  expect_null(ration_memory_allocate(&allocator.memory, 1, 1), ENOMEM);
  cr_expect_eq(figures_of(RATION_ALLOCATOR_TOTAL).refusals, 2);
  cr_expect_eq(figures_of(2).breaches, 1);
  struct ration_memory *critical = ration_allocator_critical(&allocator, 0);
  char *last = ration_memory_allocate(critical, 60, 8);
  cr_assert_not_null(last);
  expect_null(ration_memory_reallocate(critical, last, 60, 101, 8), ENOMEM);
  last = ration_memory_reallocate(critical, last, 60, 100, 8);
  cr_assert_not_null(last);
  expect_null(ration_memory_allocate(critical, 1, 8), ENOMEM);
  cr_expect_eq(used_of(RATION_ALLOCATOR_TOTAL), 1000);
  cr_expect(ration_allocator_is_valid(&allocator));
  give(0, last, 100);
  give(2, rest, 100);
  give(2, c, 300);
  give(0, a, 500);
  cr_expect_eq(used_of(RATION_ALLOCATOR_TOTAL), 0);
  cr_expect_eq(figures_of(RATION_ALLOCATOR_TOTAL).peak, 1000);
  ration_allocator_done(&allocator);
}

Test(kit_allocator, a_total_that_notifies_and_no_reserve) {
  const struct ration_allocator_settings settings = {.total = 1000,
                                                     .reserve = RATION_ALLOCATOR_NO_RESERVE,
                                                     .total_policy = RATION_ALLOCATOR_NOTIFY,
                                                     .budgets = strict,
                                                     .budget_count = 3};
  cr_assert_eq(ration_allocator_init(&allocator, &settings), 0);
  void *c = take(2, 1000), *more = take(2, 1000);
  cr_assert(c && more);
  cr_expect_eq(figures_of(RATION_ALLOCATOR_TOTAL).breaches, 1);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_CRITICAL);
  give(2, c, 1000);
  give(2, more, 1000);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_NONE);
  ration_allocator_done(&allocator);
}

/* ---- pressure
   ------------------------------------------------------------------------------------------------ */

struct cache {
  int number;
  void *blocks[10];
  size_t count, frees; /* that it has; that it frees when it is asked */
};
static int calls[100];
static size_t call_count;

static size_t evict(enum ration_allocator_level level, void *context) {
  struct cache *cache = context;
  size_t freed = 0;
  calls[call_count++] = cache->number * 10 + (int)level;
  for (size_t i = 0; i < cache->frees && cache->count; i++, freed += 50)
    give(2, cache->blocks[--cache->count], 50);
  errno = EIO;
  return freed;
}

static const struct ration_allocator_settings by_hundreds = {
    .total = 1000, .reserve = RATION_ALLOCATOR_NO_RESERVE, .budgets = strict, .budget_count = 3};

static void fill(struct cache *cache, size_t count) {
  for (size_t i = 0; i < count; i++) cr_assert_not_null(cache->blocks[cache->count++] = take(2, 50));
}

Test(kit_allocator, handlers_by_priority_until_it_is_enough) {
  static struct cache first = {.number = 1, .frees = 0}, second = {.number = 2, .frees = 3},
                      third = {.number = 3};
  cr_assert_eq(ration_allocator_init(&allocator, &by_hundreds), 0);
  cr_assert_eq(ration_allocator_handle(&allocator, evict, &third, 10, RATION_ALLOCATOR_LOW), 0);
  cr_assert_eq(ration_allocator_handle(&allocator, evict, &second, 5, RATION_ALLOCATOR_LOW), 0);
  cr_assert_eq(ration_allocator_handle(&allocator, evict, &first, 1, RATION_ALLOCATOR_MEDIUM), 0);
  fill(&second, 8);
  void *rest = take(2, 199);
  cr_expect_eq(call_count, 0);
  errno = 0;
  void *one = take(2, 1);
  cr_expect_eq(errno, 0, "a call that succeeds leaves it alone");
  cr_expect_eq(call_count, 1, "the first wants only medium, the third is not needed any more");
  cr_expect_eq(calls[0], 21);
  cr_expect_eq(used_of(RATION_ALLOCATOR_TOTAL), 450);
  cr_expect_eq(ration_allocator_freed(&allocator), 150);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_NONE);
  second.frees = 0;
  void *large = take(2, 350);
  cr_expect_eq(call_count, 4);
  cr_expect(calls[1] == 12 && calls[2] == 22 && calls[3] == 32);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_MEDIUM);
  void *next = take(2, 1);
  cr_expect_eq(call_count, 4, "the level was reached already");
  cr_expect_eq(ration_allocator_unhandle(&allocator, evict, &third), 0);
  cr_expect_eq(ration_allocator_unhandle(&allocator, evict, &third), -ENOENT);
  void *high = take(2, 149);
  cr_expect_eq(call_count, 6);
  cr_expect(calls[4] == 14 && calls[5] == 24, "one call, of the level that was reached");
  give(2, high, 149);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_MEDIUM);
  give(2, next, 1);
  give(2, one, 1);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_MEDIUM, "not over before 1/64 less");
  give(2, large, 350);
  give(2, rest, 199);
  while (second.count) give(2, second.blocks[--second.count], 50);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_NONE);
  cr_expect(ration_allocator_is_valid(&allocator));
  ration_allocator_done(&allocator);
}

Test(kit_allocator, a_refusal_asks_handlers_and_tries_again) {
  static struct cache cache = {.number = 1, .frees = 0};
  cr_assert_eq(ration_allocator_init(&allocator, &by_hundreds), 0);
  fill(&cache, 10);
  void *rest = take(2, 480);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_CRITICAL);
  cr_assert_eq(ration_allocator_handle(&allocator, evict, &cache, 1, RATION_ALLOCATOR_CRITICAL), 0);
  expect_null(take(2, 100), ENOMEM);
  cr_expect_eq(call_count, 1);
  cache.frees = 2;
  void *block = take(2, 100);
  cr_expect_not_null(block);
  cr_expect_eq(call_count, 3, "for the refusal; and since the level had ended, and was reached anew");
  cr_expect_eq(used_of(RATION_ALLOCATOR_TOTAL), 880);
  cr_expect_eq(figures_of(RATION_ALLOCATOR_TOTAL).refusals, 1);
  give(2, block, 100);
  give(2, rest, 480);
  while (cache.count) give(2, cache.blocks[--cache.count], 50);
  ration_allocator_done(&allocator);
}

Test(kit_allocator, a_level_near_nothing_ends_at_nothing) {
  const struct ration_allocator_settings settings = {.total = 100000, .levels = {0.001, 0.01, 0.5, 0.9}};
  cr_assert_eq(ration_allocator_init(&allocator, &settings), 0);
  void *some = take(RATION_ALLOCATOR_WORLD, 90), *more = take(RATION_ALLOCATOR_WORLD, 910);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_MEDIUM);
  give(RATION_ALLOCATOR_WORLD, more, 910);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_MEDIUM,
               "1,562 below it is below nothing");
  give(RATION_ALLOCATOR_WORLD, some, 90);
  cr_expect_eq(ration_allocator_pressure(&allocator), RATION_ALLOCATOR_NONE);
  ration_allocator_done(&allocator);
}

static void *hoard[8];
static size_t hoarded;

static size_t take_more(enum ration_allocator_level level, void *context) {
  (void)context;
  calls[call_count++] = (int)level;
  if (hoarded < 8) hoard[hoarded++] = take(2, 250);
  return 0;
}

Test(kit_allocator, a_handler_is_not_called_by_itself) {
  cr_assert_eq(ration_allocator_init(&allocator, &by_hundreds), 0);
  cr_assert_eq(ration_allocator_handle(&allocator, take_more, NULL, 1, RATION_ALLOCATOR_LOW), 0);
  void *block = take(2, 600);
  cr_expect_eq(call_count, 2, "after the first call, 850 are in use");
  cr_expect(calls[0] == RATION_ALLOCATOR_LOW && calls[1] == RATION_ALLOCATOR_MEDIUM);
  cr_expect_eq(hoarded, 2);
  cr_expect_null(hoard[1], "refused, and not asked again");
  give(2, block, 600);
  give(2, hoard[0], 250);
  ration_allocator_done(&allocator);
}

static size_t take_next_away(enum ration_allocator_level level, void *context) {
  calls[call_count++] = (int)level;
  cr_expect_eq(ration_allocator_unhandle(&allocator, take_more, context), 0);
  return 0;
}

Test(kit_allocator, a_handler_that_another_took_away_is_not_called) {
  cr_assert_eq(ration_allocator_init(&allocator, &by_hundreds), 0);
  cr_assert_eq(ration_allocator_handle(&allocator, take_next_away, &hoarded, 1, RATION_ALLOCATOR_LOW), 0);
  cr_assert_eq(ration_allocator_handle(&allocator, take_more, &hoarded, 2, RATION_ALLOCATOR_LOW), 0);
  void *block = take(2, 600);
  cr_expect_eq(call_count, 1);
  cr_expect_eq(hoarded, 0, "its context may be no more");
  give(2, block, 600);
  ration_allocator_done(&allocator);
}

Test(kit_allocator, handlers_are_limited_and_checked) {
  cr_assert_eq(ration_allocator_init(&allocator, NULL), 0);
  cr_expect_eq(ration_allocator_handle(&allocator, NULL, NULL, 1, RATION_ALLOCATOR_LOW), -EINVAL);
  cr_expect_eq(ration_allocator_handle(&allocator, handle, NULL, 1, RATION_ALLOCATOR_NONE), -EINVAL);
  cr_expect_eq(ration_allocator_handle(&allocator, handle, NULL, 1, (enum ration_allocator_level)5), -EINVAL);
  cr_expect_eq(ration_allocator_unhandle(&allocator, NULL, NULL), -EINVAL);
  for (uint32_t i = 0; i < RATION_ALLOCATOR_HANDLERS; i++)
    cr_expect_eq(ration_allocator_handle(&allocator, handle, NULL, i, RATION_ALLOCATOR_LOW), 0);
  cr_expect_eq(ration_allocator_handle(&allocator, handle, NULL, 1, RATION_ALLOCATOR_LOW), -ENOSPC);
  cr_expect_eq(ration_allocator_unhandle(&allocator, handle, &allocator), -ENOENT);
  cr_expect_eq(ration_allocator_unhandle(&allocator, handle, NULL), 0);
  cr_expect_eq(ration_allocator_handle(&allocator, handle, NULL, 1, RATION_ALLOCATOR_LOW), 0);
  ration_allocator_done(&allocator);
}

/* ---- pools
   --------------------------------------------------------------------------------------------------- */

struct creature {
  char bytes[100];
};
static const struct ration_pool_type creature_type = RATION_POOL_TYPE(struct creature);
static const struct ration_pool_type tile_type = RATION_POOL_TYPE(struct creature);

Test(kit_allocator, pools_are_charged_by_their_blocks) {
  const struct ration_allocator_settings settings = {.total = 1 << 20};
  const struct ration_pools_choice choice = {.pool = {.maximum_capacity = 64}};
  cr_assert_eq(ration_allocator_init(&allocator, &settings), 0);
  cr_assert_eq(ration_allocator_set(&allocator, &tile_type, RATION_ALLOCATOR_WORLD, &choice), 0);
  cr_expect_eq(ration_allocator_set(&allocator, &tile_type, 8, &choice), -ENOENT);
  cr_expect_eq(ration_allocator_set(&allocator, NULL, 0, &choice), -EINVAL);
  cr_expect_eq(ration_allocator_set(&allocator, &tile_type, 0, NULL), -EINVAL);
  void *tile = ration_allocator_take(&allocator, &tile_type);
  cr_assert_not_null(tile);
  cr_expect_geq(used_of(RATION_ALLOCATOR_WORLD), 6400);
  cr_expect_eq(used_of(RATION_ALLOCATOR_CREATURES), 0);
  cr_expect_eq(ration_allocator_set(&allocator, &tile_type, 0, &choice), -EBUSY);
  size_t count = 0;
  static void *taken[10000];
  while (count < 10000 && (taken[count] = ration_allocator_take(&allocator, &creature_type))) count++;
  cr_expect_eq(errno, ENOMEM);
  cr_expect_eq(count, 4096, "40 %% of 1 MiB, by blocks of 1024: %zu", count);
  struct ration_allocator_figures figures = figures_of(RATION_ALLOCATOR_CREATURES);
  struct ration_pool_counts counts;
  cr_assert_eq(ration_pools_stats(ration_allocator_pools(&allocator), &creature_type, &counts), 0);
  cr_expect_eq(counts.bytes, figures.used);
  cr_expect_gt(figures.refusals, 0);
  cr_expect_eq(ration_allocator_give(&allocator, &creature_type, taken[5]), 0);
  cr_expect_eq(ration_allocator_give(&allocator, &creature_type, taken[5]), -EALREADY);
  cr_expect_eq(ration_allocator_give(&allocator, &tile_type, taken[6]), -EFAULT);
  cr_expect_eq(ration_pools_clear(ration_allocator_pools(&allocator)), 0);
  cr_expect_eq(ration_pools_shrink_to_fit(ration_allocator_pools(&allocator)), 0);
  cr_expect_lt(used_of(RATION_ALLOCATOR_TOTAL), 20000);
  cr_expect(ration_allocator_is_valid(&allocator));
  ration_allocator_done(&allocator);
}

static void *herd[20000];
static size_t herd_count;

static size_t thin_out(enum ration_allocator_level level, void *context) {
  size_t before = used_of(RATION_ALLOCATOR_TOTAL);
  (void)context;
  calls[call_count++] = (int)level;
  while (herd_count) cr_assert_eq(ration_allocator_give(&allocator, &creature_type, herd[--herd_count]), 0);
  cr_assert_not_null(herd[herd_count++] = ration_allocator_take(&allocator, &creature_type));
  ration_pools_shrink_to_fit(ration_allocator_pools(&allocator));
  return before - used_of(RATION_ALLOCATOR_TOTAL);
}

/* The pool whose growth makes the pressure is the one that the handler gives to. */
static void thin_out_under_pressure(int are_pools_plain) {
  static const struct ration_allocator_budget all = {.path = "all"};
  const struct ration_allocator_settings settings = {
      .total = 1000000, .budgets = &all, .budget_count = 1, .are_pools_plain = are_pools_plain};
  cr_assert_eq(ration_allocator_init(&allocator, &settings), 0);
  cr_assert_eq(ration_allocator_handle(&allocator, thin_out, NULL, 1, RATION_ALLOCATOR_LOW), 0);
  herd_count = call_count = 0;
  for (int i = 0; i < 20000; i++) {
    void *creature = ration_allocator_take(&allocator, &creature_type);
    cr_assert_not_null(creature);
    herd[herd_count++] = creature;
  }
  cr_expect_gt(call_count, 1);
  cr_expect(ration_allocator_is_valid(&allocator));
  cr_expect_gt(ration_allocator_freed(&allocator), 0);
  ration_allocator_done(&allocator);
}

Test(kit_allocator, handlers_may_give_to_the_pool_that_grows) {
  thin_out_under_pressure(1);
  thin_out_under_pressure(0);
}

Test(kit_allocator, survives_each_failure_of_memory) {
  for (size_t left = 0;; left++) {
    struct failing_memory memory;
    failing_memory_init(&memory, left);
    const struct ration_allocator_settings settings = {.memory = &memory.memory};
    void *block = NULL, *object = NULL;
    if (ration_allocator_init(&allocator, &settings) == 0) {
      block = take(RATION_ALLOCATOR_UI, 100);
      cr_assert_eq(used_of(RATION_ALLOCATOR_UI), block ? 100 : 0);
      object = block ? ration_allocator_take(&allocator, &creature_type) : NULL;
      cr_assert(ration_allocator_is_valid(&allocator));
      if (block) give(RATION_ALLOCATOR_UI, block, 100);
    }
    ration_allocator_done(&allocator);
    cr_assert_eq(memory.blocks, 0);
    if (object) break;
    cr_assert_lt(left, 100);
  }
}

/* Against plain sums, for a tree of budgets that refuse and notify. */
Test(kit_allocator, at_random) {
  static const struct ration_allocator_budget budgets[] = {
      {.path = "a", .bytes = 50000},
      {.path = "a/b", .bytes = 20000},
      {.path = "a/b/c"},
      {.path = "a/d", .bytes = 9000, .policy = RATION_ALLOCATOR_NOTIFY},
      {.path = "e", .share = 0.3}};
  static const int parents[] = {5, 0, 1, 0, 5, -1};
  const struct ration_allocator_settings settings = {
      .total = 80000, .reserve = 0.1, .budgets = budgets, .budget_count = 5};
  static struct {
    void *block;
    size_t size, category;
  } live[500];
  size_t limits[6] = {50000, 20000, SIZE_MAX, SIZE_MAX, 24000, 72000}, used[6] = {0}, peak[6] = {0},
         count = 0, refusals = 0;
  struct random random = {.seed = 11};
  cr_assert_eq(ration_allocator_init(&allocator, &settings), 0);
  for (int step = 0; step < 20000; step++) {
    if (count < 500 && random_below(&random, 9) < 5) {
      size_t size = random_size(&random, 3000) + 1, category = random_below(&random, 5);
      size_t extra = random_below(&random, 4) ? 0 : 8000;
      int has_room = 1;
      for (int at = (int)category; at >= 0; at = parents[at])
        has_room = has_room && (limits[at] == SIZE_MAX || used[at] + size <= limits[at] + extra);
      struct ration_memory *memory = extra ? ration_allocator_critical(&allocator, category)
                                           : ration_allocator_category(&allocator, category);
      void *block = ration_memory_allocate(memory, size, 16);
      cr_assert_eq(block != NULL, has_room);
      refusals += !block;
      if (!block) continue;
      for (int at = (int)category; at >= 0; at = parents[at])
        if ((used[at] += size) > peak[at]) peak[at] = used[at];
      live[count].block = block;
      live[count].size = size;
      live[count++].category = category;
    } else if (count) {
      size_t which = random_below(&random, count);
      for (int at = (int)live[which].category; at >= 0; at = parents[at]) used[at] -= live[which].size;
      cr_assert_eq(ration_memory_release(ration_allocator_category(&allocator, live[which].category),
                                         live[which].block, live[which].size, 16),
                   0);
      live[which] = live[--count];
    }
    for (size_t i = 0; i < 6; i++) {
      struct ration_allocator_figures figures = figures_of(i == 5 ? RATION_ALLOCATOR_TOTAL : i);
      cr_assert(figures.used == used[i] && figures.peak == peak[i]);
    }
    cr_assert(ration_allocator_is_valid(&allocator));
  }
  cr_expect_gt(refusals, 100);
  cr_expect_eq(figures_of(RATION_ALLOCATOR_TOTAL).blocks, count);
  while (count--) give(live[count].category, live[count].block, live[count].size);
  ration_allocator_done(&allocator);
}

/* ---- threads
   ------------------------------------------------------------------------------------------------- */

static size_t failures, relieved;

static size_t count_relief(enum ration_allocator_level level, void *context) {
  static int inside;
  (void)level, (void)context;
  if (inside++) __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED); /* no two at once */
  relieved++;
  inside--;
  return 0;
}

static void *allocate_much(void *argument) {
  struct random random = {.seed = (uintptr_t)argument};
  void *blocks[32] = {0};
  size_t sizes[32] = {0}, categories[32] = {0};
  for (int step = 0; step < 3000; step++) {
    size_t place = random_below(&random, 32);
    if (blocks[place]) {
      give(categories[place], blocks[place], sizes[place]);
      blocks[place] = NULL;
    } else {
      categories[place] = random_below(&random, RATION_ALLOCATOR_DEFAULTS);
      sizes[place] = random_size(&random, 2000) + 1;
      blocks[place] = take(categories[place], sizes[place]);
    }
    void *object = ration_allocator_take(&allocator, &creature_type);
    if (object && ration_allocator_give(&allocator, &creature_type, object))
      __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
    if (used_of(RATION_ALLOCATOR_UI) > 40000) __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
  }
  for (size_t i = 0; i < 32; i++)
    if (blocks[i]) give(categories[i], blocks[i], sizes[i]);
  return NULL;
}

Test(kit_allocator, threads_share_the_books) {
  pthread_t threads[8];
  const struct ration_allocator_settings settings = {.total = 400000, .levels = {0.2, 0.28, 0.3, 0.32}};
  cr_assert_eq(ration_allocator_init(&allocator, &settings), 0);
  cr_assert_eq(ration_allocator_handle(&allocator, count_relief, NULL, 1, RATION_ALLOCATOR_LOW), 0);
  for (uintptr_t i = 0; i < 8; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, allocate_much, (void *)(i + 1)), 0);
  for (int i = 0; i < 200; i++) {
    cr_assert_eq(ration_allocator_handle(&allocator, handle, NULL, 1, RATION_ALLOCATOR_LOW), 0);
    cr_assert_eq(ration_allocator_unhandle(&allocator, handle, NULL), 0);
  }
  for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
  cr_expect_eq(failures, 0, "%zu", failures);
  cr_expect_gt(relieved, 0);
  struct ration_pool_counts counts;
  cr_assert_eq(ration_pools_total(ration_allocator_pools(&allocator), &counts), 0);
  cr_expect_eq(used_of(RATION_ALLOCATOR_TOTAL), counts.bytes);
  cr_expect_eq(counts.used, 0);
  cr_expect(ration_allocator_is_valid(&allocator));
  ration_allocator_done(&allocator);
}
