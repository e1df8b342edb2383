/*
 * arena.c: tests of ration/kit/arena.h.
 */
#include <ration/kit/arena.h>

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

static struct ration_arena_figures figures_of(struct ration_arena *arena) {
  struct ration_arena_figures found;
  cr_assert_eq(ration_arena_stats(arena, &found), 0);
  cr_expect(ration_arena_is_valid(arena));
  return found;
}

Test(kit_arena, gives_what_is_asked_for_one_after_another) {
  struct failing_memory below;
  struct ration_arena arena;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_arena_init(&arena, &below.memory, NULL), 0);
  cr_expect_eq(below.blocks, 0, "nothing is taken before it is needed");
  char *first = ration_arena_allocate(&arena, 10, 1);
  char *second = ration_arena_allocate(&arena, 3, 1);
  cr_assert_not_null(first);
  cr_expect_eq(second, first + 10);
  uint64_t *number = RATION_ARENA_NEW(&arena, uint64_t);
  cr_expect_eq((char *)number, first + 16);
  int *numbers = RATION_ARENA_ARRAY(&arena, int, 100);
  cr_expect_eq((char *)numbers, first + 24);
  cr_expect_eq(below.blocks, 1);
  struct ration_arena_figures found = figures_of(&arena);
  cr_expect_eq(found.used, 10 + 3 + 8 + 400);
  cr_expect_eq(found.padding, 3);
  cr_expect_eq(found.high_water, found.used + found.padding);
  cr_expect_eq(found.reserved, below.bytes);
  cr_expect_eq(found.blocks, 1);
  ration_arena_done(&arena);
  ration_arena_done(&arena);
  cr_expect_eq(below.blocks, 0);
  cr_expect_eq(below.bytes, 0);
}

Test(kit_arena, the_address_is_aligned_and_not_only_the_offset) {
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, &(struct ration_arena_settings){.block_bytes = 1000}), 0);
  for (size_t alignment = 1; alignment <= (size_t)1 << 20; alignment *= 2)
    for (size_t size = 1; size < 300; size += 97) {
      char *piece = ration_arena_allocate(&arena, size, alignment);
      cr_assert_not_null(piece);
      cr_expect_eq((uintptr_t)piece % alignment, 0);
      memset(piece, 1, size);
    }
  cr_expect(ration_arena_is_valid(&arena));
  ration_arena_done(&arena);
}

Test(kit_arena, refuses_what_cannot_be) {
  struct ration_arena arena;
  struct ration_arena_figures found;
  static const size_t wrong[] = {0, 3, 24, (size_t)1 << 31, SIZE_MAX};
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    expect_null(ration_arena_allocate(&arena, 8, wrong[i]), EINVAL);
  expect_null(ration_arena_allocate(&arena, 0, 8), EINVAL);
  expect_null(ration_arena_allocate(NULL, 8, 8), EINVAL);
  expect_null(ration_arena_resolve(NULL, ration_arena_refer(NULL, &arena)), ESTALE);
  expect_null(ration_arena_allocate(&arena, RATION_BYTES_MOST + 1, 8), EOVERFLOW);
  expect_null(ration_arena_allocate(&arena, RATION_BYTES_MOST, RATION_ALIGNMENT_MOST), ENOMEM);
  expect_null(ration_arena_allocate_array(&arena, SIZE_MAX / 2, 4, 4), EOVERFLOW);
  expect_null(ration_arena_allocate_array(&arena, 0, 4, 4), EINVAL);
  cr_expect_eq(ration_arena_stats(&arena, NULL), -EINVAL);
  cr_expect_eq(ration_arena_stats(NULL, &found), -EINVAL);
  cr_expect_eq(ration_arena_reset(NULL), -EINVAL);
  cr_expect_eq(ration_arena_trim(NULL), 0);
  cr_expect_eq(ration_arena_has(NULL, &arena), 0);
  cr_expect(ration_arena_is_valid(&arena));
  ration_arena_done(&arena);
  expect_null(ration_arena_allocate(&arena, 8, 8), EINVAL);
  cr_expect_eq(ration_arena_reset(&arena), -EINVAL);
  cr_expect_eq(ration_arena_stats(&arena, &found), -EINVAL);
  cr_expect_not(ration_arena_is_valid(&arena));
  ration_arena_done(NULL);
}

Test(kit_arena, refuses_settings_that_cannot_be) {
  struct ration_arena arena;
  cr_expect_eq(ration_arena_init(NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_arena_init(&arena, NULL, &(struct ration_arena_settings){.keep = 3}), -EINVAL);
  cr_expect_eq(ration_arena_init(&arena, NULL, &(struct ration_arena_settings){.block_bytes = SIZE_MAX}),
               -EOVERFLOW);
  cr_expect_eq(
      ration_arena_init(&arena, NULL, &(struct ration_arena_settings){.block_bytes = 100, .bytes_most = 100}),
      -EINVAL);
  struct failing_memory below;
  failing_memory_init(&below, 0);
  cr_expect_eq(ration_arena_init(&arena, &below.memory, &(struct ration_arena_settings){.is_fixed = 1}),
               -ENOMEM);
}

Test(kit_arena, a_fixed_one_gives_all_that_it_has_and_no_more) {
  struct failing_memory below;
  struct ration_arena arena;
  failing_memory_init(&below, SIZE_MAX);
  struct ration_arena_settings settings = {.block_bytes = 1024, .is_fixed = 1};
  for (settings.is_private = 0; settings.is_private < 2; settings.is_private++) {
    cr_assert_eq(ration_arena_init(&arena, &below.memory, &settings), 0);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 16; i++) cr_expect_not_null(ration_arena_allocate(&arena, 64, 64));
      expect_null(ration_arena_allocate(&arena, 1, 1), ENOSPC);
      cr_expect_eq(figures_of(&arena).used, 1024);
      cr_assert_eq(ration_arena_reset(&arena), 0);
      expect_null(ration_arena_allocate(&arena, 1025, 1), ENOSPC);
      cr_expect_not_null(ration_arena_allocate(&arena, 1024, 1));
      cr_assert_eq(ration_arena_reset(&arena), 0);
    }
    cr_expect_eq(ration_arena_trim(&arena), 0, "its block stays");
    cr_expect_eq(below.blocks, 1);
    ration_arena_done(&arena);
    cr_expect_eq(below.bytes, 0);
  }
}

Test(kit_arena, goes_on_to_further_blocks_and_keeps_them) {
  struct failing_memory below;
  struct ration_arena arena;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_arena_init(&arena, &below.memory, &(struct ration_arena_settings){.block_bytes = 256}),
               0);
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 20; i++) cr_assert_not_null(ration_arena_allocate(&arena, 100, 4));
    struct ration_arena_figures found = figures_of(&arena);
    cr_expect_eq(found.blocks, 10);
    cr_expect_eq(found.used, 2000);
    cr_expect_eq(found.ends, 9 * 56);
    cr_expect_eq(below.blocks, 10, "the blocks of the last round serve again");
    cr_assert_eq(ration_arena_reset(&arena), 0);
    cr_expect_eq(figures_of(&arena).resets, (uint64_t)round + 1);
    cr_expect_eq(figures_of(&arena).high_water, 2000);
    cr_expect_eq(figures_of(&arena).used, 0);
  }
  size_t bytes = below.bytes;
  cr_expect_eq(ration_arena_trim(&arena), bytes);
  cr_expect_eq(below.blocks, 0);
  cr_expect_not_null(ration_arena_allocate(&arena, 100, 4));
  cr_expect_eq(ration_arena_trim(&arena), 0, "what is in use stays");
  cr_expect(ration_arena_is_valid(&arena));
  ration_arena_done(&arena);
}

Test(kit_arena, a_large_request_does_not_end_the_current_block) {
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, &(struct ration_arena_settings){.block_bytes = 1024}), 0);
  char *small = ration_arena_allocate(&arena, 100, 1);
  char *large = ration_arena_allocate(&arena, 5000, 1);
  cr_assert_not_null(large);
  cr_expect_eq(ration_arena_allocate(&arena, 100, 1), small + 100);
  cr_expect_eq(figures_of(&arena).ends, 0);
  cr_assert_eq(ration_arena_reset(&arena), 0);
  cr_expect_eq(ration_arena_allocate(&arena, 5000, 1), large, "its block serves again");
  cr_expect(ration_arena_is_valid(&arena));
  ration_arena_done(&arena);
}

Test(kit_arena, keeps_what_the_settings_say) {
  struct failing_memory below;
  struct ration_arena arena;
  failing_memory_init(&below, SIZE_MAX);
  struct ration_arena_settings settings = {.block_bytes = 256, .keep = RATION_ARENA_KEEP_USED};
  cr_assert_eq(ration_arena_init(&arena, &below.memory, &settings), 0);
  for (int i = 0; i < 20; i++) ration_arena_allocate(&arena, 100, 4);
  ration_arena_reset(&arena);
  cr_expect_eq(below.blocks, 10, "all were used");
  for (int i = 0; i < 5; i++) ration_arena_allocate(&arena, 100, 4);
  ration_arena_reset(&arena);
  cr_expect_eq(below.blocks, 3);
  cr_expect(ration_arena_is_valid(&arena));
  ration_arena_done(&arena);

  settings.keep = RATION_ARENA_KEEP_ONE;
  cr_assert_eq(ration_arena_init(&arena, &below.memory, &settings), 0);
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 20; i++) cr_assert_not_null(ration_arena_allocate(&arena, 100, 4));
    cr_expect_eq(below.blocks, round ? 1 : 10);
    ration_arena_reset(&arena);
    cr_expect_eq(below.blocks, round ? 1 : 0, "the first reset makes the next block large enough");
    cr_expect(ration_arena_is_valid(&arena));
  }
  ration_arena_done(&arena);
  cr_expect_eq(below.bytes, 0);
}

Test(kit_arena, stops_at_its_maximum) {
  struct failing_memory below;
  struct ration_arena arena;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_arena_init(&arena, &below.memory,
                                 &(struct ration_arena_settings){.block_bytes = 1024, .bytes_most = 4000}),
               0);
  for (int i = 0; i < 3; i++) cr_assert_not_null(ration_arena_allocate(&arena, 1024, 1));
  cr_expect_not_null(ration_arena_allocate(&arena, 500, 1), "a smaller block where a whole one is too much");
  expect_null(ration_arena_allocate(&arena, 500, 1), ENOSPC);
  cr_expect_leq(below.bytes, 4000);
  cr_expect(ration_arena_is_valid(&arena));
  ration_arena_done(&arena);
  cr_expect_eq(below.bytes, 0);
}

Test(kit_arena, kept_blocks_give_way_to_one_that_they_leave_no_room_for) {
  struct failing_memory below;
  struct ration_arena arena;
  failing_memory_init(&below, SIZE_MAX);
  struct ration_arena_settings settings = {.block_bytes = 1024, .bytes_most = 8192};
  cr_assert_eq(ration_arena_init(&arena, &below.memory, &settings), 0);
  for (int i = 0; i < 7; i++) cr_assert_not_null(ration_arena_allocate(&arena, 1024, 1));
  expect_null(ration_arena_allocate(&arena, 6000, 1), ENOSPC);
  cr_assert_eq(ration_arena_reset(&arena), 0);
  char *small = ration_arena_allocate(&arena, 100, 1);
  cr_expect_eq(below.blocks, 7);
  errno = 0;
  char *large = ration_arena_allocate(&arena, 6000, 1);
  cr_assert_not_null(large);
  cr_expect_eq(errno, 0);
  memset(large, 1, 6000);
  cr_expect_eq(ration_arena_allocate(&arena, 100, 1), small + 100);
  cr_expect_eq(below.blocks, 2);
  cr_expect_eq(figures_of(&arena).reserved, below.bytes);
  ration_arena_done(&arena);
  cr_expect_eq(below.bytes, 0);
}

/* Where there is no memory for a whole block, one for the request: and errno is as it was. */
Test(kit_arena, makes_do_with_less) {
  struct ration_arena below, arena;
  struct ration_arena_settings settings = {.block_bytes = 1000, .is_fixed = 1};
  cr_assert_eq(ration_arena_init(&below, NULL, &settings), 0);
  cr_assert_eq(ration_arena_init(&arena, &below.memory, NULL), 0);
  errno = 0;
  cr_expect_not_null(ration_arena_allocate(&arena, 100, 8));
  cr_expect_eq(errno, 0);
  expect_null(ration_arena_allocate(&arena, 1000, 8), ENOSPC);
  ration_arena_done(&arena);
  ration_arena_done(&below);
}

Test(kit_arena, only_the_first_block_after_a_reset_is_large) {
  struct failing_memory below;
  struct ration_arena arena;
  failing_memory_init(&below, SIZE_MAX);
  struct ration_arena_settings settings = {.block_bytes = 256, .keep = RATION_ARENA_KEEP_ONE};
  cr_assert_eq(ration_arena_init(&arena, &below.memory, &settings), 0);
  for (int i = 0; i < 10; i++) cr_assert_not_null(ration_arena_allocate(&arena, 256, 1));
  cr_assert_eq(ration_arena_reset(&arena), 0);
  cr_assert_not_null(ration_arena_allocate(&arena, 2560, 1));
  size_t bytes = below.bytes;
  cr_assert_not_null(ration_arena_allocate(&arena, 1, 1));
  cr_expect_eq(below.blocks, 2);
  cr_expect_lt(below.bytes - bytes, 512);
  ration_arena_done(&arena);
}

Test(kit_arena, stale_references_are_told) {
  struct ration_arena arena, other;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  cr_assert_eq(ration_arena_init(&other, NULL, NULL), 0);
  int *number = RATION_ARENA_NEW(&arena, int);
  struct ration_arena_reference reference = ration_arena_refer(&arena, number);
  cr_expect_eq(ration_arena_resolve(&arena, reference), number);
  cr_expect_eq(ration_arena_has(&arena, number), 1);
  cr_expect_eq(ration_arena_has(&arena, number + 1), 0);
  cr_expect_eq(ration_arena_has(&arena, &arena), 0);
  expect_null(ration_arena_resolve(&other, reference), ESTALE);
  ration_arena_reset(&arena);
  expect_null(ration_arena_resolve(&arena, reference), ESTALE);
  cr_expect_eq(ration_arena_has(&arena, number), 0);
  number = RATION_ARENA_NEW(&arena, int);
  reference = ration_arena_refer(&arena, number);
  ration_arena_done(&arena);
  expect_null(ration_arena_resolve(&arena, reference), ESTALE);
  expect_null(ration_arena_resolve(&arena, (struct ration_arena_reference){0}), ESTALE);
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  expect_null(ration_arena_resolve(&arena, reference), ESTALE);
  ration_arena_done(&arena);
  ration_arena_done(&other);
}

Test(kit_arena, is_a_memory) {
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, &(struct ration_arena_settings){.block_bytes = 1024}), 0);
  struct ration_memory *memory = &arena.memory;
  cr_expect_eq(ration_arena_of(memory), &arena);
  cr_expect_null(ration_arena_of(NULL));
  cr_expect_null(ration_arena_of(ration_memory_system()));
  char *block = ration_memory_allocate(memory, 100, 8);
  memset(block, 7, 100);
  cr_expect_eq(ration_memory_reallocate(memory, block, 100, 200, 8), block, "the newest grows in place");
  cr_expect_eq(ration_memory_reallocate(memory, block, 200, 50, 8), block);
  char *newer = ration_memory_allocate(memory, 8, 8);
  char *moved = ration_memory_reallocate(memory, block, 200, 300, 8);
  cr_expect_gt(moved, newer);
  char *far = ration_memory_reallocate(memory, moved, 300, 3000, 8);
  cr_assert_not_null(far);
  for (int i = 0; i < 100; i++) cr_expect_eq(far[i], 7);
  expect_null(ration_memory_reallocate(memory, far, 3000, RATION_BYTES_MOST, 8), ENOMEM);
  cr_expect_eq(ration_memory_release(memory, far, 3000, 8), 0);
  cr_expect(ration_arena_is_valid(&arena));
  ration_arena_done(&arena);
}

/* All that a program may do with an arena, with so many requests served below. Yields whether any was refused. */
static int run_short(size_t left) {
  struct failing_memory below;
  struct ration_arena arena;
  failing_memory_init(&below, left);
  struct ration_arena_settings settings = {.block_bytes = 256, .keep = RATION_ARENA_KEEP_ONE};
  cr_assert_eq(ration_arena_init(&arena, &below.memory, &settings), 0);
  int refused = 0;
  for (int round = 0; round < 2; round++) {
    for (size_t size = 50; size < 2000; size += 150) {
      char *piece = ration_arena_allocate(&arena, size, 16);
      if (piece)
        memset(piece, 3, size);
      else
        refused = errno;
      cr_expect(ration_arena_is_valid(&arena));
    }
    ration_arena_reset(&arena);
  }
  ration_arena_done(&arena);
  cr_expect_eq(below.blocks, 0);
  cr_expect_eq(below.bytes, 0);
  cr_expect(refused == 0 || refused == ENOMEM);
  return refused;
}

Test(kit_arena, survives_each_request_that_fails_below) {
  size_t left = 0;
  while (run_short(left)) left++;
  cr_expect_geq(left, 5);
}

/* Against the plain truth: pieces do not overlap, keep their bytes, and the figures are their sums. */
static void run_random(uint64_t seed, struct ration_arena_settings settings) {
  struct random random = {.seed = seed};
  struct failing_memory below;
  struct ration_arena arena;
  struct piece {
    unsigned char *bytes;
    size_t size;
  } pieces[200];
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_arena_init(&arena, &below.memory, &settings), 0);
  for (int round = 0; round < 40; round++) {
    size_t count = random_below(&random, 200), used = 0, padding = 0;
    for (size_t i = 0; i < count; i++) {
      pieces[i].size = 1 + random_size(&random, 4000);
      pieces[i].bytes = ration_arena_allocate(&arena, pieces[i].size, (size_t)1 << random_below(&random, 9));
      cr_assert_not_null(pieces[i].bytes);
      memset(pieces[i].bytes, (int)i, pieces[i].size);
      used += pieces[i].size;
    }
    for (size_t i = 0; i < count; i++)
      for (size_t j = 0; j < pieces[i].size; j++) cr_assert_eq(pieces[i].bytes[j], (unsigned char)i);
    struct ration_arena_figures found = figures_of(&arena);
    padding = found.padding;
    cr_assert_eq(found.used, used);
    cr_assert_eq(found.reserved, below.bytes);
    cr_assert_leq(used + padding + found.ends, found.reserved);
    if (random_below(&random, 4) == 0) ration_arena_trim(&arena);
    cr_assert_eq(ration_arena_reset(&arena), 0);
    if (random_below(&random, 4) == 0) ration_arena_trim(&arena);
    cr_assert(ration_arena_is_valid(&arena));
  }
  ration_arena_done(&arena);
  cr_expect_eq(below.bytes, 0);
}

Test(kit_arena, pieces_keep_their_bytes_at_random) {
  for (uint32_t keep = 0; keep < 3; keep++)
    for (uint32_t is_private = 0; is_private < 2; is_private++)
      run_random(7 + keep,
                 (struct ration_arena_settings){.block_bytes = 2048, .keep = keep, .is_private = is_private});
}

#define THREADS 8
#define PIECES  2000

struct worker {
  pthread_t thread;
  struct ration_arena *arena;
  uint64_t seed;
  uint32_t *pieces[PIECES];
  size_t words[PIECES];
};

static void *fill(void *argument) {
  struct worker *worker = argument;
  struct random random = {.seed = worker->seed};
  for (int i = 0; i < PIECES; i++) {
    worker->words[i] = 1 + random_below(&random, 12);
    worker->pieces[i] = RATION_ARENA_ARRAY(worker->arena, uint32_t, worker->words[i]);
    if (!worker->pieces[i]) return worker;
    for (size_t j = 0; j < worker->words[i]; j++)
      worker->pieces[i][j] = (uint32_t)(worker->seed * PIECES) + (uint32_t)i;
    struct ration_arena_figures found;
    if (i % 100 == 0 && ration_arena_stats(worker->arena, &found)) return worker;
  }
  return NULL;
}

/* The memory below takes its time, so that all others come to wait for the first, whose block serves them, too. */
static void *allocate_slowly(struct ration_memory *memory, size_t size, size_t alignment) {
  usleep(20000);
  return failing_memory_allocate(memory, size, alignment);
}

static void *take_one(void *arena) {
  return ration_arena_allocate(arena, 16, 16);
}

Test(kit_arena, who_waits_for_a_block_takes_from_it) {
  static const struct ration_memory_type type = {
      .name = "slow", .allocate = allocate_slowly, .release = failing_memory_release};
  struct failing_memory below;
  struct ration_arena arena;
  pthread_t threads[THREADS];
  failing_memory_init(&below, SIZE_MAX);
  below.memory.type = &type;
  cr_assert_eq(ration_arena_init(&arena, &below.memory, NULL), 0);
  for (int i = 0; i < THREADS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, take_one, &arena), 0);
  for (int i = 0; i < THREADS; i++) {
    void *piece;
    pthread_join(threads[i], &piece);
    cr_expect_not_null(piece);
  }
  cr_expect_eq(below.blocks, 1);
  cr_expect_eq(figures_of(&arena).used, THREADS * 16);
  ration_arena_done(&arena);
}

/* Pieces grow in place where nobody was faster, and elsewhere where somebody was: no byte is two pieces'. */
static void *grow(void *argument) {
  struct ration_memory *memory = argument;
  char name;
  for (int i = 0; i < PIECES; i++) {
    char **words = ration_memory_allocate(memory, sizeof *words, _Alignof(char *));
    for (size_t count = 1; words && count < 8; count++) {
      words[count - 1] = &name;
      words = ration_memory_reallocate(memory, words, count * sizeof *words, (count + 1) * sizeof *words,
                                       _Alignof(char *));
      for (size_t j = 0; words && j < count; j++)
        if (words[j] != &name) return argument;
    }
    if (!words) return argument;
  }
  return NULL;
}

Test(kit_arena, pieces_grow_while_others_take) {
  struct ration_arena arena;
  pthread_t threads[THREADS];
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  for (int i = 0; i < THREADS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, grow, &arena.memory), 0);
  for (int i = 0; i < THREADS; i++) {
    void *failed;
    pthread_join(threads[i], &failed);
    cr_expect_null(failed);
  }
  cr_expect(ration_arena_is_valid(&arena));
  ration_arena_done(&arena);
}

Test(kit_arena, eight_threads_lose_nothing) {
  static struct worker workers[THREADS];
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, &(struct ration_arena_settings){.block_bytes = 4096}), 0);
  for (int round = 0; round < 3; round++) {
    for (uint64_t i = 0; i < THREADS; i++) {
      workers[i].arena = &arena, workers[i].seed = i;
      cr_assert_eq(pthread_create(&workers[i].thread, NULL, fill, &workers[i]), 0);
    }
    size_t words = 0;
    for (int i = 0; i < THREADS; i++) {
      void *failed;
      pthread_join(workers[i].thread, &failed);
      cr_assert_null(failed);
      for (int j = 0; j < PIECES; j++) words += workers[i].words[j];
    }
    for (int i = 0; i < THREADS; i++)
      for (int j = 0; j < PIECES; j++)
        for (size_t k = 0; k < workers[i].words[j]; k++)
          cr_assert_eq(workers[i].pieces[j][k], (uint32_t)(i * PIECES + j));
    struct ration_arena_figures found = figures_of(&arena);
    cr_expect_eq(found.used, words * 4);
    cr_expect_eq(found.padding, 0);
    cr_assert_eq(ration_arena_reset(&arena), 0);
  }
  ration_arena_done(&arena);
}
