/*
 * arena_runs.c: how threads get their runs of an arena that they share.
 *
 *     block   | run of A, of B ...: given out | held | ... | of all: free ... end |
 *
 * A run belongs to the thread whose slots have the address that is its owner. Of the threads that live, no two have the same;
 * what one of those before had, a thread with its address goes on with. The first thread after a reset has its run in the
 * arena, others at the front of the first bytes that they take: so one thread alone finds the block as if it were private.
 *
 * Who reads a run while its thread moves it elsewhere must not take the free of one place with the end of another, which
 * might hold what was given out; nor a block's free with a run that does not yet have what was taken of the block. So moves
 * is odd meanwhile: see begin(), finish() and rest_of(). New runs are made with the arena's lock held, as readers hold it.
 */
#include "kit/arena_runs.h"

#include <stddef.h>

#include "base/atomics.h"
#include "base/compiler.h"

#define LINE          ((size_t)64)
#define BYTES_MOST    ((size_t)4096)
#define BYTES_LEAST   ((size_t)1024) /* below, it serves too few pieces to be worth its instruction */
#define RUNS_IN_BLOCK 16             /* as many threads as that find room in one */
#define RUNS_IN_ALL   64             /* where there is an end to it */
#define PIECES_IN_RUN 4

_Static_assert(sizeof(struct ration_arena_run) <= LINE, "a run writes to no line of its first piece");
_Static_assert(offsetof(struct ration_arena, own) >= offsetof(struct ration_arena, settings) - 1 + LINE,
               "what the first thread writes is on no line of what all read");
_Static_assert(sizeof(struct ration_arena) >= offsetof(struct ration_arena, runs) - 1 + LINE,
               "nor on the first line of another arena behind this one");

__thread struct ration_arena_slot ration_arena_slots[RATION_ARENA_SLOTS] STATIC_TLS;

static struct ration_arena_run *find(const struct ration_arena *arena);
static int has_room(const struct ration_arena_block *block, size_t size, size_t alignment);
static int extend(const struct ration_arena *arena, struct ration_arena_run *run,
                  struct ration_arena_block *block, size_t needed);
static struct ration_arena_run *move(struct ration_arena *arena, struct ration_arena_run *run,
                                     struct ration_arena_block *block);
static struct ration_arena_run *make(struct ration_arena *arena, struct ration_arena_block *block);
static char *take_room(struct ration_arena_block *block, size_t bytes, size_t alignment, size_t *ret_lost);

/* What tells a thread from all others that live. */
static const void *self(void) {
  return ration_arena_slots;
}

static struct ration_arena_run *note(const struct ration_arena *arena, struct ration_arena_run *run) {
  ration_arena_slots[arena->slot] =
      (struct ration_arena_slot){load_relaxed(&arena->generation), arena, run}; /* no reset overlaps */
  return run;
}

/* Round what the thread takes of a block for a run that others see. */
static void begin(struct ration_arena_run *run) {
  store_relaxed(&run->moves, run->moves + 1); /* before what releases next */
}

static void finish(struct ration_arena_run *run) {
  store_release(&run->moves, run->moves + 1); /* pairs with rest_of(): even is seen with all of it */
}

size_t arena_runs_bytes(const struct ration_arena_settings *settings) {
  if (settings->is_private) return 0;
  size_t bytes = settings->block_bytes / RUNS_IN_BLOCK;
  size_t all = settings->is_fixed ? settings->block_bytes : settings->bytes_most;
  if (all && bytes > all / RUNS_IN_ALL) bytes = all / RUNS_IN_ALL;
  if (bytes > BYTES_MOST) bytes = BYTES_MOST;
  return bytes < BYTES_LEAST ? 0 : bytes & ~(LINE - 1);
}

void *arena_runs_take(struct ration_arena *arena, struct ration_arena_block *block, size_t size,
                      size_t alignment, int is_locked) {
  if (!block) return NULL;
  int is_small = size + alignment - 1 <= arena->run_bytes / PIECES_IN_RUN;
  struct ration_arena_run *run = ration_arena_run_of(arena);
  /* For large pieces only where the block has none: to look for it disturbs the other threads. Who has the lock has looked
     for small ones: nobody else makes the thread's run. */
  int may_be_found = is_small ? !is_locked : !has_room(block, size, alignment);
  if (!run && may_be_found) run = find(arena);
  if (run) {
    void *piece = ration_arena_run_bump(run, size, alignment);
    if (piece) return piece;
    size_t padding = (size_t)(0 - (uintptr_t)load_relaxed(&run->free)) & (alignment - 1);
    if (extend(arena, run, block, padding + size)) return ration_arena_run_bump(run, size, alignment);
  }
  if (is_small && !run && !is_locked) return NULL;
  if (is_small) run = run ? move(arena, run, block) : make(arena, block);
  if (is_small && run) return ration_arena_run_bump(run, size, alignment);
  return ration_arena_bump(arena, block, size, alignment);
}

/* The thread's run that its slot does not know, since it used another arena meanwhile. */
static struct ration_arena_run *find(const struct ration_arena *arena) {
  struct ration_arena_run *run = load_acquire(&arena->runs); /* pairs with make() */
  /* Relaxed: only the thread itself writes this address. */
  while (run && load_relaxed(&run->owner) != self()) run = run->next;
  return run ? note(arena, run) : NULL;
}

static int has_room(const struct ration_arena_block *block, size_t size, size_t alignment) {
  char *free = load_relaxed(&block->free); /* a hint */
  size_t room = (size_t)(block->end - free), padding = (size_t)(0 - (uintptr_t)free) & (alignment - 1);
  return size <= room && padding <= room - size;
}

/* Where nobody has taken what is behind it: then the run has room for `needed` bytes from its free. Relaxed, as in
   ration_arena_bump(); here and below, what only this thread writes it reads in any order. */
static int extend(const struct ration_arena *arena, struct ration_arena_run *run,
                  struct ration_arena_block *block, size_t needed) {
  char *end = load_relaxed(&run->end);
  if (end != load_relaxed(&block->free)) return 0;
  size_t room = (size_t)(block->end - end), more = needed - (size_t)(end - load_relaxed(&run->free));
  if (more > room) return 0;
  if (more < arena->run_bytes) more = room < arena->run_bytes ? room : arena->run_bytes;
  char *expected = end;
  begin(run);
  /* Pairs with used_of: who sees more taken of the block sees moves odd, or later. */
  int is_taken = cas_acq_rel(&block->free, &expected, end + more);
  if (is_taken) store_release(&run->end, end + more); /* pairs with rest_of(), likewise */
  finish(run);
  return is_taken;
}

/* To another place in the block, with what the run has left lost. NULL: there is no room for a whole one, and it stays where
   it is. */
static struct ration_arena_run *move(struct ration_arena *arena, struct ration_arena_run *run,
                                     struct ration_arena_block *block) {
  size_t lost, left = (size_t)(load_relaxed(&run->end) - load_relaxed(&run->free));
  begin(run);
  /* The arena's first run begins where the last piece ended: who is alone loses nothing. */
  char *free = take_room(block, arena->run_bytes, load_relaxed(&run->end) ? LINE : 1, &lost);
  if (free) {
    store_release(&run->free, free); /* pairs with rest_of(): who sees it sees moves odd, or later */
    store_release(&run->end, free + arena->run_bytes);  /* pairs with rest_of(), likewise */
    store_relaxed(&run->lost, run->lost + lost + left); /* a figure by itself */
  }
  finish(run);
  return free ? run : NULL;
}

/* With the arena's lock held: the first since the last reset is in the arena, others lie at the front of their first bytes. */
static struct ration_arena_run *make(struct ration_arena *arena, struct ration_arena_block *block) {
  size_t lost;
  struct ration_arena_run *run = &arena->own, *newest = arena->runs;
  if (!newest) {
    run->owner = self();
    store_release(&arena->runs, run); /* pairs with find() */
    return move(arena, note(arena, run), block);
  }
  char *room = take_room(block, LINE + arena->run_bytes, LINE, &lost);
  if (!room) return NULL;
  run = (struct ration_arena_run *)(void *)room;
  *run = (struct ration_arena_run){.next = newest,
                                   .owner = self(),
                                   .free = room + LINE,
                                   .end = room + LINE + arena->run_bytes,
                                   .lost = lost + LINE};
  store_release(&arena->runs, run); /* pairs with find(): it is seen as it was made */
  return note(arena, run);
}

/* NULL: it has no room for so much. */
static char *take_room(struct ration_arena_block *block, size_t bytes, size_t alignment, size_t *ret_lost) {
  char *free = load_relaxed(&block->free); /* a guess */
  size_t padding;
  do {
    padding = (size_t)(0 - (uintptr_t)free) & (alignment - 1);
    if (padding + bytes > (size_t)(block->end - free)) return NULL;
    /* Pairs with used_of, as in extend(). */
  } while (!cas_acq_rel(&block->free, &free, free + padding + bytes));
  *ret_lost = padding;
  return free + padding;
}

/* What is held of a run, and from where; 0 while that moves: *ret_moves is odd then. */
static size_t rest_of(const struct ration_arena_run *run, const char **ret_free, uint64_t *ret_moves) {
  uint64_t moves = load_acquire(&run->moves);  /* pairs with finish() */
  const char *free = load_acquire(&run->free); /* pairs with move() */
  const char *end = load_acquire(&run->end);   /* pairs with move(), extend() */
  *ret_free = free,
  *ret_moves = moves | (load_relaxed(&run->moves) != moves); /* after the two, which acquire */
  return *ret_moves % 2 || free > end ? 0 : (size_t)(end - free);
}

int arena_runs_grow(const struct ration_arena *arena, struct ration_arena_block *block, char *end,
                    size_t more) {
  struct ration_arena_run *run = ration_arena_run_of(arena);
  if (!run || !block || load_relaxed(&run->free) != end) return 0;
  if (more > (size_t)(load_relaxed(&run->end) - end) && !extend(arena, run, block, more)) return 0;
  store_relaxed(&run->free, end + more);
  return 1;
}

struct arena_runs_sum arena_runs_sum(struct ration_arena *arena) {
  struct arena_runs_sum sum = {.held = 0};
  const char *free;
  uint64_t moves;
  for (const struct ration_arena_run *run = arena->runs; run; run = run->next) {
    size_t rest = rest_of(run, &free, &moves);
    sum.held += moves % 2 ? arena->run_bytes : rest; /* about as much as it will have */
    sum.moves += moves, sum.is_moving |= (int)(moves % 2);
    sum.lost += load_relaxed(&run->lost); /* a word by itself, as is the next */
    sum.padding += load_relaxed(&run->padding);
  }
  return sum;
}

int arena_runs_are_as(struct ration_arena *arena, const struct arena_runs_sum *sum) {
  uint64_t moves = 0;
  /* Relaxed: after what was read in between, which acquires. */
  for (const struct ration_arena_run *run = arena->runs; run; run = run->next)
    moves += load_relaxed(&run->moves);
  return !sum->is_moving && sum->moves == moves;
}

int arena_runs_hold(struct ration_arena *arena, const void *pointer) {
  uintptr_t address = (uintptr_t)pointer;
  const char *free;
  uint64_t moves;
  for (const struct ration_arena_run *run = arena->runs; run; run = run->next) {
    size_t rest = rest_of(run, &free, &moves);
    if (address - (uintptr_t)free < rest || address - (uintptr_t)run < LINE) return 1;
  }
  return 0;
}

void arena_runs_forget(struct ration_arena *arena) {
  arena->own = (struct ration_arena_run){.next = NULL};
  store_relaxed(&arena->runs, NULL); /* no allocation overlaps: nothing to order */
}

int arena_runs_are_valid(struct ration_arena *arena) {
  for (const struct ration_arena_run *run = arena->runs; run; run = run->next) {
    if (!arena->run_bytes || !run->owner || run->moves % 2 || run->free > run->end) return 0;
    for (const struct ration_arena_run *older = run->next; older; older = older->next)
      if (older->owner == run->owner) return 0;
    const struct ration_arena_block *block = arena->first;
    while (block && (run->free < block->begin || run->end > block->free)) block = block->next;
    if (run->end && !block) return 0;
  }
  return 1;
}
