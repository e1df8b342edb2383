/*
 * arena_runs.c: tests of ration/kit/arena.h: the runs that threads have of an arena that they share.
 */
#include <ration/kit/arena.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "kit/failing_memory.h"

#define BLOCK 65536
#define RUN   4096 /* of an arena of such blocks; of a fixed one a quarter of that */

static struct ration_arena_figures figures_of(struct ration_arena *arena) {
  struct ration_arena_figures found;
  cr_assert_eq(ration_arena_stats(arena, &found), 0);
  cr_expect(ration_arena_is_valid(arena));
  return found;
}

struct request {
  struct ration_arena *arena;
  size_t size;
};

static void *take(void *argument) {
  const struct request *request = argument;
  return ration_arena_allocate(request->arena, request->size, 1);
}

/* A piece that another thread takes, which has ended then. */
static void *take_elsewhere(struct ration_arena *arena, size_t size) {
  struct request request = {arena, size};
  pthread_t thread;
  void *piece;
  cr_assert_eq(pthread_create(&thread, NULL, take, &request), 0);
  pthread_join(thread, &piece);
  cr_assert_not_null(piece);
  return piece;
}

Test(kit_arena_runs, are_as_large_as_the_settings_allow) {
  static const struct {
    struct ration_arena_settings settings;
    size_t bytes;
  } cases[] = {
      {{.block_bytes = 0}, RUN},
      {{.block_bytes = (size_t)1 << 20}, RUN},
      {{.block_bytes = 32768}, 2048},
      {{.block_bytes = 16384}, 1024},
      {{.block_bytes = 16383}, 0},
      {{.block_bytes = BLOCK, .is_private = 1}, 0},
      {{.block_bytes = BLOCK, .is_fixed = 1}, 1024},
      {{.block_bytes = BLOCK - 1, .is_fixed = 1}, 0},
      {{.block_bytes = (size_t)1 << 20, .is_fixed = 1}, RUN},
      {{.block_bytes = BLOCK, .bytes_most = 131072}, 2048},
      {{.block_bytes = 32768, .bytes_most = 65535}, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct ration_arena arena;
    cr_assert_eq(ration_arena_init(&arena, NULL, &cases[i].settings), 0);
    cr_assert_not_null(ration_arena_allocate(&arena, 16, 16));
    struct ration_arena_figures found = figures_of(&arena);
    cr_expect_eq(found.held, cases[i].bytes ? cases[i].bytes - 16 : 0, "%zu are held in case %zu", found.held,
                 i);
    cr_expect_eq(found.used, 16);
    cr_expect_eq(found.high_water, 16);
    cr_expect_eq(ration_arena_reset(&arena), 0);
    cr_expect_eq(figures_of(&arena).held, 0);
    ration_arena_done(&arena);
  }
}

Test(kit_arena_runs, lie_on_lines_of_their_own) {
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  char *mine = ration_arena_allocate(&arena, 5, 1);
  char *other = take_elsewhere(&arena, 5);
  cr_expect_eq(ration_arena_allocate(&arena, 7, 1), mine + 5, "each goes on where it was");
  cr_expect_eq((uintptr_t)other % 64, 0);
  cr_expect_geq(other, mine + RUN);
  struct ration_arena_figures found = figures_of(&arena);
  cr_expect_eq(found.used, 17);
  cr_expect_eq(found.held, 2 * RUN - 17);
  cr_expect_eq(found.ends, (size_t)(other - mine) - RUN, "what is before it is lost");
  cr_expect_eq(found.high_water, 17);
  ration_arena_done(&arena);
}

Test(kit_arena_runs, are_known_from_what_is_given_out) {
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  char *mine = ration_arena_allocate(&arena, 5, 1);
  char *other = take_elsewhere(&arena, 9);
  cr_expect_eq(ration_arena_has(&arena, mine + 4), 1);
  cr_expect_eq(ration_arena_has(&arena, mine + 5), 0);
  cr_expect_eq(ration_arena_has(&arena, mine + RUN - 1), 0);
  cr_expect_eq(ration_arena_has(&arena, other - 1), 0);
  cr_expect_eq(ration_arena_has(&arena, other), 1);
  cr_expect_eq(ration_arena_has(&arena, other + 8), 1);
  cr_expect_eq(ration_arena_has(&arena, other + 9), 0);
  cr_expect_eq(ration_arena_has(&arena, &arena), 0);
  ration_arena_reset(&arena);
  cr_expect_eq(ration_arena_has(&arena, mine), 0);
  cr_expect_eq(ration_arena_has(&arena, other), 0);
  ration_arena_done(&arena);
}

Test(kit_arena_runs, large_pieces_leave_them_where_they_are) {
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  char *mine = ration_arena_allocate(&arena, 3000, 1);
  cr_assert_not_null(ration_arena_allocate(&arena, 8, 1));
  char *small = ration_arena_allocate(&arena, 8, 1);
  char *large = ration_arena_allocate(&arena, 30000, 1);
  cr_expect_eq(small, mine + 3008);
  cr_expect_eq(large, small + 8, "nobody is behind the run: it becomes longer");
  size_t held = figures_of(&arena).held;
  cr_expect_eq(held, 0);
  small = ration_arena_allocate(&arena, 8, 1);
  cr_expect_eq(small, large + 30000);
  char *other = take_elsewhere(&arena, 8);
  cr_expect_gt(other, small);
  struct ration_arena_figures before = figures_of(&arena);
  large = ration_arena_allocate(&arena, 5000, 1);
  cr_expect_geq(large, other + RUN, "it is of the block");
  cr_expect_eq(ration_arena_allocate(&arena, 8, 1), small + 8);
  struct ration_arena_figures found = figures_of(&arena);
  cr_expect_eq(found.ends, before.ends);
  cr_expect_eq(found.used, before.used + 5008);
  cr_expect_eq(found.blocks, 1);
  ration_arena_done(&arena);
}

Test(kit_arena_runs, move_where_another_is_behind_them) {
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  char *mine = ration_arena_allocate(&arena, 1000, 1);
  char *other = take_elsewhere(&arena, 1);
  for (int i = 1; i < 4; i++) cr_expect_eq(ration_arena_allocate(&arena, 1000, 1), mine + i * 1000);
  char *large = ration_arena_allocate(&arena, 2001, 1);
  cr_expect_eq(large, other + RUN);
  struct ration_arena_figures before = figures_of(&arena);
  char *next = ration_arena_allocate(&arena, 1000, 1);
  cr_expect_eq(next, large + 2048, "on a line of its own");
  struct ration_arena_figures found = figures_of(&arena);
  cr_expect_eq(found.ends, before.ends + RUN - 4000 + 47);
  cr_expect_eq(found.held, before.held + 4000 - 1000);
  cr_expect_eq(found.used, 7002);
  cr_expect_eq(ration_arena_has(&arena, mine + 3999), 1);
  cr_expect_eq(ration_arena_has(&arena, next + 999), 1);
  cr_expect_eq(ration_arena_has(&arena, next + 1000), 0);
  ration_arena_done(&arena);
}

Test(kit_arena_runs, let_the_newest_piece_grow_in_place) {
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  struct ration_memory *memory = &arena.memory;
  char *mine = ration_memory_allocate(memory, 100, 1);
  memset(mine, 5, 100);
  cr_expect_eq(ration_memory_reallocate(memory, mine, 100, 200, 1), mine);
  cr_expect_eq(ration_memory_reallocate(memory, mine, 200, 6000, 1), mine, "beyond the run's end");
  char *other = take_elsewhere(&arena, 100);
  cr_expect_gt(other, mine);
  cr_expect_eq(ration_memory_reallocate(memory, other, 100, 200, 1), mine + 6000, "it is another thread's");
  char *moved = ration_memory_reallocate(memory, mine, 6000, 6001, 1);
  cr_expect_gt(moved, other, "another piece is behind it");
  for (int i = 0; i < 100; i++) cr_assert_eq(moved[i], 5);
  char *newest = ration_memory_allocate(memory, 100, 1);
  cr_expect_eq(ration_memory_reallocate(memory, newest, 100, 300, 1), newest, "beside the other's run");
  moved = ration_memory_reallocate(memory, newest, 300, 8000, 1);
  cr_expect_gt(moved, other, "but not into it");
  cr_expect(ration_arena_is_valid(&arena));
  ration_arena_done(&arena);
}

/* More than a thread has slots for: each is found again, and none is given up. */
Test(kit_arena_runs, of_many_arenas_in_turn_are_found_again) {
  enum { ARENAS = 3 * RATION_ARENA_SLOTS, PIECES = 200 };
  static struct ration_arena arenas[ARENAS];
  char *first[ARENAS];
  for (int i = 0; i < ARENAS; i++) cr_assert_eq(ration_arena_init(&arenas[i], NULL, NULL), 0);
  for (int round = 0; round < 2; round++) {
    for (int piece = 0; piece < PIECES; piece++)
      for (int i = 0; i < ARENAS; i++) {
        char *taken = ration_arena_allocate(&arenas[i], 48, 16);
        if (!piece) first[i] = taken;
        cr_assert_eq(taken, first[i] + (size_t)piece * 48);
      }
    for (int i = 0; i < ARENAS; i++) {
      struct ration_arena_figures found = figures_of(&arenas[i]);
      cr_expect_eq(found.used, PIECES * 48);
      cr_expect_eq(found.ends, 0);
      cr_expect_eq(found.blocks, 1);
      cr_assert_eq(ration_arena_reset(&arenas[i]), 0);
    }
  }
  for (int i = 0; i < ARENAS; i++) ration_arena_done(&arenas[i]);
}

/* To the last byte, though the thread's slot has another arena's run meanwhile. */
Test(kit_arena_runs, are_found_again_for_what_no_other_has_room_for) {
  static struct ration_arena arenas[RATION_ARENA_SLOTS + 1];
  struct ration_arena_settings settings = {.block_bytes = BLOCK, .is_fixed = 1};
  for (int i = 0; i <= RATION_ARENA_SLOTS; i++) {
    cr_assert_eq(ration_arena_init(&arenas[i], NULL, &settings), 0);
    cr_assert_not_null(ration_arena_allocate(&arenas[i], 10, 1));
  }
  for (int i = 0; i <= RATION_ARENA_SLOTS; i++) {
    cr_expect_not_null(ration_arena_allocate(&arenas[i], BLOCK - 10, 1));
    cr_expect(ration_arena_is_valid(&arenas[i]));
    ration_arena_done(&arenas[i]);
  }
}

/* As an arena of another copy of the library may have: its private members stand in for that. */
Test(kit_arena_runs, are_not_those_of_an_arena_with_the_same_generation) {
  struct ration_arena arena, other;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  cr_assert_eq(ration_arena_init(&other, NULL, NULL), 0);
  other.generation = arena.generation, other.slot = arena.slot;
  char *piece = ration_arena_allocate(&arena, 16, 16), *elsewhere = ration_arena_allocate(&other, 16, 16);
  cr_expect_neq(elsewhere, piece + 16);
  cr_expect_eq(ration_arena_has(&other, elsewhere), 1);
  cr_expect_eq(ration_arena_has(&arena, elsewhere), 0);
  cr_expect_eq(ration_arena_allocate(&arena, 16, 16), piece + 16);
  ration_arena_done(&arena);
  ration_arena_done(&other);
}

/* Half-way, free may be of one place and end of another: what is between was perhaps given out. */
Test(kit_arena_runs, are_not_looked_at_while_they_move) {
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  char *piece = ration_arena_allocate(&arena, 16, 16);
  arena.own.moves++; /* as its thread does at first */
  cr_expect_eq(ration_arena_has(&arena, piece + 16), 1);
  struct ration_arena_figures found;
  cr_expect_eq(ration_arena_stats(&arena, &found), 0);
  cr_expect_eq(found.held, RUN, "as much as it may have");
  cr_expect_not(ration_arena_is_valid(&arena));
  arena.own.moves++;
  cr_expect_eq(ration_arena_has(&arena, piece + 16), 0);
  cr_expect_eq(figures_of(&arena).held, RUN - 16);
  ration_arena_done(&arena);
}

/* An arena where one was before: what the thread knew of that is of no use. */
Test(kit_arena_runs, end_with_their_arena) {
  struct ration_arena arena;
  for (int round = 0; round < 3 * RATION_ARENA_SLOTS; round++) {
    struct failing_memory below;
    failing_memory_init(&below, SIZE_MAX);
    cr_assert_eq(ration_arena_init(&arena, &below.memory, NULL), 0);
    char *piece = ration_arena_allocate(&arena, 64, 64);
    cr_assert_not_null(piece);
    cr_expect_eq(below.blocks, 1, "it is of this arena's own block");
    memset(piece, round, 64);
    ration_arena_done(&arena);
    cr_expect_null(ration_arena_allocate(&arena, 64, 64));
    cr_expect_eq(errno, EINVAL);
    cr_expect_eq(below.bytes, 0);
  }
}

/* To the last byte, and piece for piece as from an arena of one thread. */
Test(kit_arena_runs, give_one_thread_all_of_a_fixed_arena) {
  struct random random = {.seed = 5};
  struct ration_arena shared, private;
  struct ration_arena_settings settings = {.block_bytes = BLOCK, .is_fixed = 1};
  cr_assert_eq(ration_arena_init(&shared, NULL, &settings), 0);
  settings.is_private = 1;
  cr_assert_eq(ration_arena_init(&private, NULL, &settings), 0);
  for (int round = 0; round < 50; round++) {
    char *begin = NULL, *other_begin = NULL;
    for (int refused = 0; refused < 20;) {
      size_t size = 1 + random_size(&random, round % 2 ? 8000 : 300),
             alignment = (size_t)1 << random_below(&random, 7);
      char *piece = ration_arena_allocate(&shared, size, alignment),
           *other = ration_arena_allocate(&private, size, alignment);
      cr_assert_eq(!piece, !other);
      if (!begin) begin = piece, other_begin = other;
      if (piece) cr_assert_eq(piece - begin, other - other_begin);
      refused += !piece;
      if (piece && random_below(&random, 4) == 0) {
        char *longer = ration_memory_reallocate(&shared.memory, piece, size, 2 * size, 1),
             *other_longer = ration_memory_reallocate(&private.memory, other, size, 2 * size, 1);
        cr_assert_eq(!longer, !other_longer);
        if (longer) cr_assert_eq(longer - begin, other_longer - other_begin);
      }
    }
    while (ration_arena_allocate(&shared, 1, 1)) cr_assert_not_null(ration_arena_allocate(&private, 1, 1));
    struct ration_arena_figures found = figures_of(&shared);
    cr_expect_eq(found.used + found.padding, BLOCK);
    cr_expect_eq(found.used, figures_of(&private).used);
    cr_expect_eq(found.held + found.ends, 0);
    ration_arena_reset(&shared);
    ration_arena_reset(&private);
  }
  ration_arena_done(&shared);
  ration_arena_done(&private);
}

Test(kit_arena_runs, keep_no_more_from_others_than_is_said) {
  struct ration_arena arena;
  struct ration_arena_settings settings = {.block_bytes = BLOCK, .is_fixed = 1};
  cr_assert_eq(ration_arena_init(&arena, NULL, &settings), 0);
  for (int threads = 0; threads < 5; threads++) {
    for (int i = 0; i < threads; i++) take_elsewhere(&arena, 10);
    while (ration_arena_allocate(&arena, 24, 8)) {
    }
    while (ration_arena_allocate(&arena, 1, 1)) {
    }
    cr_expect_eq(errno, ENOSPC);
    struct ration_arena_figures found = figures_of(&arena);
    cr_expect_leq(found.held, (size_t)threads * (RUN / 4));
    cr_expect_eq(found.used + found.padding + found.ends + found.held, BLOCK);
    cr_assert_eq(ration_arena_reset(&arena), 0);
  }
  ration_arena_done(&arena);
}

/* Ended threads leave what they had; others that come may go on with it. */
Test(kit_arena_runs, outlive_their_threads_until_the_reset) {
  enum { ENDED = 40 };
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  char *pieces[ENDED];
  for (int i = 0; i < ENDED; i++) memset(pieces[i] = take_elsewhere(&arena, 100), i, 100);
  for (int i = 0; i < ENDED; i++)
    for (int j = 0; j < 100; j++) cr_assert_eq(pieces[i][j], i);
  struct ration_arena_figures found = figures_of(&arena);
  cr_expect_eq(found.used, ENDED * 100);
  cr_expect_leq(found.held, ENDED * (RUN - 100));
  cr_assert_eq(ration_arena_reset(&arena), 0);
  found = figures_of(&arena);
  cr_expect_eq(found.held + found.used + found.ends, 0);
  cr_expect_eq(found.high_water, ENDED * 100);
  cr_expect_gt(ration_arena_trim(&arena), 0);
  cr_expect_eq(figures_of(&arena).blocks, 0);
  ration_arena_done(&arena);
}

Test(kit_arena_runs, go_on_after_fork) {
  struct ration_arena arena;
  cr_assert_eq(ration_arena_init(&arena, NULL, NULL), 0);
  char *piece = ration_arena_allocate(&arena, 16, 16);
  pid_t child = fork();
  if (child == 0) _exit(ration_arena_allocate(&arena, 16, 16) == piece + 16 ? 0 : 1);
  int status = -1;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_expect_eq(status, 0);
  cr_expect_eq(ration_arena_allocate(&arena, 16, 16), piece + 16);
  ration_arena_done(&arena);
}

#define THREADS 8
#define PIECES  400
#define ROUNDS  4

static struct ration_arena shared;
static pthread_barrier_t barrier;

struct worker {
  pthread_t thread;
  unsigned char name;
  size_t used, failed;
  struct {
    unsigned char *bytes;
    size_t size;
  } pieces[PIECES];
};

/* What this thread or the one before it has been given is always said to be given out, wherever runs move meanwhile. */
static void take_all(struct worker *worker, struct random *random) {
  struct ration_arena_figures found;
  for (int i = 0; i < PIECES; i++) {
    size_t size = 1 + random_size(random, 2000), alignment = (size_t)1 << random_below(random, 10);
    unsigned char *bytes = ration_arena_allocate(&shared, size, alignment);
    if (!bytes || (uintptr_t)bytes % alignment) {
      worker->failed++;
      return;
    }
    memset(bytes, worker->name, size);
    worker->pieces[i].bytes = bytes, worker->pieces[i].size = size, worker->used += size;
    size_t at = random_below(random, (uint64_t)i + 1);
    if (i % 8 == 0) worker->failed += !ration_arena_has(&shared, worker->pieces[at].bytes);
    if (i % 50 == 0) worker->failed += ration_arena_stats(&shared, &found) || found.used > found.reserved;
  }
}

static void *work(void *argument) {
  struct worker *worker = argument;
  struct random random = {.seed = worker->name};
  for (int round = 0; round < ROUNDS; round++) {
    worker->used = 0;
    take_all(worker, &random);
    pthread_barrier_wait(&barrier); /* now the figures are looked at */
    pthread_barrier_wait(&barrier);
  }
  return NULL;
}

static void expect_all_of(struct worker *workers) {
  struct ration_arena_figures found = figures_of(&shared);
  size_t used = 0;
  for (int i = 0; i < THREADS; i++) {
    cr_assert_eq(workers[i].failed, 0);
    used += workers[i].used;
    for (int j = 0; j < PIECES; j++) {
      const unsigned char *bytes = workers[i].pieces[j].bytes;
      for (size_t k = 0; k < workers[i].pieces[j].size; k++) cr_assert_eq(bytes[k], workers[i].name);
    }
    cr_expect_eq(ration_arena_has(&shared, workers[i].pieces[i].bytes), 1);
  }
  cr_expect_eq(found.used, used);
  cr_expect_leq(found.held, THREADS * RUN);
  cr_expect_leq(found.used + found.padding + found.ends + found.held, found.reserved);
  cr_assert_eq(ration_arena_reset(&shared), 0);
  cr_expect_geq(figures_of(&shared).high_water, used + found.padding);
}

Test(kit_arena_runs, eight_threads_keep_their_bytes_over_resets) {
  static struct worker workers[THREADS];
  for (uint32_t keep = 0; keep < 3; keep++) {
    cr_assert_eq(ration_arena_init(&shared, NULL, &(struct ration_arena_settings){.keep = keep}), 0);
    pthread_barrier_init(&barrier, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++) {
      workers[i] = (struct worker){.name = (unsigned char)(i + 1)};
      cr_assert_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int round = 0; round < ROUNDS; round++) {
      pthread_barrier_wait(&barrier);
      expect_all_of(workers);
      pthread_barrier_wait(&barrier);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(workers[i].thread, NULL);
    pthread_barrier_destroy(&barrier);
    ration_arena_done(&shared);
  }
}

/* Until each has been refused a byte, and so has nothing left of its run. */
static void *drain(void *argument) {
  struct worker *worker = argument;
  size_t size = (size_t)worker->name * 12;
  while (ration_arena_allocate(&shared, size, 8)) worker->used += size;
  while (ration_arena_allocate(&shared, 1, 1)) worker->used++;
  return NULL;
}

Test(kit_arena_runs, eight_threads_share_all_of_a_fixed_arena) {
  static struct worker workers[THREADS];
  size_t used = 0;
  cr_assert_eq(ration_arena_init(&shared, NULL,
                                 &(struct ration_arena_settings){.block_bytes = 1 << 20, .is_fixed = 1}),
               0);
  for (int i = 0; i < THREADS; i++) {
    workers[i].name = (unsigned char)(i + 1);
    cr_assert_eq(pthread_create(&workers[i].thread, NULL, drain, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(workers[i].thread, NULL), used += workers[i].used;
  struct ration_arena_figures found = figures_of(&shared);
  cr_expect_eq(found.used, used);
  cr_expect_eq(found.held, 0);
  cr_expect_eq(found.used + found.padding + found.ends, 1 << 20);
  ration_arena_done(&shared);
}
