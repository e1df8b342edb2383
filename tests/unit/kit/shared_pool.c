/*
 * shared_pool.c: tests of ration/kit/shared_pool.h.
 */
#include <ration/kit/shared_pool.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "kit/failing_memory.h"

#define THREADS 8

struct thing {
  uint64_t words[4];
};

RATION_SHARED_POOL(shared_things, struct thing);

static const struct ration_pool_type *const thing_type = &shared_things_type;
static struct ration_shared_pool pool;

static void expect_null(void *object, int error) {
  cr_expect_null(object);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

static struct ration_pool_counts counts_of(struct ration_shared_pool *of) {
  struct ration_pool_counts counts = {0};
  cr_assert_eq(ration_shared_pool_stats(of, &counts), 0);
  return counts;
}

static void in_thread(void *(*run)(void *), void *argument) {
  pthread_t thread;
  cr_assert_eq(pthread_create(&thread, NULL, run, argument), 0);
  pthread_join(thread, NULL);
}

Test(kit_shared_pool, one_that_is_none_is_told) {
  struct ration_shared_pool none = {0};
  struct ration_pool_counts counts;
  struct thing thing;
  struct ration_shared_pool *const wrong[] = {NULL, &none};
  for (int i = 0; i < 2; i++) {
    expect_null(ration_shared_pool_take(wrong[i]), EINVAL);
    expect_null(ration_shared_pool_take_any(wrong[i]), EINVAL);
    cr_expect_eq(ration_shared_pool_give(wrong[i], &thing), -EINVAL);
    cr_expect_eq(ration_shared_pool_clear(wrong[i]), -EINVAL);
    cr_expect_eq(ration_shared_pool_shrink_to_fit(wrong[i]), -EINVAL);
    cr_expect_eq(ration_shared_pool_watch(wrong[i], NULL, NULL), -EINVAL);
    cr_expect_eq(ration_shared_pool_has(wrong[i], &thing), 0);
    cr_expect_eq(ration_shared_pool_is_valid(wrong[i]), 0);
    ration_shared_pool_publish(wrong[i]);
    ration_shared_pool_done(wrong[i]);
  }
  cr_expect_eq(ration_shared_pool_stats(NULL, &counts), -EINVAL);
  cr_expect_eq(ration_shared_pool_stats(&none, NULL), -EINVAL);
  cr_expect_null(ration_shared_pool_memory(NULL));
  cr_expect_eq(ration_shared_pool_init(NULL, thing_type, NULL), -EINVAL);
  cr_expect_eq(ration_shared_pool_init(&none, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_shared_pool_init(&none, thing_type, &(struct ration_pool_settings){.alignment = 3}),
               -EINVAL);
}

Test(kit_shared_pool, takes_gives_and_tells) {
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, NULL), 0);
  struct thing *a = ration_shared_pool_take(&pool), *b = ration_shared_pool_take(&pool), local;
  a->words[3] = b->words[3] = 7;
  cr_expect_eq(ration_shared_pool_give(&pool, NULL), -EINVAL);
  cr_expect_eq(ration_shared_pool_give(&pool, &local), -EFAULT);
  cr_expect_eq(ration_shared_pool_give(&pool, (char *)a + 8), -EFAULT);
  cr_expect_eq(counts_of(&pool).used, 2);
  cr_expect_eq(ration_shared_pool_give(&pool, a), 0);
  cr_expect_eq(ration_shared_pool_give(&pool, a), -EALREADY);
  cr_expect(!ration_shared_pool_has(&pool, a) && ration_shared_pool_has(&pool, b));
  cr_expect_eq(ration_shared_pool_take(&pool), a);
  cr_expect_eq(a->words[3], 0);
  cr_expect(ration_shared_pool_is_valid(&pool));
  struct ration_pool_counts counts = counts_of(&pool);
  cr_expect_eq(counts.takes, 3);
  cr_expect_eq(counts.hits, 2);
  cr_expect_eq(counts.used, 2);
  cr_expect_eq(ration_shared_pool_clear(&pool), 0);
  cr_expect_eq(counts_of(&pool).used, 0);
  cr_expect_eq(ration_shared_pool_give(&pool, b), -EALREADY);
  cr_expect_eq(ration_shared_pool_shrink_to_fit(&pool), 0);
  cr_expect_eq(counts_of(&pool).capacity, 0);
  cr_expect_eq(ration_shared_pool_give(&pool, b), -EFAULT);
  cr_expect(ration_shared_pool_is_valid(&pool));
  ration_shared_pool_done(&pool);
  ration_shared_pool_done(&pool);
}

Test(kit_shared_pool, the_peak_is_no_more_than_was_taken) {
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, NULL), 0);
  for (int i = 0; i < 40; i++) cr_assert_not_null(ration_shared_pool_take(&pool));
  cr_expect_eq(counts_of(&pool).peak, 40, "more are cached");
  ration_shared_pool_done(&pool);
}

Test(kit_shared_pool, a_small_maximum_is_reached_exactly) {
  static const struct ration_pool_settings settings = {.maximum_capacity = 127};
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, &settings), 0);
  struct thing *taken[127];
  for (int i = 0; i < 127; i++) cr_assert_not_null(taken[i] = ration_shared_pool_take(&pool));
  expect_null(ration_shared_pool_take(&pool), ENOSPC);
  for (int i = 0; i < 127; i++) cr_assert_eq(ration_shared_pool_give(&pool, taken[i]), 0);
  cr_expect_eq(ration_shared_pool_give(&pool, taken[5]), -EALREADY);
  cr_expect(ration_shared_pool_is_valid(&pool));
  ration_shared_pool_done(&pool);
}

static void *take_some(void *argument) {
  struct thing **taken = argument;
  for (int i = 0; i < 100; i++) taken[i] = ration_shared_pool_take(&pool);
  for (int i = 50; i < 100; i++) ration_shared_pool_give(&pool, taken[i]);
  return NULL;
}

Test(kit_shared_pool, a_thread_that_ends_gives_its_cache_back) {
  static const struct ration_pool_settings settings = {.maximum_capacity = 4096};
  static struct thing *taken[4096];
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, &settings), 0);
  in_thread(take_some, taken);
  cr_expect(ration_shared_pool_is_valid(&pool));
  cr_expect_eq(counts_of(&pool).used, 50);
  cr_expect_eq(counts_of(&pool).takes, 100);
  for (int i = 50; i < 4096; i++)
    cr_assert_not_null(taken[i] = ration_shared_pool_take(&pool), "object %d", i);
  expect_null(ration_shared_pool_take(&pool), ENOSPC);
  for (int i = 0; i < 4096; i++)
    cr_assert_eq(ration_shared_pool_give(&pool, taken[i]), 0, "of another thread too");
  cr_expect(ration_shared_pool_is_valid(&pool));
  ration_shared_pool_done(&pool);
}

static pthread_barrier_t barrier;

static void *outlive_the_pool(void *argument) {
  cr_assert_not_null(ration_shared_pool_take(&pool));
  pthread_barrier_wait(&barrier); /* done, and made anew */
  pthread_barrier_wait(&barrier);
  struct thing *thing = ration_shared_pool_take(&pool);
  cr_assert_not_null(thing);
  cr_assert_eq(ration_shared_pool_give(&pool, thing), 0);
  return argument;
}

Test(kit_shared_pool, done_while_threads_have_caches) {
  pthread_t threads[THREADS];
  struct failing_memory memory;
  failing_memory_init(&memory, SIZE_MAX);
  const struct ration_pool_settings settings = {.memory = &memory.memory};
  pthread_barrier_init(&barrier, NULL, THREADS + 1);
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, &settings), 0);
  for (int i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, outlive_the_pool, NULL), 0);
  pthread_barrier_wait(&barrier);
  cr_expect_eq(counts_of(&pool).used, THREADS);
  ration_shared_pool_done(&pool);
  cr_expect_eq(memory.blocks, 0);
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, &settings), 0);
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_expect_eq(counts_of(&pool).used, 0);
  cr_expect_eq(counts_of(&pool).takes, THREADS);
  cr_expect(ration_shared_pool_is_valid(&pool));
  ration_shared_pool_done(&pool);
  cr_expect_eq(memory.blocks, 0);
}

/* What is given passes through here to whoever takes it out. */
#define DESKS 512
static struct thing *desks[DESKS];
static size_t failures;

static void *trade(void *argument) {
  struct random random = {.seed = (uintptr_t)argument};
  for (int i = 0; i < 20000; i++) {
    struct thing *mine = NULL;
    if (random_below(&random, 2)) {
      mine = ration_shared_pool_take(&pool);
      if (!mine || mine->words[0] || mine->words[3]) __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
      if (!mine) continue;
      mine->words[0] = mine->words[3] = (uintptr_t)mine;
    }
    struct thing *other = __atomic_exchange_n(&desks[random_below(&random, DESKS)], mine, __ATOMIC_ACQ_REL);
    if (!other) continue;
    if (other->words[0] != (uintptr_t)other || other->words[3] != (uintptr_t)other)
      __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
    if (!ration_shared_pool_has(&pool, other)) __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
    if (ration_shared_pool_give(&pool, other)) __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

static size_t shows;

static void show(const struct ration_pool_counts *counts, void *context) {
  if (counts->used > counts->capacity || context != &shows)
    __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
  shows++; /* one thread at a time: the sanitizer would tell */
}

Test(kit_shared_pool, threads_trade_objects) {
  pthread_t threads[THREADS];
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, NULL), 0);
  cr_assert_eq(ration_shared_pool_watch(&pool, show, &shows), 0);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, trade, (void *)(i + 1)), 0);
  for (int i = 0; i < 100; i++) counts_of(&pool);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  size_t left = 0;
  for (int i = 0; i < DESKS; i++) left += desks[i] != NULL;
  cr_expect_eq(failures, 0, "%zu", failures);
  cr_expect_gt(shows, 1);
  cr_expect_eq(counts_of(&pool).used, left);
  cr_expect_geq(counts_of(&pool).peak, left);
  cr_expect(ration_shared_pool_is_valid(&pool));
  ration_shared_pool_done(&pool);
}

/* Each holds many at once, so that the pool grows while others give. */
static void *hold_many(void *argument) {
  enum { MANY = 3000 };
  struct thing **held = calloc(MANY, sizeof *held);
  (void)argument;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < MANY; i++) held[i] = ration_shared_pool_take(&pool);
    for (int i = 0; i < MANY; i++)
      if (!held[i] || ration_shared_pool_give(&pool, held[i * 7 % MANY]))
        __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
  }
  free(held);
  return NULL;
}

Test(kit_shared_pool, grows_while_others_give) {
  pthread_t threads[THREADS];
  cr_assert_eq(
      ration_shared_pool_init(&pool, thing_type, &(struct ration_pool_settings){.growth_factor = 0.01}), 0);
  for (int i = 0; i < THREADS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, hold_many, NULL), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_expect_eq(failures, 0, "%zu", failures);
  cr_expect_eq(counts_of(&pool).used, 0);
  cr_expect_eq(counts_of(&pool).takes, THREADS * 6000);
  cr_expect(ration_shared_pool_is_valid(&pool));
  ration_shared_pool_done(&pool);
}

/* Each holds many, then gives all, in turn, and some make it smaller meanwhile. */
static void *swing(void *argument) {
  enum { MANY = 1500 };
  struct thing **held = calloc(MANY, sizeof *held);
  struct thing local;
  for (int round = 0; round < 6; round++) {
    for (int i = 0; i < MANY; i++) {
      held[i] = ration_shared_pool_take(&pool);
      if (!held[i] || held[i]->words[0]) __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
      if (held[i]) held[i]->words[0] = (uintptr_t)held[i];
    }
    for (int i = 0; i < MANY; i++) {
      struct thing *thing = held[i * 7 % MANY];
      if (thing->words[0] != (uintptr_t)thing || ration_shared_pool_give(&pool, thing))
        __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
      if (ration_shared_pool_give(&pool, &local) != -EFAULT)
        __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
    }
    if (argument) ration_shared_pool_shrink_to_fit(&pool);
  }
  free(held);
  return NULL;
}

Test(kit_shared_pool, shrinks_while_others_use_it) {
  pthread_t threads[THREADS];
  struct failing_memory memory;
  failing_memory_init(&memory, SIZE_MAX);
  const struct ration_pool_settings settings = {
      .memory = &memory.memory, .growth_factor = 0.1, .shrink_threshold = 0.8};
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, &settings), 0);
  for (int i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, swing, i % 4 ? NULL : &memory), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  struct ration_pool_counts counts = counts_of(&pool);
  cr_expect_eq(failures, 0, "%zu", failures);
  cr_expect_eq(counts.used, 0);
  cr_expect_gt(counts.grows, 1);
  cr_expect_eq(counts.bytes, memory.bytes);
  cr_expect(ration_shared_pool_is_valid(&pool));
  cr_expect_eq(ration_shared_pool_shrink_to_fit(&pool), 0);
  cr_expect_eq(counts_of(&pool).capacity, 0);
  cr_expect_geq(counts_of(&pool).shrinks, 1, "how many before this, is by chance");
  ration_shared_pool_done(&pool);
  cr_expect_eq(memory.blocks, 0);
}

/* All give the same objects: of each, one succeeds. */
static struct thing *common[2000];
static size_t given, refused;

static void *give_common(void *argument) {
  pthread_barrier_wait(&barrier);
  for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
    int error = ration_shared_pool_give(&pool, common[i]);
    if (!error) __atomic_add_fetch(&given, 1, __ATOMIC_RELAXED);
    if (error == -EALREADY) __atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);
  }
  return argument;
}

Test(kit_shared_pool, of_two_that_give_one_object_one_is_told) {
  pthread_t threads[THREADS];
  static const struct ration_pool_settings never = {.shrink_threshold = RATION_POOL_NEVER};
  pthread_barrier_init(&barrier, NULL, THREADS);
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, &never), 0);
  for (size_t i = 0; i < 2000; i++) common[i] = ration_shared_pool_take(&pool);
  for (int i = 0; i < THREADS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, give_common, NULL), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_expect_eq(given, 2000);
  cr_expect_eq(refused, 2000 * (THREADS - 1));
  cr_expect(ration_shared_pool_is_valid(&pool));
  ration_shared_pool_done(&pool);
}

Test(kit_shared_pool, more_pools_than_a_thread_has_entries) {
  enum { POOLS = 200 };
  static struct ration_shared_pool pools[POOLS];
  static struct thing *taken[POOLS][3];
  for (int i = 0; i < POOLS; i++) cr_assert_eq(ration_shared_pool_init(&pools[i], thing_type, NULL), 0);
  for (int round = 0; round < 3; round++)
    for (int i = 0; i < POOLS; i++) cr_assert_not_null(taken[i][round] = ration_shared_pool_take(&pools[i]));
  for (int round = 0; round < 3; round++)
    for (int i = 0; i < POOLS; i++) cr_assert_eq(ration_shared_pool_give(&pools[i], taken[i][round]), 0);
  for (int i = 0; i < POOLS; i++) {
    cr_expect_eq(ration_shared_pool_give(&pools[i], taken[(i + 1) % POOLS][0]), -EFAULT);
    cr_expect(ration_shared_pool_is_valid(&pools[i]));
    ration_shared_pool_done(&pools[i]);
  }
}

static size_t inits, resets;

static void node_init(void *object, void *context) {
  *(void **)object = ++inits % 2 ? ration_shared_pool_take(context) : NULL;
}

static void node_reset(void *object, void *context) {
  resets++;
  cr_expect_eq(ration_shared_pool_clear(context), -EBUSY);
  if (*(void **)object) cr_assert_eq(ration_shared_pool_give(context, *(void **)object), 0);
}

Test(kit_shared_pool, init_and_reset_may_use_the_pool) {
  static const struct ration_pool_type type = {"node", 16, 8, node_init, node_reset};
  void *taken[500];
  cr_assert_eq(ration_shared_pool_init(&pool, &type, &(struct ration_pool_settings){.context = &pool}), 0);
  for (int i = 0; i < 500; i++) cr_assert_not_null(taken[i] = ration_shared_pool_take(&pool));
  cr_expect_eq(counts_of(&pool).used, 1000);
  for (int i = 0; i < 250; i++) cr_assert_eq(ration_shared_pool_give(&pool, taken[i]), 0);
  cr_expect_eq(counts_of(&pool).used, 500);
  cr_expect_eq(resets, 500);
  for (int i = 250; i < 500; i++) *(void **)taken[i] = NULL;
  cr_assert_eq(ration_shared_pool_clear(&pool), 0);
  cr_expect_eq(resets, 1000);
  cr_expect_eq(counts_of(&pool).used, 0);
  cr_expect(ration_shared_pool_is_valid(&pool));
  ration_shared_pool_done(&pool);
}

static void hoard_reset(void *object, void *context) {
  (void)object;
  resets++;
  for (int i = 0; i < 2; i++) cr_assert_not_null(ration_shared_pool_take(context));
}

Test(kit_shared_pool, clear_ends_also_where_reset_takes_more_than_it_gives) {
  static const struct ration_pool_type type = {"hoard", 16, 8, NULL, hoard_reset};
  cr_assert_eq(ration_shared_pool_init(&pool, &type, &(struct ration_pool_settings){.context = &pool}), 0);
  for (int i = 0; i < 100; i++) cr_assert_not_null(ration_shared_pool_take(&pool));
  cr_assert_eq(ration_shared_pool_clear(&pool), 0);
  cr_expect_eq(resets, 100);
  cr_expect_eq(counts_of(&pool).used, 0);
  cr_expect_eq(counts_of(&pool).takes, 300);
  cr_expect(ration_shared_pool_is_valid(&pool));
  ration_shared_pool_done(&pool);
}

Test(kit_shared_pool, is_a_memory) {
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, NULL), 0);
  struct ration_memory *memory = ration_shared_pool_memory(&pool);
  expect_null(ration_memory_allocate(memory, 33, 8), ENOSPC);
  expect_null(ration_memory_allocate(memory, 8, 16), EINVAL);
  char *block = ration_memory_allocate(memory, 5, 1);
  cr_expect_eq(ration_memory_reallocate(memory, block, 5, 32, 8), block);
  expect_null(ration_memory_reallocate(memory, block, 5, 33, 8), ENOSPC);
  expect_null(ration_memory_reallocate(memory, block, 5, 8, 16), EINVAL);
  expect_null(ration_memory_reallocate(memory, block + 1, 5, 32, 8), EFAULT);
  cr_expect_eq(ration_memory_release(memory, block, 5, 1), 0);
  cr_expect_eq(ration_memory_release(memory, block, 5, 1), -EALREADY);
  ration_shared_pool_done(&pool);
}

Test(kit_shared_pool, survives_each_failure_of_memory) {
  static struct thing *taken[5000];
  for (size_t left = 0;; left++) {
    struct failing_memory memory;
    failing_memory_init(&memory, left);
    const struct ration_pool_settings settings = {.initial_capacity = 64, .memory = &memory.memory};
    size_t count = 0;
    if (ration_shared_pool_init(&pool, thing_type, &settings) == 0) {
      while (count < 5000 && (taken[count] = ration_shared_pool_take(&pool))) count++;
      if (count < 5000) cr_assert_eq(errno, ENOMEM);
      cr_assert_eq(counts_of(&pool).used, count);
      cr_assert_eq(counts_of(&pool).bytes, memory.bytes);
      cr_assert(ration_shared_pool_is_valid(&pool));
      for (size_t i = 0; i < count; i++) cr_assert_eq(ration_shared_pool_give(&pool, taken[i]), 0);
      cr_assert(ration_shared_pool_is_valid(&pool));
    }
    ration_shared_pool_done(&pool);
    cr_assert_eq(memory.blocks, 0);
    if (count == 5000) break;
    cr_assert_lt(left, 100);
  }
}

Test(kit_shared_pool, a_child_has_the_pool_as_it_was) {
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, NULL), 0);
  struct thing *thing = ration_shared_pool_take(&pool);
  pid_t child = fork();
  if (!child) {
    int is_right = !ration_shared_pool_give(&pool, thing) && ration_shared_pool_take(&pool) == thing &&
                   ration_shared_pool_is_valid(&pool);
    ration_shared_pool_done(&pool);
    _exit(is_right ? 0 : 1);
  }
  int status = 0;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_expect_eq(status, 0);
  cr_expect_eq(ration_shared_pool_give(&pool, thing), 0);
  ration_shared_pool_done(&pool);
}

static struct ration_shared_pool pages;

static void *use_both(void *argument) {
  struct thing *mine[200];
  for (int round = 0; round < 20; round++) {
    for (int i = 0; i < 200; i++) cr_assert_not_null(mine[i] = ration_shared_pool_take(&pool));
    void *page = ration_shared_pool_take_any(&pages);
    cr_assert_not_null(page);
    cr_assert_eq(ration_shared_pool_give(&pages, page), 0);
    for (int i = 0; i < 200; i++) cr_assert_eq(ration_shared_pool_give(&pool, mine[i]), 0);
  }
  return argument;
}

Test(kit_shared_pool, on_the_memory_of_another) {
  static const struct ration_pool_type page_type = {"page", 65536, 64, NULL, NULL};
  cr_assert_eq(
      ration_shared_pool_init(&pages, &page_type, &(struct ration_pool_settings){.maximum_capacity = 500}),
      0);
  const struct ration_pool_settings settings = {.memory = ration_shared_pool_memory(&pages)};
  cr_assert_eq(ration_shared_pool_init(&pool, thing_type, &settings), 0);
  for (int round = 0; round < 20; round++) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, use_both, NULL), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  }
  cr_expect(ration_shared_pool_is_valid(&pool));
  cr_expect(ration_shared_pool_is_valid(&pages));
  cr_expect_eq(counts_of(&pool).used, 0);
  ration_shared_pool_done(&pool);
  cr_expect_eq(counts_of(&pages).used, 0);
  ration_shared_pool_done(&pages);
}

/* Not under the thread and address sanitizers, whose own allocators are left locked in a child if a thread was just in them. */
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
static int is_over;

static void *come_and_go(void *argument) {
  while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) in_thread(take_some, argument);
  return argument;
}

Test(kit_shared_pool, a_child_can_use_pools_while_threads_come_and_go) {
  static struct ration_shared_pool others;
  static struct thing *taken[100];
  pthread_t thread;
  cr_assert_eq(
      ration_shared_pool_init(&pool, thing_type, &(struct ration_pool_settings){.initial_capacity = 64}), 0);
  cr_assert_eq(ration_shared_pool_init(&others, thing_type, NULL), 0);
  cr_assert_eq(pthread_create(&thread, NULL, come_and_go, taken), 0);
  for (int i = 0; i < 200; i++) {
    pid_t child = fork();
    if (!child) {
      alarm(10);
      _exit(ration_shared_pool_take(&others) ? 0 : 1);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
  }
  __atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
  pthread_join(thread, NULL);
  ration_shared_pool_done(&others);
  ration_shared_pool_done(&pool);
}
#endif

Test(kit_shared_pool, typed) {
  struct shared_things things;
  cr_assert_eq(shared_things_init(&things, NULL), 0);
  struct thing *thing = shared_things_take(&things);
  cr_expect(shared_things_has(&things, thing));
  cr_expect_eq(shared_things_give(&things, thing), 0);
  cr_expect_eq(shared_things_take_any(&things), thing);
  cr_expect_eq(shared_things_clear(&things), 0);
  cr_expect_eq(counts_of(shared_things_pool(&things)).used, 0);
  shared_things_done(&things);
}
