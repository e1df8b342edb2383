/*
 * pool.c: tests of src/os/pool.c.
 */
#include "os/pool.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "base/atomics.h"
#include "base/random.h"

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

static int is_zeroed(const unsigned char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (bytes[i]) return 0;
  return 1;
}

Test(pool, blocks_are_aligned_zeroed_and_known) {
  for (size_t alignment = 1; alignment <= 64 * KIB; alignment *= 2) {
    for (size_t bytes = 0; bytes < 3000; bytes += 1 + bytes / 3) {
      unsigned char *block = pool_allocate(bytes, alignment);
      cr_assert_not_null(block);
      cr_assert_eq((uintptr_t)block % (alignment < 16 ? 16 : alignment), 0, "%zu at %zu", bytes, alignment);
      cr_assert_geq(pool_usable(block), bytes);
      cr_assert(is_zeroed(block, pool_usable(block)));
      cr_assert(pool_has(block));
      cr_assert(pool_has(block + pool_usable(block) - (pool_usable(block) > 0)));
      memset(block, 0xa5, pool_usable(block));
      pool_free(block);
    }
  }
}

Test(pool, freed_block_is_used_again_and_zeroed_again) {
  unsigned char *first = pool_allocate(100, 0), *second = pool_allocate(100, 0);
  cr_assert_neq(first, second);
  memset(first, 0xff, pool_usable(first));
  pool_free(first);
  unsigned char *third = pool_allocate(90, 0);
  cr_assert_eq(third, first);
  cr_assert(is_zeroed(third, pool_usable(third)));
  cr_assert_neq(pool_allocate(100, 0), second);
}

Test(pool, blocks_do_not_overlap) {
  enum { COUNT = 500 };
  struct random random = {.seed = 4};
  unsigned char *blocks[COUNT];
  for (int i = 0; i < COUNT; i++) {
    blocks[i] = pool_allocate(random_size(&random, 4096), (size_t)1 << random_below(&random, 9));
    cr_assert_not_null(blocks[i]);
    memset(blocks[i], i % 251, pool_usable(blocks[i]));
  }
  for (int i = 0; i < COUNT; i++)
    for (size_t at = 0; at < pool_usable(blocks[i]); at++) cr_assert_eq(blocks[i][at], i % 251);
}

Test(pool, goes_on_beyond_its_first_region_and_ends_without_harm) {
  unsigned blocks = 0;
  pool_allocate(16, 0);
  while (pool_allocate(30 * KIB, 0)) cr_assert_lt(++blocks, 5000);
  cr_assert_geq(blocks, 64 * MIB / (32 * KIB), "the region of 64 MiB and what lay in the first");
  cr_assert_null(pool_allocate(30 * KIB, 0));
  cr_assert_not_null(pool_allocate(16, 0), "the first region had room left for small ones");
}

Test(pool, refuses_what_is_too_large) {
  cr_assert_null(pool_allocate(16 * MIB + 1, 0));
  cr_assert_null(pool_allocate(SIZE_MAX, 0));
  cr_assert_null(pool_allocate(1, 32 * MIB));
  unsigned char *largest = pool_allocate(16 * MIB, 0);
  cr_assert_not_null(largest);
  cr_assert(pool_has(largest + 16 * MIB - 1));
}

Test(pool, does_not_know_other_memory) {
  static int other;
  int local;
  cr_assert_not(pool_has(&other));
  cr_assert_not(pool_has(&local));
  cr_assert_not(pool_has(NULL));
  cr_assert_not(pool_has((void *)UINTPTR_MAX));
  pool_allocate(1 * MIB, 0); /* the second region is there now */
  cr_assert_not(pool_has(&other));
  cr_assert_not(pool_has(NULL));
}

#define THREADS 4
#define HELD    16

static unsigned char *handed_over[THREADS * HELD];

static const char *wrong;

static void *fail(const char *how) {
  store_relaxed(&wrong, how);
  return NULL;
}

/* Each block is filled by its holder, and must be as he left it when it is freed; half pass through a table
 * that all threads share. */
static void *allocate_and_free(void *seed) {
  struct random random = {.seed = (uintptr_t)seed};
  for (int i = 0; i < 40000; i++) {
    size_t bytes = random_size(&random, 2048);
    unsigned char *block = pool_allocate(bytes, (size_t)16 << random_below(&random, 3));
    if (!block) return fail("full");
    if (!is_zeroed(block, bytes)) return fail("not zeroed");
    memset(block, (int)bytes, bytes);
    if (random_below(&random, 2)) {
      unsigned char **place = &handed_over[random_below(&random, THREADS * HELD)];
      block = __atomic_exchange_n(place, block, __ATOMIC_ACQ_REL);
    }
    if (!block) continue;
    for (size_t at = 1; at < pool_usable(block) && block[at]; at++)
      if (block[at] != block[0]) return fail("shared with another holder");
    pool_free(block);
  }
  return NULL;
}

Test(pool, serves_threads_at_once) {
  pthread_t threads[THREADS];
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, allocate_and_free, (void *)(i + 1)), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_assert_null(wrong, "%s", wrong);
}
