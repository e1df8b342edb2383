/*
 * arena.h: memory that is given out from front to back, and taken back all at once. To allocate is to move an offset:
 * no search, no header, no lock. What lives as long as a frame, a request or a level belongs in one.
 *
 *     struct ration_arena arena;
 *     ration_arena_init(&arena, NULL, NULL);
 *     struct path *path = RATION_ARENA_NEW(&arena, struct path);
 *     ...
 *     ration_arena_reset(&arena);
 *
 * An arena takes blocks from the memory below and gives them out in pieces. When one is full it goes on to the next, or
 * stops, if it is fixed. A reset makes all that was given out invalid and keeps the blocks, so a program that does the
 * same again asks the memory below for nothing. (Where a request fits into none of them, and there is no memory beside
 * them, they go back for it.)
 *
 * A reset raises the generation, too: a `ration_arena_reference` remembers in which one its address was given out, and
 * tells when that is over. Generations are unique in the process: a reference into another arena, or into one that was at
 * the same place before, is stale as well. Addresses are aligned, and not only offsets, and no size overflows.
 *
 * Ownership: what is allocated is the arena's. `memory` of the arena is the arena as a ration_memory: to release a piece
 * through it does nothing and returns 0, for any address, and to grow the newest piece takes no new place if there is room
 * behind it. The arena must not be moved.
 *
 * Runs. Where threads share an arena, each takes a run of a block at a time, by a compare-and-swap, and gives pieces out of
 * it by plain instructions: some 30 of them, with seven tests. A run is as large as a sixteenth of block_bytes, 4 KiB at
 * most; of a fixed arena and of one with bytes_most, which ends, no larger than a 64th of what there is. One of less than
 * 1 KiB is not worth it: such arenas (block_bytes under 16 KiB, a fixed one or a maximum under 64 KiB) have none, and take
 * each piece by a compare-and-swap. A run goes on in place as long as nobody took what is behind it, so one thread alone gets
 * all of a fixed arena, to its last byte. Else, for pieces of up to a quarter of a run, the thread takes another one, and
 * what it had left, which is less than that, is lost; larger pieces are taken from the block by themselves. So until the next
 * reset each thread holds at most one run that others cannot have: a fixed arena, or one at its maximum, may refuse a
 * request while each *other* thread that allocated since the last reset holds up to a run, and has lost as much as `ends`
 * says. A thread that ended holds its run until the reset, or until a new thread has its place in memory, and its run
 * with it. A thread knows its runs of 8 arenas; those that were made eight apart share a place there, and where it uses
 * two of them in turn, it finds its run again by a search among those of the other threads.
 *
 * Threads, of one arena (X: the program must see to it that the two do not overlap; of a private one only stats may
 * come from another thread than all the rest):
 *
 *                              allocate   resolve   stats, has        reset, trim   done
 *     allocate, reallocate        .          .             .               X          X
 *     refer, resolve              .          .             .               X          X
 *     stats, has                  .          .             .               .          X
 *     reset, trim                 X          X             .               X          X
 *
 * Not from a signal handler that may interrupt a call for the same arena. The memory below is asked with the arena's lock
 * held: it must not call the arena. After fork(2) the child has the arena
 * as it was, if no other thread was in a call of it.
 *
 * Complexity: allocate O(1), no instruction that locks; where a run is used up one compare-and-swap, repeated when another
 * thread was faster; O(threads) where its run has to be found again, and, under a lock, for a thread's first piece after
 * a reset; O(kept blocks) where a block is full. reset O(blocks in use + threads), stats and has O(blocks + threads).
 * After Hanson, "Fast allocation and deallocation of memory based on object lifetimes", Software: Practice and
 * Experience 20 (1990).
 */
#ifndef RATION_KIT_ARENA_H
#define RATION_KIT_ARENA_H

#include <errno.h>
#include <pthread.h>

#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a reset does with the blocks. A fixed arena keeps its one. */
#define RATION_ARENA_KEEP_ALL  UINT32_C(0) /* all stay */
#define RATION_ARENA_KEEP_USED UINT32_C(1) /* those that this generation did not reach go back */
#define RATION_ARENA_KEEP_ONE                                                                                \
  UINT32_C(2) /* if there are several, all go back: the next is as large as the most that was needed */

struct ration_arena_settings {
  size_t block_bytes;  /* what a block holds; 0: 64 KiB. A larger request gets a block of its size */
  size_t bytes_most;   /* the most to take from the memory below, headers of blocks included; 0: no maximum */
  uint32_t is_fixed;   /* one block, taken at init, and no other */
  uint32_t is_private; /* one thread allocates: no atomic instruction that locks */
  uint32_t keep;       /* RATION_ARENA_KEEP_... */
};

/* Private. begin <= free <= end; what lies before free is given out. */
struct ration_arena_block {
  struct ration_arena_block *next;
  char *begin, *free, *end;
};

/* Private: what one thread has taken of blocks, until the next reset. Its thread alone writes it, others may read it at any
   time. free <= end: between them is what it has not given out yet. */
struct ration_arena_run {
  struct ration_arena_run *next;
  const void *owner; /* an address of the thread's own */
  char *free, *end;  /* NULL: it has none yet */
  size_t padding;    /* lost before its pieces */
  size_t lost;       /* left of those before it, and its headers */
  uint64_t moves;    /* odd: free and end are on their way to another place */
};

/* Private but for `memory`. What all threads read to allocate shares no cache line with `own`, nor does another arena behind
   this one. */
struct ration_arena {
  struct ration_memory memory;
  struct ration_arena_block *current; /* NULL: there is none yet */
  uint64_t generation;
  size_t run_bytes; /* of a run; 0: there are none */
  uint32_t is_private;
  uint32_t slot; /* where each thread looks for its run */
  struct ration_arena_settings settings;
  struct ration_arena_block *first; /* up to current: in use, after it: empty, kept */
  struct ration_memory *below;
  size_t reserved, high_water;
  struct ration_arena_run own;   /* of the first thread since the last reset; others' lie in blocks */
  struct ration_arena_run *runs; /* of this generation, the newest first */
  size_t next_bytes;
  uint64_t resets;
  pthread_mutex_t lock; /* of the list of blocks */
  size_t padding;       /* lost before pieces that are of no run, in this generation */
};

struct ration_arena_reference {
  void *pointer;
  uint64_t generation; /* never 0 */
};

struct ration_arena_figures {
  size_t used;     /* bytes given out, in this generation */
  size_t padding;  /* lost between them to alignment */
  size_t ends;     /* lost at the ends of blocks and runs that were too full for a request, and before runs */
  size_t held;     /* in threads' runs, and not given out yet */
  size_t reserved; /* taken from the memory below, headers included */
  size_t high_water; /* the most that used and padding were together, in any generation */
  size_t blocks;
  uint64_t resets;
  uint64_t generation;
};

/* settings NULL: the defaults. -EINVAL: arena is NULL, `keep` is none of these, bytes_most is too small for one block;
   -EOVERFLOW: a block would be over RATION_BYTES_MOST; -ENOMEM, -ENOSPC: a fixed arena's block is not to be had. */
int ration_arena_init(struct ration_arena *arena, struct ration_memory *memory,
                      const struct ration_arena_settings *settings);

/* Gives all blocks back; references are stale from now on. */
void ration_arena_done(struct ration_arena *arena);

/* size bytes at an address that is a multiple of alignment, with any contents. EINVAL also: arena is NULL or not made;
   ENOSPC: fixed, and full, or bytes_most is reached; ENOMEM. */
static inline void *ration_arena_allocate(struct ration_arena *arena, size_t size, size_t alignment);

/* count objects of size bytes; EOVERFLOW where that is too much. */
static inline void *ration_arena_allocate_array(struct ration_arena *arena, size_t count, size_t size,
                                                size_t alignment);

#define RATION_ARENA_NEW(arena, type)                                                                        \
  ((type *)ration_arena_allocate((arena), sizeof(type), __alignof__(type)))
#define RATION_ARENA_ARRAY(arena, type, count)                                                               \
  ((type *)ration_arena_allocate_array((arena), (count), sizeof(type), __alignof__(type)))

/* Takes back all that was given out. -EINVAL: arena is NULL or not made. */
int ration_arena_reset(struct ration_arena *arena);

/* Gives the blocks in which nothing is given out back to the memory below (right after a reset, all; a fixed one stays),
   and returns how many bytes that were. */
size_t ration_arena_trim(struct ration_arena *arena);

/* A reference to what was allocated in this generation; nothing of the pointer is checked. Of an arena that is NULL or not
   made: a stale one. */
static inline struct ration_arena_reference ration_arena_refer(const struct ration_arena *arena,
                                                               void *pointer);

/* The pointer; NULL and ESTALE: it is of an earlier generation, or of another arena; or arena is NULL or not made. */
static inline void *ration_arena_resolve(const struct ration_arena *arena,
                                         struct ration_arena_reference reference);

/* 1 if the address lies in what is given out, or was lost between that, else 0. O(blocks + threads). */
int ration_arena_has(struct ration_arena *arena, const void *pointer);

/* -EINVAL: an argument is NULL, or the arena not made. Exact while nothing allocates. O(blocks + threads). */
int ration_arena_stats(struct ration_arena *arena, struct ration_arena_figures *ret_figures);

/* The arena behind a ration_memory; NULL if it is no arena. */
struct ration_arena *ration_arena_of(struct ration_memory *memory);

/* For tests: 1 if the formulas above hold, while nothing allocates. */
int ration_arena_is_valid(struct ration_arena *arena);

/* ---- what these are made of ------------------------------------------------------------------------------- */

/* Private: checks the arguments, and goes on to another run or block. */
void *ration_arena_allocate_slowly(struct ration_arena *arena, size_t size, size_t alignment);

/* Private: a thread's runs, of the arenas that it used last. That a slot's generation is the arena's says that the run is of
   this arena, and has not been taken back: only then is the pointer followed. (The address is compared, too, since another
   copy of the library in the process counts generations of its own.) */
#define RATION_ARENA_SLOTS 8
struct ration_arena_slot {
  uint64_t generation;
  const struct ration_arena *arena;
  struct ration_arena_run *run;
};
extern __thread struct ration_arena_slot ration_arena_slots[RATION_ARENA_SLOTS]
    __attribute__((tls_model("initial-exec")));

/* Private: the calling thread's run, NULL if its slot has none. Relaxed: no reset overlaps. */
static inline struct ration_arena_run *ration_arena_run_of(const struct ration_arena *arena) {
  const struct ration_arena_slot *slot = &ration_arena_slots[arena->slot];
  if (__builtin_expect(slot->generation != __atomic_load_n(&arena->generation, __ATOMIC_RELAXED), 0))
    return NULL;
  return __builtin_expect(slot->arena == arena, 1) ? slot->run : NULL;
}

/* Private: a piece of the calling thread's run, NULL if it has no room. Relaxed: others read these words, each by itself, for
   figures. */
static inline void *ration_arena_run_bump(struct ration_arena_run *run, size_t size, size_t alignment) {
  char *free = __atomic_load_n(&run->free, __ATOMIC_RELAXED);
  size_t room = (size_t)(__atomic_load_n(&run->end, __ATOMIC_RELAXED) - free);
  size_t padding = (size_t)(0 - (uintptr_t)free) & (alignment - 1);
  if (__builtin_expect(size + padding > room, 0)) return NULL; /* size <= RATION_BYTES_MOST: no overflow */
  __atomic_store_n(&run->free, free + padding + size, __ATOMIC_RELAXED);
  if (padding) __atomic_store_n(&run->padding, run->padding + padding, __ATOMIC_RELAXED);
  return free + padding;
}

/* Private: a piece of this block, NULL if it has no room. Relaxed: a piece is nobody else's, whatever the order. */
static inline void *ration_arena_bump(struct ration_arena *arena, struct ration_arena_block *block,
                                      size_t size, size_t alignment) {
  char *free = __atomic_load_n(&block->free, __ATOMIC_RELAXED);
  for (;;) {
    size_t room = (size_t)(block->end - free);
    size_t padding = (size_t)(0 - (uintptr_t)free) & (alignment - 1);
    if (size > room || padding > room - size) return NULL;
    char *piece = free + padding;
    if (arena->is_private) {
      __atomic_store_n(&block->free, piece + size, __ATOMIC_RELAXED);
      if (padding) __atomic_store_n(&arena->padding, arena->padding + padding, __ATOMIC_RELAXED);
      return piece;
    }
    if (__atomic_compare_exchange_n(&block->free, &free, piece + size, 1, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED)) {
      if (padding) __atomic_fetch_add(&arena->padding, padding, __ATOMIC_RELAXED);
      return piece;
    }
  }
}

/* Private: of the thread's run; of the current block where there are no runs. NULL: it takes more than that. */
static inline void *ration_arena_allocate_fast(struct ration_arena *arena, size_t size, size_t alignment) {
  if (arena->run_bytes) {
    struct ration_arena_run *run = ration_arena_run_of(arena);
    return __builtin_expect(run != NULL, 1) ? ration_arena_run_bump(run, size, alignment) : NULL;
  }
  /* Pairs with extend: the block is seen as it was made. */
  struct ration_arena_block *block = __atomic_load_n(&arena->current, __ATOMIC_ACQUIRE);
  return __builtin_expect(block != NULL, 1) ? ration_arena_bump(arena, block, size, alignment) : NULL;
}

static inline void *ration_arena_allocate(struct ration_arena *arena, size_t size, size_t alignment) {
  if (__builtin_expect(arena && size - 1 < RATION_BYTES_MOST && alignment && !(alignment & (alignment - 1)) &&
                           alignment <= RATION_ALIGNMENT_MOST,
                       1)) {
    void *piece = ration_arena_allocate_fast(arena, size, alignment);
    if (__builtin_expect(piece != NULL, 1)) return piece;
  }
  return ration_arena_allocate_slowly(arena, size, alignment);
}

static inline void *ration_arena_allocate_array(struct ration_arena *arena, size_t count, size_t size,
                                                size_t alignment) {
  size_t bytes;
  if (__builtin_expect(!__builtin_mul_overflow(count, size, &bytes), 1))
    return ration_arena_allocate(arena, bytes, alignment);
  errno = EOVERFLOW;
  return NULL;
}

static inline struct ration_arena_reference ration_arena_refer(const struct ration_arena *arena,
                                                               void *pointer) {
  struct ration_arena_reference reference;
  reference.pointer = pointer;
  reference.generation = arena ? __atomic_load_n(&arena->generation, __ATOMIC_RELAXED) : 0;
  return reference;
}

static inline void *ration_arena_resolve(const struct ration_arena *arena,
                                         struct ration_arena_reference reference) {
  uint64_t generation = arena ? __atomic_load_n(&arena->generation, __ATOMIC_RELAXED) : 0;
  if (__builtin_expect(reference.generation == generation && generation, 1)) return reference.pointer;
  errno = ESTALE;
  return NULL;
}

#ifdef __cplusplus
}
#endif
#endif
