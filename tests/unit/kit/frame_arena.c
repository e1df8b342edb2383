/*
 * frame_arena.c: tests of ration/kit/frame_arena.h.
 */
#include <ration/kit/frame_arena.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

static void expect_null(void *block, int error) {
  cr_expect_null(block);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

Test(kit_frame_arena, keeps_a_frame_for_one_more) {
  struct failing_memory below;
  struct ration_frame_arena frames;
  failing_memory_init(&below, SIZE_MAX);
  cr_assert_eq(ration_frame_arena_init(&frames, &below.memory, NULL), 0);
  struct ration_arena_reference references[10];
  for (int frame = 0; frame < 10; frame++) {
    int *number = RATION_FRAME_ARENA_NEW(&frames, int);
    cr_assert_not_null(number);
    *number = frame;
    references[frame] = ration_frame_arena_refer(&frames, number);
    for (int of = 0; of <= frame; of++) {
      int *found = ration_frame_arena_resolve(&frames, references[of]);
      if (of < frame - 1)
        expect_null(found, ESTALE);
      else
        cr_expect_eq(*found, of);
      cr_expect_eq(ration_frame_arena_is_last(&frames, references[of]), of == frame - 1);
    }
    cr_expect(ration_frame_arena_is_valid(&frames));
    cr_assert_eq(ration_frame_arena_flip(&frames), 0);
  }
  cr_expect_eq(below.blocks, 2);
  struct ration_frame_arena_figures found;
  cr_assert_eq(ration_frame_arena_stats(&frames, &found), 0);
  cr_expect_eq(found.frame, 10);
  cr_expect_eq(found.current.used, 0);
  cr_expect_eq(found.last.used, sizeof(int));
  cr_expect_eq(found.current.reserved + found.last.reserved, below.bytes);
  cr_expect_not_null(ration_frame_arena_resolve(&frames, references[9]));
  references[8] = ration_frame_arena_refer(&frames, RATION_FRAME_ARENA_NEW(&frames, int));
  cr_assert_eq(ration_frame_arena_reset(&frames), 0);
  expect_null(ration_frame_arena_resolve(&frames, references[8]), ESTALE);
  expect_null(ration_frame_arena_resolve(&frames, references[9]), ESTALE);
  size_t bytes = below.bytes;
  cr_expect_eq(ration_frame_arena_trim(&frames), bytes);
  cr_expect_eq(below.bytes, 0);
  ration_frame_arena_done(&frames);
  ration_frame_arena_done(&frames);
}

Test(kit_frame_arena, refuses_what_cannot_be) {
  struct ration_frame_arena frames = {.frame = 0};
  struct ration_frame_arena_figures found;
  ration_frame_arena_done(&frames);
  ration_frame_arena_done(NULL);
  cr_expect_eq(ration_frame_arena_init(NULL, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_frame_arena_init(&frames, NULL, &(struct ration_arena_settings){.keep = 9}), -EINVAL);
  expect_null(ration_frame_arena_allocate(&frames, 8, 8), EINVAL);
  expect_null(ration_frame_arena_allocate(NULL, 8, 8), EINVAL);
  expect_null(ration_frame_arena_resolve(NULL, ration_frame_arena_refer(NULL, &found)), ESTALE);
  cr_expect_eq(ration_frame_arena_is_last(NULL, ration_frame_arena_refer(&frames, &found)), 0);
  expect_null(ration_frame_arena_allocate_array(NULL, 8, 8, 8), EINVAL);
  expect_null(ration_frame_arena_resolve(&frames, ration_frame_arena_refer(&frames, &found)), ESTALE);
  cr_expect_eq(ration_frame_arena_flip(&frames), -EINVAL);
  cr_expect_eq(ration_frame_arena_flip(NULL), -EINVAL);
  cr_expect_eq(ration_frame_arena_reset(&frames), -EINVAL);
  cr_expect_eq(ration_frame_arena_trim(&frames), 0);
  cr_expect_eq(ration_frame_arena_stats(&frames, &found), -EINVAL);
  cr_expect_not(ration_frame_arena_is_valid(&frames));
  cr_assert_eq(ration_frame_arena_init(&frames, NULL, NULL), 0);
  cr_expect_eq(ration_frame_arena_stats(&frames, NULL), -EINVAL);
  expect_null(ration_frame_arena_allocate(&frames, 0, 8), EINVAL);
  expect_null(ration_frame_arena_allocate(&frames, 8, 3), EINVAL);
  expect_null(ration_frame_arena_allocate_array(&frames, SIZE_MAX, 2, 1), EOVERFLOW);
  ration_frame_arena_done(&frames);
}

Test(kit_frame_arena, is_as_before_where_init_fails) {
  struct ration_arena_settings fixed = {.block_bytes = 1024, .is_fixed = 1};
  for (size_t left = 0; left < 3; left++) {
    struct failing_memory below;
    struct ration_frame_arena frames, before;
    failing_memory_init(&below, left);
    memset(&frames, 0x33, sizeof frames);
    memcpy(&before, &frames, sizeof frames);
    cr_assert_eq(ration_frame_arena_init(&frames, &below.memory, &fixed), left < 2 ? -ENOMEM : 0);
    if (left < 2) cr_expect_eq(memcmp(&frames, &before, sizeof frames), 0);
    cr_expect_eq(below.blocks, left == 2 ? 2 : 0);
    if (left == 2) {
      for (int i = 0; i < 3; i++) {
        cr_expect_not_null(ration_frame_arena_allocate(&frames, 1024, 1));
        expect_null(ration_frame_arena_allocate(&frames, 1, 1), ENOSPC);
        ration_frame_arena_flip(&frames);
      }
      ration_frame_arena_done(&frames);
    }
    cr_expect_eq(below.bytes, 0);
  }
}

Test(kit_frame_arena, is_a_memory_and_moves_what_grows_into_this_frame) {
  struct ration_frame_arena frames;
  cr_assert_eq(ration_frame_arena_init(&frames, NULL, NULL), 0);
  struct ration_memory *memory = &frames.memory;
  cr_expect_eq(ration_frame_arena_of(memory), &frames);
  cr_expect_null(ration_frame_arena_of(ration_memory_system()));
  cr_expect_null(ration_frame_arena_of(NULL));
  char *block = ration_memory_allocate(memory, 8, 8);
  memcpy(block, "abcdefg", 8);
  cr_expect_eq(ration_memory_reallocate(memory, block, 8, 16, 8), block);
  ration_frame_arena_flip(&frames);
  char *moved = ration_memory_reallocate(memory, block, 16, 32, 8);
  cr_assert_not_null(moved);
  cr_expect_neq(moved, block);
  ration_frame_arena_flip(&frames);
  memset(ration_memory_allocate(memory, 64, 8), 0, 64);
  cr_expect_str_eq(moved, "abcdefg", "it lives as long as the frame in which it grew");
  cr_expect_eq(ration_memory_release(memory, moved, 32, 8), 0);
  ration_frame_arena_done(&frames);
}

/* Pieces of the last two frames keep their bytes, against a plain copy of what was written. */
Test(kit_frame_arena, pieces_keep_their_bytes_at_random) {
  struct random random = {.seed = 11};
  struct ration_frame_arena frames;
  struct {
    unsigned char *bytes;
    size_t size;
    unsigned char value;
  } pieces[2][64];
  size_t counts[2] = {0, 0};
  cr_assert_eq(ration_frame_arena_init(&frames, NULL, &(struct ration_arena_settings){.block_bytes = 1500}),
               0);
  for (int frame = 0; frame < 200; frame++) {
    int at = frame & 1;
    counts[at] = random_below(&random, 64);
    for (size_t i = 0; i < counts[at]; i++) {
      pieces[at][i].size = 1 + random_size(&random, 1000);
      pieces[at][i].value = (unsigned char)random_next(&random);
      pieces[at][i].bytes =
          ration_frame_arena_allocate(&frames, pieces[at][i].size, (size_t)1 << random_below(&random, 7));
      cr_assert_not_null(pieces[at][i].bytes);
      memset(pieces[at][i].bytes, pieces[at][i].value, pieces[at][i].size);
    }
    for (int of = 0; of < 2; of++)
      for (size_t i = 0; i < counts[of]; i++)
        for (size_t j = 0; j < pieces[of][i].size; j++)
          cr_assert_eq(pieces[of][i].bytes[j], pieces[of][i].value);
    cr_assert(ration_frame_arena_is_valid(&frames));
    ration_frame_arena_flip(&frames);
  }
  ration_frame_arena_done(&frames);
}

#define THREADS 8
static struct ration_frame_arena shared;
static pthread_barrier_t barrier;
static struct ration_arena_reference handed[THREADS];

/* Each reads what its neighbour made in the last frame, while both make anew. */
static void *frames_of(void *argument) {
  uintptr_t self = (uintptr_t)argument, failed = 0;
  for (uintptr_t frame = 0; frame < 50; frame++) {
    uintptr_t *last = frame ? ration_frame_arena_resolve(&shared, handed[(self + 1) % THREADS]) : NULL;
    if (frame && (!last || *last != (frame - 1) * THREADS + (self + 1) % THREADS)) failed++;
    for (int i = 0; i < 20; i++)
      if (!ration_frame_arena_allocate(&shared, 40, 8)) failed++;
    uintptr_t *mine = RATION_FRAME_ARENA_NEW(&shared, uintptr_t);
    if (mine) *mine = frame * THREADS + self;
    pthread_barrier_wait(&barrier);
    handed[self] = ration_frame_arena_refer(&shared, mine);
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) ration_frame_arena_flip(&shared);
    pthread_barrier_wait(&barrier);
  }
  return (void *)failed;
}

Test(kit_frame_arena, eight_threads_hand_on_what_they_made) {
  pthread_t threads[THREADS];
  cr_assert_eq(ration_frame_arena_init(&shared, NULL, &(struct ration_arena_settings){.block_bytes = 1024}),
               0);
  pthread_barrier_init(&barrier, NULL, THREADS);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, frames_of, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) {
    void *failed;
    pthread_join(threads[i], &failed);
    cr_expect_null(failed);
  }
  ration_frame_arena_done(&shared);
}
