/*
 * arena_runs.h: the runs of an arena that threads share: what each has taken of a block, to give pieces out of it alone.
 */
#ifndef RATION_KIT_ARENA_RUNS_H
#define RATION_KIT_ARENA_RUNS_H

#include <ration/kit/arena.h>

/* held: not given out yet; lost: left of runs that were used up, and their headers; padding: before their pieces. moves: what
   tells whether a run has taken more of a block since. */
struct arena_runs_sum {
  size_t held, lost, padding;
  uint64_t moves;
  int is_moving;
};

/* How large the runs of such an arena are; 0: it has none. */
size_t arena_runs_bytes(const struct ration_arena_settings *settings);

/* A piece, the arguments of which have been checked: of the calling thread's run, which grows or moves in this block, or of
   the block. NULL: there is no block, or it has no room; or the thread has no run yet, and the arena's lock is not held. */
void *arena_runs_take(struct ration_arena *arena, struct ration_arena_block *block, size_t size,
                      size_t alignment, int is_locked);

/* 1: what ends here was the newest piece of the calling thread's run, and is now `more` bytes longer. block: the current. */
int arena_runs_grow(const struct ration_arena *arena, struct ration_arena_block *block, char *end,
                    size_t more);

/* With the arena's lock held. What was read of blocks since is of the same moment where arena_runs_are_as() says 1. */
struct arena_runs_sum arena_runs_sum(struct ration_arena *arena);
int arena_runs_are_as(struct ration_arena *arena, const struct arena_runs_sum *sum);

/* 1: the address is in what a thread has not given out yet, or in what the arena has there for itself. */
int arena_runs_hold(struct ration_arena *arena, const void *pointer);

/* All runs are taken back, by a reset that raises the generation after it. */
void arena_runs_forget(struct ration_arena *arena);

/* 1 if the formulas hold, while nothing allocates. */
int arena_runs_are_valid(struct ration_arena *arena);

#endif
