/*
 * track.h: the hot path: what happens on allocation and on free. (On realloc: resize.h.)
 *
 * Budget, for an operation that stays here (a thread with a slab and with credit, a block whose tag leaf
 * exists): no lock, no system call, no loop, no allocation, no cache line written that other threads write
 * but the block's tag; about 45 instructions on allocation and 30 on free, the next allocator's own apart.
 * `make bench` prints the count.
 *
 * The order of things, once and for all:
 *   allocation  block from the heap -> charge -> tag -> counts
 *   free        tag cleared -> block back to the heap -> counts and charge
 *   realloc     tag cleared -> block resized -> charge by the difference -> tag -> counts
 * A tag ends before its block is given back, since another thread may be handed the same address at once. A
 * charge ends after, since until then the memory is not free. So what the program holds never exceeds the
 * books.
 *
 * In-malloc: errno is the next allocator's; who takes a slow path restores it.
 */
#ifndef RATION_TRACK_TRACK_H
#define RATION_TRACK_TRACK_H

#include "heap/heap.h"
#include "heap/request.h"
#include "model/tally.h"
#include "track/caller.h"
#include "track/process.h"
#include "track/thread.h"

/* What the fast path leaves: see slow.c. */
SLOW_PATH void *track_allocate_slow(struct request request, uintptr_t caller, int *ret_error);
SLOW_PATH void track_count_slow(void *block, size_t requested, uintptr_t caller);
SLOW_PATH void track_free_slow(void *block, struct release release);

/* Counts a block that the heap has just given. */
ALWAYS_INLINE void track_count(void *block, size_t requested, uintptr_t caller, struct record *record) {
  struct ration_segment_tally *tallies = record->tallies;
  unsigned char *tag = heap_tag(block);
  if (UNLIKELY(!tag) || UNLIKELY(load_relaxed(tag) != 0) || UNLIKELY(!tallies)) {
    track_count_slow(block, requested, caller); /* no leaf yet, or counted by a call below this one */
    return;
  }
  uint32_t category = thread.scope;
  if (LIKELY(!category)) category = caller_category(caller_asked(caller), record);
  uint64_t usable = heap_usable(block);
  struct ration_segment_tally *tally = &tallies[category];
  if (UNLIKELY(!tally_may_take(tally, usable)) && tally_take(&segment, category, tally, usable) < 0) {
    process_count_untracked();
    return;
  }
  store_relaxed(tag, (unsigned char)category); /* see tag_map.h */
  tally_count_allocation(tally, usable, requested);
}

/* A new block. NULL: refused by the next allocator, which has set errno, or *ret_error for posix_memalign. */
ALWAYS_INLINE void *track_allocate(struct request request, uintptr_t caller, int *ret_error) {
  struct record *record = thread.record;
  if (UNLIKELY(!record->tallies)) return track_allocate_slow(request, caller, ret_error);
  void *block = request_give(request, ret_error);
  if (LIKELY(block != NULL)) track_count(block, request_bytes(request), caller, record);
  return block;
}

ALWAYS_INLINE void track_free(void *block, struct release release) {
  struct ration_segment_tally *tallies = thread.record->tallies;
  unsigned char *tag = heap_tag(block);
  uint32_t category = LIKELY(tag != NULL) ? load_relaxed(tag) : 0; /* see tag_map.h */
  if (UNLIKELY(!category) || UNLIKELY(!tallies)) {
    track_free_slow(block, release);
    return;
  }
  uint64_t usable = heap_usable(block);
  store_relaxed(tag, 0);
  release_take_back(block, release);
  struct ration_segment_tally *tally = &tallies[category];
  add_owned(&tally->frees, 1);
  if (UNLIKELY(!tally_may_give(tally, usable))) tally_give(&segment, category, tally, usable);
}

/* malloc_usable_size: also of foreign blocks, and of the pool's. */
size_t track_usable(void *block);

#endif
