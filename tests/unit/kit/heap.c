/*
 * heap.c: tests of ration/kit/heap.h.
 */
#include <ration/kit/heap.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "kit/failing_memory.h"

static void expect_null(void *block, int error) {
  cr_expect_null(block);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

static struct ration_heap_figures figures_of(struct ration_heap *heap) {
  struct ration_heap_figures found;
  cr_assert_eq(ration_heap_stats(heap, &found), 0);
  cr_expect(ration_heap_is_valid(heap));
  return found;
}

Test(kit_heap, gives_blocks_of_every_size_and_takes_them_back) {
  struct failing_memory below;
  struct ration_heap heap;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_heap_init(&heap, &below.memory, NULL), 0);
  for (size_t size = 1; size <= 1300; size++)
    for (size_t alignment = 1; alignment <= 256; alignment *= 2) {
      char *block = ration_heap_allocate(&heap, size, alignment);
      cr_assert_not_null(block);
      cr_assert_eq((uintptr_t)block % alignment, 0);
      memset(block, 1, size);
      size_t bytes = ration_heap_block_bytes(size, alignment);
      cr_assert(bytes == 0 || bytes >= size);
      cr_assert_eq(bytes == 0, size > 1024 || alignment > 64);
      cr_assert_eq(figures_of(&heap).used_bytes, bytes ? bytes : size);
      cr_assert_eq(ration_heap_release(&heap, block, size, alignment), 0);
    }
  struct ration_heap_figures found = figures_of(&heap);
  cr_expect_eq(found.used_blocks, 0);
  cr_expect_eq(found.used_bytes, 0);
  cr_expect_eq(found.allocations, 1300 * 9);
  cr_expect_eq(found.releases, 1300 * 9);
  cr_expect_eq(found.reserved, below.bytes);
  cr_expect_eq(found.threads, 1);
  ration_heap_done(&heap);
  ration_heap_done(&heap);
  cr_expect_eq(below.bytes, 0);
  cr_expect_eq(below.blocks, 0);
}

Test(kit_heap, wastes_at_most_a_quarter) {
  for (size_t size = 65; size <= 1024; size++)
    cr_expect_leq(ration_heap_block_bytes(size, 8), size + size / 4);
  cr_expect_eq(ration_heap_block_bytes(1, 1), 16);
  cr_expect_eq(ration_heap_block_bytes(24, 64), 64);
  cr_expect_eq(ration_heap_block_bytes(0, 1), 0);
  cr_expect_eq(ration_heap_block_bytes(8, 3), 0);
}

Test(kit_heap, refuses_what_cannot_be) {
  struct ration_heap heap = {.number = 0};
  struct ration_heap_figures found;
  ration_heap_done(&heap);
  ration_heap_done(NULL);
  expect_null(ration_heap_allocate(&heap, 8, 8), EINVAL);
  expect_null(ration_heap_allocate(NULL, 8, 8), EINVAL);
  cr_expect_eq(ration_heap_release(&heap, &found, 8, 8), -EINVAL);
  cr_expect_eq(ration_heap_release(NULL, NULL, 8, 8), 0);
  cr_expect_eq(ration_heap_flush(&heap), -EINVAL);
  cr_expect_eq(ration_heap_stats(&heap, &found), -EINVAL);
  cr_expect_not(ration_heap_is_valid(&heap));
  cr_expect_eq(ration_heap_init(NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_heap_init(&heap, NULL, &(struct ration_heap_settings){.chunk_bytes = 4095}), -EINVAL);
  cr_expect_eq(ration_heap_init(&heap, NULL, &(struct ration_heap_settings){.chunk_bytes = SIZE_MAX}),
               -EOVERFLOW);
  cr_expect_eq(ration_heap_init(&heap, NULL, &(struct ration_heap_settings){.bytes_most = 65536}), -EINVAL);
  cr_assert_eq(ration_heap_init(&heap, NULL, NULL), 0);
  static const size_t wrong[] = {0, 3, 24, (size_t)1 << 31, SIZE_MAX};
  char *block = ration_heap_allocate(&heap, 24, 8);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    expect_null(ration_heap_allocate(&heap, 24, wrong[i]), EINVAL);
    cr_expect_eq(ration_heap_release(&heap, block, 24, wrong[i]), -EINVAL);
  }
  expect_null(ration_heap_allocate(&heap, 0, 8), EINVAL);
  expect_null(ration_heap_allocate(&heap, RATION_BYTES_MOST + 1, 8), EOVERFLOW);
  cr_expect_eq(ration_heap_release(&heap, block, 0, 8), -EINVAL);
  cr_expect_eq(ration_heap_release(&heap, block + 8, 24, 8), -EFAULT);
  cr_expect_eq(ration_heap_release(&heap, NULL, 24, 8), 0);
  cr_expect_eq(ration_heap_release(&heap, block, 24, 8), 0);
  cr_expect_eq(ration_heap_release(&heap, block, 24, 8), -EALREADY);
  cr_expect_eq(ration_heap_stats(&heap, NULL), -EINVAL);
  cr_expect_eq(figures_of(&heap).used_blocks, 0);
  ration_heap_done(&heap);
}

/* Wherever the block lies: the first and the last that was released, of one batch, and of several. */
Test(kit_heap, a_second_release_is_refused) {
  struct ration_heap heap;
  void *blocks[50];
  cr_assert_eq(ration_heap_init(&heap, NULL, NULL), 0);
  for (size_t size = 16; size <= 1024; size *= 2) {
    for (int i = 0; i < 50; i++) blocks[i] = ration_heap_allocate(&heap, size, 8);
    for (int i = 0; i < 50; i++) memset(blocks[i], 0x77, size);
    for (int i = 0; i < 50; i++) {
      cr_assert_eq(ration_heap_release(&heap, blocks[i], size, 8), 0);
      cr_assert_eq(ration_heap_release(&heap, blocks[i], size, 8), -EALREADY);
      cr_assert_eq(ration_heap_release(&heap, blocks[0], size, 8), -EALREADY);
    }
    cr_expect_eq(figures_of(&heap).used_blocks, 0);
  }
  ration_heap_done(&heap);
}

Test(kit_heap, is_a_memory_in_which_blocks_grow) {
  struct failing_memory below;
  struct ration_heap heap;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_heap_init(&heap, &below.memory, NULL), 0);
  struct ration_memory *memory = &heap.memory;
  cr_expect_eq(ration_heap_of(memory), &heap);
  cr_expect_null(ration_heap_of(NULL));
  cr_expect_null(ration_heap_of(ration_memory_system()));
  char *block = ration_memory_allocate(memory, 17, 8);
  memcpy(block, "abcdefghijklmnop", 17);
  cr_expect_eq(ration_memory_reallocate(memory, block, 17, 32, 8), block, "of one size");
  static const size_t steps[] = {40, 900, 2000, 5000, 3000, 200, 17};
  size_t size = 32;
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    block = ration_memory_reallocate(memory, block, size, steps[i], 8);
    cr_assert_not_null(block);
    cr_expect_str_eq(block, "abcdefghijklmnop");
    size = steps[i];
    struct ration_heap_figures found = figures_of(&heap);
    cr_expect_eq(found.used_blocks, 1);
    cr_expect_eq(found.large_blocks, size > 1024);
    cr_expect_eq(found.large_bytes, size > 1024 ? size : 0);
  }
  cr_expect_eq(ration_memory_release(memory, block, 17, 8), 0);
  void *large = ration_memory_allocate(memory, 100000, 8);
  below.left = 0;
  expect_null(ration_memory_reallocate(memory, large, 100000, 200000, 8), ENOMEM);
  cr_expect_eq(figures_of(&heap).large_bytes, 100000);
  cr_expect_eq(ration_memory_release(memory, large, 100000, 8), 0);
  ration_heap_done(&heap);
  cr_expect_eq(below.bytes, 0);
}

Test(kit_heap, stops_at_its_maximum) {
  struct failing_memory below;
  struct ration_heap heap;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_heap_init(&heap, &below.memory,
                                &(struct ration_heap_settings){.chunk_bytes = 4096, .bytes_most = 20000}),
               0);
  size_t count = 0;
  void *list = NULL;
  for (void **block; (block = ration_heap_allocate(&heap, 1024, 8)); count++) *block = list, list = block;
  cr_expect_eq(errno, ENOSPC);
  cr_expect_geq(count, 6);
  cr_expect_leq(below.bytes, 20000);
  cr_expect(ration_heap_is_valid(&heap));
  expect_null(ration_heap_allocate(&heap, 1024, 8), ENOSPC);
  for (void *next; list; list = next) {
    next = *(void **)list;
    cr_expect_eq(ration_heap_release(&heap, list, 1024, 8), 0);
  }
  for (size_t i = 0; i < count; i++)
    cr_expect_not_null(ration_heap_allocate(&heap, 1024, 8), "what came back serves");
  ration_heap_done(&heap);
  cr_expect_eq(below.bytes, 0);
}

static int run_short(size_t left) {
  struct failing_memory below;
  struct ration_heap heap;
  int refused = 0;
  failing_memory_init(&below, left);
  int error = ration_heap_init(&heap, &below.memory, &(struct ration_heap_settings){.chunk_bytes = 4096});
  if (error) {
    cr_expect_eq(error, -ENOMEM);
    cr_expect_eq(below.blocks, 0);
    return -error;
  }
  for (size_t size = 16; size <= 1280; size += 158) {
    void *blocks[6];
    for (int i = 0; i < 6; i++) {
      blocks[i] = ration_heap_allocate(&heap, size, 16);
      if (!blocks[i]) refused = errno;
    }
    cr_expect(ration_heap_is_valid(&heap));
    for (int i = 0; i < 6; i++) cr_expect_eq(ration_heap_release(&heap, blocks[i], size, 16), 0);
  }
  ration_heap_done(&heap);
  cr_expect_eq(below.bytes, 0);
  cr_expect(refused == 0 || refused == ENOMEM);
  return refused;
}

Test(kit_heap, survives_each_request_that_fails_below) {
  size_t left = 0;
  while (run_short(left)) left++;
  cr_expect_geq(left, 7);
}

struct handed {
  struct ration_heap *heap;
  void *small, *large;
};

static void *release_both(void *argument) {
  struct handed *handed = argument;
  errno = 0;
  int failed = ration_heap_release(handed->heap, handed->small, 100, 8) ||
               ration_heap_release(handed->heap, handed->large, 5000, 8) || errno;
  return failed ? handed : NULL;
}

/* A thread that has no cache, and gets none, still gives back. */
Test(kit_heap, a_release_needs_no_memory) {
  struct failing_memory below;
  struct ration_heap heap;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_heap_init(&heap, &below.memory, NULL), 0);
  struct handed handed = {&heap, ration_heap_allocate(&heap, 100, 8), ration_heap_allocate(&heap, 5000, 8)};
  below.left = 0;
  pthread_t thread;
  void *failed;
  cr_assert_eq(pthread_create(&thread, NULL, release_both, &handed), 0);
  pthread_join(thread, &failed);
  cr_expect_null(failed);
  struct ration_heap_figures found = figures_of(&heap);
  cr_expect_eq(found.used_blocks, 0);
  cr_expect_eq(found.large_bytes, 0);
  cr_expect_eq(found.threads, 1);
  ration_heap_done(&heap);
  cr_expect_eq(below.bytes, 0);
}

static void *use_and_end(void *argument) {
  struct ration_heap *heap = argument;
  void *blocks[300];
  for (int i = 0; i < 300; i++) blocks[i] = ration_heap_allocate(heap, 48, 8);
  for (int i = 0; i < 300; i++) ration_heap_release(heap, blocks[i], 48, 8);
  return NULL;
}

Test(kit_heap, the_blocks_of_a_thread_that_ends_serve_others) {
  struct failing_memory below;
  struct ration_heap heap;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_heap_init(&heap, &below.memory, NULL), 0);
  size_t after_first = 0;
  for (int i = 0; i < 20; i++) {
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, use_and_end, &heap), 0);
    pthread_join(thread, NULL);
    if (i == 0) after_first = below.bytes;
    cr_expect_eq(below.bytes, after_first);
  }
  cr_expect_eq(figures_of(&heap).threads, 0);
  cr_expect_eq(figures_of(&heap).allocations, 6000);
  use_and_end(&heap);
  cr_expect_eq(figures_of(&heap).threads, 1);
  cr_expect_eq(ration_heap_flush(&heap), 0);
  cr_expect_eq(figures_of(&heap).threads, 0);
  cr_expect_eq(ration_heap_flush(&heap), 0);
  cr_expect_eq(figures_of(&heap).allocations, 6300);
  cr_expect_eq(below.bytes, after_first);
  ration_heap_done(&heap);
  cr_expect_eq(below.bytes, 0);
}

Test(kit_heap, what_is_released_does_not_grow) {
  struct ration_heap heap;
  cr_assert_eq(ration_heap_init(&heap, NULL, NULL), 0);
  void *block = ration_heap_allocate(&heap, 32, 8);
  cr_assert_eq(ration_heap_release(&heap, block, 32, 8), 0);
  expect_null(ration_memory_reallocate(&heap.memory, block, 32, 100, 8), EALREADY);
  expect_null(ration_memory_reallocate(&heap.memory, block, 32, 20, 8), EALREADY);
  expect_null(ration_memory_reallocate(&heap.memory, (char *)block + 8, 32, 100, 8), EFAULT);
  cr_expect_eq(figures_of(&heap).used_blocks, 0);
  ration_heap_done(&heap);
}

/* A process has 1,024 keys: a heap gives its own back, and says so where there is none. */
Test(kit_heap, takes_a_key_and_gives_it_back) {
  enum { KEYS = 1100 };
  static pthread_key_t keys[KEYS];
  struct failing_memory below;
  struct ration_heap heap;
  size_t count = 0;
  failing_memory_init(&below, SIZE_MAX);
  for (int i = 0; i < KEYS; i++) {
    cr_assert_eq(ration_heap_init(&heap, &below.memory, NULL), 0);
    ration_heap_done(&heap);
  }
  while (count < KEYS && !pthread_key_create(&keys[count], NULL)) count++;
  cr_assert_lt(count, KEYS);
  cr_expect_eq(ration_heap_init(&heap, &below.memory, NULL), -ENOSPC);
  cr_expect_eq(below.blocks, 0);
  while (count) pthread_key_delete(keys[--count]);
}

/* A memory that is for one thread at a time, and notices when it is not. */
static struct alone {
  struct ration_memory memory;
  int inside, breaches;
} alone;

static void be_alone(void) {
  if (__atomic_exchange_n(&alone.inside, 1, __ATOMIC_RELAXED))
    __atomic_fetch_add(&alone.breaches, 1, __ATOMIC_RELAXED);
  usleep(200);
  __atomic_store_n(&alone.inside, 0, __ATOMIC_RELAXED);
}

static void *allocate_alone(struct ration_memory *memory, size_t size, size_t alignment) {
  (void)memory;
  be_alone();
  return ration_memory_allocate(NULL, size, alignment);
}

static int release_alone(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  (void)memory;
  be_alone();
  return ration_memory_release(NULL, block, size, alignment);
}

static void *come_and_go(void *heap) {
  for (int i = 0; i < 20; i++) {
    use_and_end(heap);
    ration_heap_flush(heap);
  }
  return NULL;
}

Test(kit_heap, the_memory_below_serves_small_blocks_one_at_a_time) {
  static const struct ration_memory_type type = {
      .name = "alone", .allocate = allocate_alone, .release = release_alone};
  struct ration_heap heap;
  pthread_t threads[4];
  alone = (struct alone){.memory = {&type}};
  cr_assert_eq(ration_heap_init(&heap, &alone.memory, &(struct ration_heap_settings){.chunk_bytes = 4096}),
               0);
  for (int i = 0; i < 4; i++) cr_assert_eq(pthread_create(&threads[i], NULL, come_and_go, &heap), 0);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  ration_heap_done(&heap);
  cr_expect_eq(alone.breaches, 0);
}

/* Two heaps in turns, and one at the place of another that is gone: a thread does not mistake their caches. */
Test(kit_heap, heaps_do_not_mix) {
  struct ration_heap heaps[2];
  for (int round = 0; round < 3; round++) {
    cr_assert_eq(ration_heap_init(&heaps[0], NULL, NULL), 0);
    cr_assert_eq(ration_heap_init(&heaps[1], NULL, NULL), 0);
    for (int i = 0; i < 100; i++) {
      void *first = ration_heap_allocate(&heaps[0], 32, 8), *second = ration_heap_allocate(&heaps[1], 32, 8);
      cr_assert_neq(first, second);
      ration_heap_release(&heaps[0], first, 32, 8);
      ration_heap_release(&heaps[1], second, 32, 8);
    }
    cr_expect_eq(figures_of(&heaps[0]).allocations, 100);
    cr_expect_eq(figures_of(&heaps[1]).allocations, 100);
    ration_heap_done(&heaps[0]);
    ration_heap_done(&heaps[1]);
  }
}

/* Against the plain truth: blocks keep their bytes while they are out, so no two overlap; the figures are their sums. */
Test(kit_heap, blocks_keep_their_bytes_at_random) {
  enum { MOST = 400 };
  static struct {
    unsigned char *bytes;
    size_t size, alignment;
  } blocks[MOST];
  struct random random = {.seed = 3};
  struct ration_heap heap;
  size_t used = 0;
  cr_assert_eq(ration_heap_init(&heap, NULL, &(struct ration_heap_settings){.chunk_bytes = 8192}), 0);
  for (int step = 0; step < 40000; step++) {
    size_t i = random_below(&random, MOST);
    if (blocks[i].bytes) {
      for (size_t j = 0; j < blocks[i].size; j++) cr_assert_eq(blocks[i].bytes[j], (unsigned char)(i * 7));
      cr_assert_eq(ration_heap_release(&heap, blocks[i].bytes, blocks[i].size, blocks[i].alignment), 0);
      blocks[i].bytes = NULL;
      used--;
    } else {
      blocks[i].size = 1 + random_size(&random, 1500);
      blocks[i].alignment = (size_t)1 << random_below(&random, 8);
      blocks[i].bytes = ration_heap_allocate(&heap, blocks[i].size, blocks[i].alignment);
      cr_assert_not_null(blocks[i].bytes);
      memset(blocks[i].bytes, (int)(i * 7), blocks[i].size);
      used++;
    }
    if (step % 1000 == 0) cr_assert_eq(figures_of(&heap).used_blocks, used);
    if (step % 5000 == 0) ration_heap_flush(&heap);
  }
  for (size_t i = 0; i < MOST; i++)
    ration_heap_release(&heap, blocks[i].bytes, blocks[i].size, blocks[i].alignment);
  cr_expect_eq(figures_of(&heap).used_bytes, 0);
  ration_heap_done(&heap);
}

/* Eight threads in a ring: each makes blocks, and hands them to the next, which checks and releases them. */
#define THREADS 8
#define ROUNDS  150
#define HANDED  60

static struct ration_heap shared;
static pthread_barrier_t barrier;
static struct {
  uint32_t *words[HANDED];
  size_t counts[HANDED];
} hands[THREADS];

static void *hand_on(void *argument) {
  uintptr_t self = (uintptr_t)argument, failed = 0;
  struct random random = {.seed = self};
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < HANDED; i++) {
      size_t count = 1 + random_size(&random, 300);
      uint32_t *words = ration_heap_allocate(&shared, count * 4, 4);
      if (!words) return (void *)1;
      for (size_t j = 0; j < count; j++) words[j] = (uint32_t)(self * 1000 + (unsigned)i);
      hands[self].words[i] = words, hands[self].counts[i] = count;
    }
    struct ration_heap_figures found;
    if (ration_heap_stats(&shared, &found)) failed++;
    pthread_barrier_wait(&barrier);
    uintptr_t of = (self + 1) % THREADS;
    for (int i = 0; i < HANDED; i++) {
      for (size_t j = 0; j < hands[of].counts[i]; j++)
        if (hands[of].words[i][j] != of * 1000 + (unsigned)i) failed++;
      if (ration_heap_release(&shared, hands[of].words[i], hands[of].counts[i] * 4, 4)) failed++;
    }
    pthread_barrier_wait(&barrier);
  }
  return (void *)failed;
}

Test(kit_heap, eight_threads_release_what_others_made) {
  pthread_t threads[THREADS];
  struct failing_memory below;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_heap_init(&shared, &below.memory, NULL), 0);
  pthread_barrier_init(&barrier, NULL, THREADS);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, hand_on, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) {
    void *failed;
    pthread_join(threads[i], &failed);
    cr_expect_null(failed);
  }
  struct ration_heap_figures found = figures_of(&shared);
  cr_expect_eq(found.allocations, THREADS * ROUNDS * HANDED);
  cr_expect_eq(found.releases, found.allocations);
  cr_expect_eq(found.used_bytes, 0);
  cr_expect_eq(found.threads, 0);
  ration_heap_done(&shared);
  cr_expect_eq(below.bytes, 0);
}
