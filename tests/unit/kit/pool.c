/*
 * pool.c: tests of ration/kit/pool.h.
 */
#include <ration/kit/pool.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

struct thing {
  uint64_t words[3];
};

static const struct ration_pool_type thing_type = RATION_POOL_TYPE(struct thing);

static void expect_null(void *object, int error) {
  cr_expect_null(object);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

static struct ration_pool_counts stats_of(const struct ration_pool *pool) {
  struct ration_pool_counts statistics = {0};
  cr_assert_eq(ration_pool_stats(pool, &statistics), 0);
  return statistics;
}

Test(kit_pool, refuses_wrong_settings) {
  struct ration_pool pool;
  struct ration_pool_type type = thing_type;
  cr_expect_eq(ration_pool_init(NULL, &type, NULL), -EINVAL);
  cr_expect_eq(ration_pool_init(&pool, NULL, NULL), -EINVAL);
  type.size = 0;
  cr_expect_eq(ration_pool_init(&pool, &type, NULL), -EINVAL);
  type = thing_type;
  type.alignment = 3;
  cr_expect_eq(ration_pool_init(&pool, &type, NULL), -EINVAL);
  type = thing_type;
  const struct ration_pool_settings wrong[] = {
      {.initial_capacity = 65, .maximum_capacity = 64},
      {.growth_factor = -1},
      {.growth_factor = (double)NAN},
      {.growth_factor = (double)INFINITY},
      {.shrink_threshold = 1.5},
      {.shrink_threshold = -0.5},
      {.shrink_threshold = (double)NAN},
      {.alignment = 4},
      {.alignment = 24},
      {.alignment = RATION_ALIGNMENT_MOST * 2},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(ration_pool_init(&pool, &type, &wrong[i]), -EINVAL, "settings %zu", i);
  const struct ration_pool_settings large[] = {{.initial_capacity = SIZE_MAX / 8},
                                               {.maximum_capacity = SIZE_MAX / 8}};
  for (size_t i = 0; i < 2; i++) cr_expect_eq(ration_pool_init(&pool, &type, &large[i]), -EOVERFLOW);
  type.size = SIZE_MAX;
  cr_expect_eq(ration_pool_init(&pool, &type, NULL), -EOVERFLOW);
  type.size = RATION_BYTES_MOST;
  cr_expect_eq(ration_pool_init(&pool, &type, NULL), -EOVERFLOW, "not even one");
  ration_pool_done(&pool);
}

Test(kit_pool, one_that_is_none_is_told) {
  struct ration_pool pool = {0};
  struct thing thing;
  struct ration_pool_counts statistics;
  struct ration_pool *const none[] = {NULL, &pool};
  for (int i = 0; i < 2; i++) {
    expect_null(ration_pool_take(none[i]), EINVAL);
    expect_null(ration_pool_take_any(none[i]), EINVAL);
    cr_expect_eq(ration_pool_give(none[i], &thing), -EINVAL);
    cr_expect_eq(ration_pool_clear(none[i]), -EINVAL);
    cr_expect_eq(ration_pool_shrink_to_fit(none[i]), -EINVAL);
    cr_expect_eq(ration_pool_has(none[i], &thing), 0);
    cr_expect_eq(ration_pool_is_valid(none[i]), 0);
    cr_expect_eq(ration_pool_watch(none[i], NULL, NULL), -EINVAL);
    ration_pool_publish(none[i]);
    ration_pool_done(none[i]);
    ration_pool_done(none[i]);
  }
  cr_expect_eq(ration_pool_stats(NULL, &statistics), -EINVAL);
  cr_expect_eq(ration_pool_stats(&pool, NULL), -EINVAL);
  cr_expect_null(ration_pool_memory(NULL));
}

Test(kit_pool, objects_are_zero_aligned_and_apart) {
  static const size_t sizes[] = {1, 7, 8, 15, 16, 17, 24, 33, 48, 64, 65, 200, 4096};
  static struct ration_pool_type type;
  static unsigned char *objects[200];
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    for (size_t alignment = 1; alignment <= 4096; alignment *= 8) {
      struct ration_pool pool;
      type = (struct ration_pool_type){"bytes", sizes[s], 1, NULL, NULL};
      cr_assert_eq(ration_pool_init(&pool, &type, &(struct ration_pool_settings){.alignment = alignment}), 0);
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
          objects[i] = ration_pool_take(&pool);
          cr_assert_not_null(objects[i]);
          cr_assert_eq((uintptr_t)objects[i] % alignment, 0);
          for (size_t b = 0; b < sizes[s]; b++) cr_assert_eq(objects[i][b], 0);
          memset(objects[i], i, sizes[s]);
        }
        for (int i = 0; i < 200; i++) {
          for (size_t b = 0; b < sizes[s]; b += sizes[s] - (sizes[s] > 1))
            cr_assert_eq(objects[i][b], i % 256);
          cr_assert_eq(ration_pool_give(&pool, objects[i]), 0);
        }
      }
      cr_assert(ration_pool_is_valid(&pool));
      ration_pool_done(&pool);
    }
  }
}

Test(kit_pool, tells_double_and_foreign_gives) {
  static const struct ration_pool_settings settings = {.initial_capacity = 1024, .alignment = 32};
  struct ration_pool pool, other;
  cr_assert_eq(ration_pool_init(&pool, &thing_type, &settings), 0);
  cr_assert_eq(ration_pool_init(&other, &thing_type, &settings), 0);
  char *a = ration_pool_take(&pool), *b = ration_pool_take(&pool), *c = ration_pool_take(&other);
  struct thing local;
  cr_expect_eq(ration_pool_give(&pool, NULL), -EINVAL);
  cr_expect_eq(ration_pool_give(&pool, &local), -EFAULT);
  cr_expect_eq(ration_pool_give(&pool, c), -EFAULT);
  for (int offset = 1; offset < 32; offset++) cr_expect_eq(ration_pool_give(&pool, a + offset), -EFAULT);
  cr_expect_eq(ration_pool_give(&pool, (void *)16), -EFAULT, "an address that nobody has");
  cr_expect_eq(ration_pool_give(&pool, (void *)(UINTPTR_MAX - 15)), -EFAULT);
  cr_expect_eq(ration_pool_give(&pool, b + 32), -EALREADY, "never taken");
  cr_expect(ration_pool_has(&pool, a) && ration_pool_has(&pool, b) && !ration_pool_has(&pool, c));
  cr_expect_eq(ration_pool_give(&pool, a), 0);
  cr_expect_eq(ration_pool_give(&pool, a), -EALREADY);
  cr_expect_eq(ration_pool_give(&pool, b), 0);
  cr_expect_eq(ration_pool_give(&pool, b), -EALREADY);
  cr_expect(!ration_pool_has(&pool, a) && !ration_pool_has(&pool, b) && !ration_pool_has(&pool, NULL));
  cr_expect_eq(stats_of(&pool).used, 0);
  cr_expect(ration_pool_is_valid(&pool));
  ration_pool_done(&pool);
  ration_pool_done(&other);
}

Test(kit_pool, grows_by_the_rules_up_to_the_maximum) {
  static const struct {
    size_t initial, maximum;
    double factor;
    size_t first, second, third;
  } cases[] = {
      {0, 0, 0, 0, 1024, 2048},
      {1, 0, 0, 64, 1088, 2176},
      {100, 100, 0, 100, 100, 100},
      {10, 100, 0, 64, 100, 100},
      {2000, 0, 0.5, 2048, 3072, 4608},
      {2048, 0, 0.1, 2048, 3072, 4096},
      {2000, 4100, 2.0, 2048, 4100, 4100},
      {4096, 0, 1e18, 4096, 0, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct ration_pool pool;
    const struct ration_pool_settings settings = {.initial_capacity = cases[i].initial,
                                                  .maximum_capacity = cases[i].maximum,
                                                  .growth_factor = cases[i].factor};
    cr_assert_eq(ration_pool_init(&pool, &thing_type, &settings), 0);
    const size_t expected[] = {cases[i].first, cases[i].second, cases[i].third};
    for (int stage = 0; stage < 3 && (!stage || expected[stage]); stage++) {
      struct ration_pool_counts before = stats_of(&pool);
      cr_expect_eq(before.capacity, expected[stage], "case %zu stage %d: %zu", i, stage, before.capacity);
      while (stats_of(&pool).used < before.capacity) cr_assert_not_null(ration_pool_take(&pool));
      if (cases[i].maximum && before.capacity == cases[i].maximum)
        expect_null(ration_pool_take(&pool), ENOSPC);
      else if (stage < 2 && expected[stage + 1])
        cr_assert_not_null(ration_pool_take(&pool));
    }
    cr_expect(ration_pool_is_valid(&pool));
    ration_pool_done(&pool);
  }
}

static struct thing *things[20000];

static void take_all(struct ration_pool *pool, size_t from, size_t to) {
  for (size_t i = from; i < to; i++) cr_assert_not_null(things[i] = ration_pool_take(pool));
}

static void give_all(struct ration_pool *pool, size_t from, size_t to) {
  for (size_t i = from; i < to; i++) cr_assert_eq(ration_pool_give(pool, things[i]), 0);
}

Test(kit_pool, shrinks_when_it_should_and_not_each_time) {
  struct ration_pool pool;
  cr_assert_eq(ration_pool_init(&pool, &thing_type, &(struct ration_pool_settings){.initial_capacity = 1000}),
               0);
  take_all(&pool, 0, 16384);
  cr_expect_eq(stats_of(&pool).capacity, 16384);
  give_all(&pool, 4096, 16384);
  cr_expect_eq(stats_of(&pool).shrinks, 0, "use is at the threshold, not under it");
  give_all(&pool, 4000, 4096);
  struct ration_pool_counts shrunk = stats_of(&pool);
  cr_expect_eq(shrunk.shrinks, 1);
  cr_expect_eq(shrunk.capacity, 8192, "%zu", shrunk.capacity);
  give_all(&pool, 0, 4000);
  for (int swing = 0; swing < 5; swing++) {
    take_all(&pool, 0, 8192);
    give_all(&pool, 0, 8192);
  }
  cr_expect_eq(stats_of(&pool).shrinks, 1, "not again before it has grown");
  cr_expect_eq(stats_of(&pool).grows, shrunk.grows);
  take_all(&pool, 0, 8193);
  give_all(&pool, 0, 8193);
  cr_expect_eq(stats_of(&pool).shrinks, 2);
  cr_expect_geq(stats_of(&pool).capacity, 1024);
  cr_expect(ration_pool_is_valid(&pool));
  ration_pool_done(&pool);
}

Test(kit_pool, keeps_its_initial_capacity_and_all_where_told) {
  struct ration_pool pool;
  struct ration_pool_settings settings = {.initial_capacity = 4096};
  cr_assert_eq(ration_pool_init(&pool, &thing_type, &settings), 0);
  take_all(&pool, 0, 10000);
  give_all(&pool, 0, 10000);
  cr_expect_eq(stats_of(&pool).capacity, 4096 + 4096 * (stats_of(&pool).capacity > 4096));
  cr_expect_eq(stats_of(&pool).shrinks, 1);
  cr_expect_eq(ration_pool_shrink_to_fit(&pool), 0);
  cr_expect_eq(stats_of(&pool).capacity, 0);
  take_all(&pool, 0, 10);
  ration_pool_done(&pool);
  settings.shrink_threshold = RATION_POOL_NEVER;
  cr_assert_eq(ration_pool_init(&pool, &thing_type, &settings), 0);
  take_all(&pool, 0, 10000);
  give_all(&pool, 0, 10000);
  cr_expect_eq(stats_of(&pool).capacity, 16384);
  cr_expect_eq(stats_of(&pool).shrinks, 0);
  ration_pool_done(&pool);
}

Test(kit_pool, takes_from_the_oldest_block_first) {
  struct ration_pool pool;
  cr_assert_eq(ration_pool_init(&pool, &thing_type, &(struct ration_pool_settings){.shrink_threshold = -1}),
               0);
  take_all(&pool, 0, 4096);
  for (size_t i = 0; i < 4096; i += 2) cr_assert_eq(ration_pool_give(&pool, things[i]), 0);
  for (size_t i = 0; i < 33; i++)
    cr_assert_not_null(ration_pool_take(&pool)); /* the one held back, the last word's */
  for (size_t i = 0; i < 500; i++) {
    uintptr_t object = (uintptr_t)ration_pool_take(&pool);
    cr_expect_lt(object - (uintptr_t)things[0], 1024 * sizeof(struct thing));
  }
  ration_pool_done(&pool);
}

Test(kit_pool, counts) {
  struct ration_pool pool;
  struct failing_memory memory;
  failing_memory_init(&memory, 1000);
  cr_assert_eq(ration_pool_init(&pool, &thing_type, &(struct ration_pool_settings){.memory = &memory.memory}),
               0);
  take_all(&pool, 0, 3000);
  give_all(&pool, 0, 1000);
  take_all(&pool, 0, 10);
  struct ration_pool_counts statistics = stats_of(&pool);
  cr_expect_eq(statistics.used, 2010);
  cr_expect_eq(statistics.capacity, 4096);
  cr_expect_eq(statistics.peak, 3000);
  cr_expect_eq(statistics.takes, 3010);
  cr_expect_eq(statistics.hits, 3007);
  cr_expect_eq(statistics.grows, 3);
  cr_expect_eq(statistics.bytes, memory.bytes);
  cr_expect_eq(ration_pool_clear(&pool), 0);
  statistics = stats_of(&pool);
  cr_expect_eq(statistics.used, 0);
  cr_expect_eq(statistics.capacity, 4096);
  cr_expect(ration_pool_is_valid(&pool));
  take_all(&pool, 0, 4096);
  cr_expect_eq(stats_of(&pool).grows, 3);
  ration_pool_done(&pool);
  cr_expect_eq(memory.blocks, 0);
  cr_expect_eq(memory.bytes, 0);
}

/* A tree whose nodes take and give each other. */
struct node {
  struct node *child;
  int resets;
};
static struct ration_pool nodes;
static size_t inits, resets;

static void node_init(void *object, void *context) {
  struct node *node = object;
  cr_assert_eq(context, &nodes);
  *node = (struct node){NULL, 7};
  if (++inits % 3) node->child = ration_pool_take(&nodes);
}

static void node_reset(void *object, void *context) {
  struct node *node = object;
  cr_assert_eq(context, &nodes);
  cr_assert_eq(node->resets, 7);
  resets++;
  if (node->child) cr_assert_eq(ration_pool_give(&nodes, node->child), 0);
}

static const struct ration_pool_type node_type = {"node", sizeof(struct node), __alignof__(struct node),
                                                  node_init, node_reset};

Test(kit_pool, init_and_reset_may_use_the_pool) {
  cr_assert_eq(ration_pool_init(&nodes, &node_type, &(struct ration_pool_settings){.context = &nodes}), 0);
  static struct node *roots[3000];
  for (int i = 0; i < 3000; i++) cr_assert_not_null(roots[i] = ration_pool_take(&nodes));
  cr_expect_eq(stats_of(&nodes).used, 9000);
  for (int i = 0; i < 1000; i++) cr_assert_eq(ration_pool_give(&nodes, roots[i]), 0);
  cr_expect_eq(ration_pool_give(&nodes, roots[0]), -EALREADY);
  cr_expect_eq(stats_of(&nodes).used, 6000);
  cr_expect_eq(resets, 3000);
  for (int i = 1000; i < 3000; i++) roots[i]->child->child->child = NULL;
  cr_expect_eq(ration_pool_clear(&nodes), 0);
  cr_expect_eq(resets, 9000);
  cr_expect_eq(stats_of(&nodes).used, 0);
  cr_expect(ration_pool_is_valid(&nodes));
  ration_pool_done(&nodes);
}

static struct ration_pool hoard;

static void hoard_reset(void *object, void *context) {
  (void)object, (void)context;
  resets++;
  for (int i = 0; i < 2; i++) cr_assert_not_null(ration_pool_take(&hoard));
}

Test(kit_pool, clear_ends_also_where_reset_takes_more_than_it_gives) {
  static const struct ration_pool_type type = {"hoard", 64, 8, NULL, hoard_reset};
  cr_assert_eq(ration_pool_init(&hoard, &type, NULL), 0);
  for (int i = 0; i < 100; i++) cr_assert_not_null(ration_pool_take(&hoard));
  cr_expect_eq(ration_pool_clear(&hoard), 0);
  cr_expect_eq(resets, 100, "%d", (int)resets);
  cr_expect_eq(stats_of(&hoard).used, 0);
  cr_expect_eq(stats_of(&hoard).capacity, 1024);
  cr_expect(ration_pool_is_valid(&hoard));
  cr_expect_eq(ration_pool_clear(&hoard), 0);
  cr_expect_eq(resets, 100);
  ration_pool_done(&hoard);
}

static void pair_reset(void *object, void *context) {
  struct node *node = object;
  cr_expect_eq(ration_pool_has(&nodes, object), 0);
  resets++;
  (void)context;
  cr_expect_eq(ration_pool_clear(&nodes), -EBUSY);
  cr_expect_eq(ration_pool_shrink_to_fit(&nodes), -EBUSY);
  ration_pool_give(&nodes, node->child);
}

Test(kit_pool, objects_that_refer_to_each_other_are_given_once) {
  static const struct ration_pool_type type = {"pair", sizeof(struct node), __alignof__(struct node), NULL,
                                               pair_reset};
  cr_assert_eq(ration_pool_init(&nodes, &type, NULL), 0);
  struct node *a = ration_pool_take(&nodes), *b = ration_pool_take(&nodes), *c = ration_pool_take(&nodes);
  a->child = b;
  b->child = c;
  c->child = a;
  cr_expect_eq(ration_pool_give(&nodes, b), 0);
  cr_expect_eq(resets, 3);
  cr_expect_eq(stats_of(&nodes).used, 0);
  cr_expect_eq(ration_pool_give(&nodes, a), -EALREADY);
  cr_expect(ration_pool_is_valid(&nodes));
  ration_pool_done(&nodes);
}

Test(kit_pool, is_a_memory) {
  struct ration_pool pool;
  cr_assert_eq(ration_pool_init(&pool, &thing_type, &(struct ration_pool_settings){.maximum_capacity = 2}),
               0);
  struct ration_memory *memory = ration_pool_memory(&pool);
  expect_null(ration_memory_allocate(memory, sizeof(struct thing) + 1, 8), ENOSPC);
  expect_null(ration_memory_allocate(memory, 8, 16), EINVAL);
  char *block = ration_memory_allocate(memory, 5, 1);
  cr_assert_not_null(block);
  cr_expect_eq(ration_memory_reallocate(memory, block, 5, 24, 8), block);
  expect_null(ration_memory_reallocate(memory, block, 5, 25, 8), ENOSPC);
  expect_null(ration_memory_reallocate(memory, block, 5, 24, 16), EINVAL);
  expect_null(ration_memory_reallocate(memory, block + 1, 5, 24, 8), EFAULT);
  cr_assert_not_null(ration_memory_allocate(memory, 24, 8));
  expect_null(ration_memory_allocate(memory, 5, 1), ENOSPC);
  cr_expect_eq(ration_memory_release(memory, block + 1, 5, 1), -EFAULT);
  cr_expect_eq(ration_memory_release(memory, block, 5, 1), 0);
  cr_expect_eq(ration_memory_release(memory, block, 5, 1), -EALREADY);
  ration_pool_done(&pool);
}

Test(kit_pool, survives_each_failure_of_memory) {
  for (size_t left = 0;; left++) {
    struct ration_pool pool;
    struct failing_memory memory;
    failing_memory_init(&memory, left);
    const struct ration_pool_settings settings = {.initial_capacity = 64, .memory = &memory.memory};
    size_t taken = 0;
    if (ration_pool_init(&pool, &thing_type, &settings) == 0) {
      while (taken < 10000 && (things[taken] = ration_pool_take(&pool))) taken++;
      if (taken < 10000) cr_assert_eq(errno, ENOMEM);
      cr_assert(ration_pool_is_valid(&pool));
      cr_assert_eq(stats_of(&pool).used, taken);
      give_all(&pool, 0, taken);
    }
    ration_pool_done(&pool);
    cr_assert_eq(memory.blocks, 0);
    if (taken == 10000) break;
    cr_assert_lt(left, 100);
  }
}

Test(kit_pool, grows_by_less_where_memory_is_short) {
  struct ration_pool pool, bytes;
  static const struct ration_pool_type large = {"large", 4096 * sizeof(struct thing), 64, NULL, NULL};
  cr_assert_eq(ration_pool_init(&bytes, &large, &(struct ration_pool_settings){.maximum_capacity = 100}), 0);
  const struct ration_pool_settings settings = {.memory = ration_pool_memory(&bytes)};
  cr_assert_eq(ration_pool_init(&pool, &thing_type, &settings), 0);
  take_all(&pool, 0, 12288);
  cr_expect_eq(stats_of(&pool).capacity, 4096 * 3 + 1024 * (stats_of(&pool).capacity % 4096 != 0));
  cr_expect(ration_pool_is_valid(&pool));
  ration_pool_done(&pool);
  cr_expect_eq(stats_of(&bytes).used, 0);
  ration_pool_done(&bytes);
}

static size_t shown, calls;

static void show(const struct ration_pool_counts *counts, void *context) {
  cr_assert_eq(context, &shown);
  shown = counts->used;
  calls++;
}

Test(kit_pool, what_is_shown_follows_use) {
  struct ration_pool pool;
  struct random random = {.seed = 5};
  cr_assert_eq(ration_pool_init(&pool, &thing_type, NULL), 0);
  cr_assert_eq(ration_pool_watch(&pool, show, &shown), 0);
  size_t used = 0, steps = 200000;
  for (size_t i = 0; i < steps; i++) {
    if (used < 10000 && (!used || random_below(&random, 100) < (i / 20000 % 2 ? 30 : 70)))
      cr_assert_not_null(things[used++] = ration_pool_take(&pool));
    else
      cr_assert_eq(ration_pool_give(&pool, things[--used]), 0);
    size_t by = used > shown ? used - shown : shown - used;
    cr_assert(by <= 1 || by * 64 <= shown, "%zu is shown of %zu", shown, used);
  }
  cr_expect_lt(calls, steps / 4);
  cr_expect(ration_pool_is_valid(&pool));
  cr_assert_eq(ration_pool_clear(&pool), 0);
  cr_expect_eq(shown, 0);
  cr_assert_eq(ration_pool_watch(&pool, NULL, NULL), 0);
  take_all(&pool, 0, 100);
  cr_expect_eq(shown, 0);
  ration_pool_done(&pool);
}

RATION_POOL(typed_things, struct thing);
RATION_POOL_OF(other_things, struct thing, thing_type);

static struct ration_pool_counts shown_last;

static void show_last(const struct ration_pool_counts *counts, void *context) {
  (void)context;
  shown_last = *counts;
  calls++;
}

Test(kit_pool, takes_are_shown_also_where_use_stays) {
  struct ration_pool pool;
  cr_assert_eq(ration_pool_init(&pool, &thing_type, NULL), 0);
  cr_assert_eq(ration_pool_watch(&pool, show_last, NULL), 0);
  calls = 0;
  for (uint64_t takes = 1; takes <= 100000; takes++) {
    struct thing *thing = ration_pool_take(&pool);
    uint64_t by = takes - shown_last.takes;
    cr_assert(by <= 1 || by * 64 <= shown_last.takes, "%zu are shown of %zu", (size_t)shown_last.takes,
              (size_t)takes);
    cr_assert(shown_last.takes < 2 || shown_last.takes == shown_last.hits + 1);
    cr_assert_eq(ration_pool_give(&pool, thing), 0);
  }
  cr_expect_lt(calls, 700);
  cr_assert_eq(ration_pool_watch(&pool, NULL, NULL), 0);
  calls = 0;
  for (int i = 0; i < 10000; i++) ration_pool_give(&pool, ration_pool_take(&pool));
  cr_expect_eq(calls, 0);
  ration_pool_done(&pool);
}

Test(kit_pool, typed) {
  struct typed_things pool;
  struct other_things other;
  cr_assert_eq(typed_things_init(&pool, NULL), 0);
  cr_assert_eq(other_things_init(&other, NULL), 0);
  struct thing *thing = typed_things_take(&pool);
  thing->words[2] = 5;
  cr_expect(typed_things_has(&pool, thing));
  cr_expect_eq(other_things_give(&other, thing), -EFAULT);
  cr_expect_eq(typed_things_give(&pool, thing), 0);
  cr_expect_eq(typed_things_take(&pool), thing);
  cr_expect_eq(thing->words[2], 0);
  cr_expect_eq(typed_things_give(&pool, thing), 0);
  cr_expect_eq(typed_things_take_any(&pool), thing);
  cr_expect_eq(typed_things_clear(&pool), 0);
  cr_expect_eq(stats_of(typed_things_pool(&pool)).used, 0);
  typed_things_done(&pool);
  other_things_done(&other);
}

/* Against a plain list of what is taken, whose bytes say whose they are. */
static void at_random(uint64_t seed, struct ration_pool_settings settings, size_t size) {
  struct ration_pool pool;
  struct random random = {.seed = seed};
  struct failing_memory memory;
  failing_memory_init(&memory, SIZE_MAX);
  settings.memory = &memory.memory;
  const struct ration_pool_type type = {"bytes", size, 1, NULL, NULL};
  static unsigned char *taken[12000];
  cr_assert_eq(ration_pool_init(&pool, &type, &settings), 0);
  size_t used = 0, peak = 0, wanted = 0;
  for (size_t i = 0; i < 60000; i++) {
    if (i % 3000 == 0) wanted = random_size(&random, 11000);
    if (used < wanted ? random_below(&random, 8) : !random_below(&random, 8)) {
      unsigned char *object = ration_pool_take(&pool);
      if (!object) {
        cr_assert_eq(used, settings.maximum_capacity);
        wanted = 0;
        continue;
      }
      for (size_t b = 0; b < size; b++) cr_assert_eq(object[b], 0);
      memset(object, (int)((uintptr_t)object >> 3 & 255), size);
      taken[used++] = object;
      if (used > peak) peak = used;
    } else if (used) {
      size_t which = random_below(&random, used);
      unsigned char *object = taken[which];
      for (size_t b = 0; b < size; b++) cr_assert_eq(object[b], (uintptr_t)object >> 3 & 255);
      taken[which] = taken[--used];
      cr_assert_eq(ration_pool_give(&pool, object), 0);
      int error = ration_pool_give(&pool, object);
      cr_assert(error == -EALREADY || error == -EFAULT);
      if (size > 1) cr_assert_eq(ration_pool_give(&pool, object + 1), -EFAULT);
    }
    if (i % 5000 == 4999) cr_assert_eq(ration_pool_shrink_to_fit(&pool), 0);
    if (i % 500 == 0) cr_assert(ration_pool_is_valid(&pool));
  }
  struct ration_pool_counts statistics = stats_of(&pool);
  cr_expect_eq(statistics.used, used);
  cr_expect_eq(statistics.peak, peak);
  cr_expect_eq(statistics.bytes, memory.bytes);
  ration_pool_done(&pool);
  cr_expect_eq(memory.blocks, 0);
}

Test(kit_pool, at_random) {
  at_random(1, (struct ration_pool_settings){0}, 24);
  at_random(2, (struct ration_pool_settings){.growth_factor = 0.01, .shrink_threshold = 0.9}, 1);
  at_random(3, (struct ration_pool_settings){.initial_capacity = 777, .maximum_capacity = 5003}, 13);
  at_random(4, (struct ration_pool_settings){.growth_factor = 3, .shrink_threshold = 1, .alignment = 64},
            100);
}
