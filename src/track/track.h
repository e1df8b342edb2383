/*
 * track.h: the hot path: what happens on allocation and on free. (On realloc: resize.h.)
 *
 * Budget, for an operation that stays here (a thread with a slab and with credit, over glibc, a call site
 * that is cached, a block whose tag leaf exists): no lock, no system call, no loop, no allocation, no cache
 * line written that other threads write but the block's tag; 53 instructions on allocation and 36 on free
 * besides glibc's own. `make bench` prints the count. One test decides at the start, each further one leads
 * to the same slow exit, and all calls but the heap's are tail calls, so that nothing has to be saved across
 * them.
 *
 * The order of things, once and for all:
 *   allocation  block from the heap -> charge -> tag -> counts
 *   free        tag cleared -> block back to the heap -> charge
 *   realloc     tag cleared -> block resized -> charge by the difference -> tag -> counts
 * A tag ends before its block is given back, since another thread may be handed the same address at once. A
 * charge ends after, since until then the memory is not free: so what the program holds never exceeds what is
 * charged. (The fast path puts a freed block's bytes into the thread's own credit before it gives the block
 * back: they stay charged, and nobody can use that credit but this thread, which is in free.)
 *
 * In-malloc: errno is the next allocator's; who takes a slow path restores it.
 */
#ifndef RATION_TRACK_TRACK_H
#define RATION_TRACK_TRACK_H

#include "base/test_point.h"
#include "heap/heap.h"
#include "heap/request.h"
#include "model/tally.h"
#include "track/asker.h"
#include "track/caller.h"
#include "track/heartbeat.h"
#include "track/process.h"
#include "track/thread.h"

/*
 * Everything that the fast path leaves, and all that is done over other allocators than glibc: see slow.c.
 * NULL: refused by the next allocator, which has set errno, or *ret_error for posix_memalign alone.
 */
void *track_allocate(struct request request, struct asker asker, int *ret_error);
void track_free(void *block, struct release release);

/* Counts a block that the heap has given, in a process that tracks; returns it. */
void *track_count(void *block, size_t requested, struct asker asker);

/* The same, where the exported function ends in a jump to it. */
void *track_count_by_jump(void *block, size_t requested, uintptr_t caller);

/* The same in whatever state: it may be the thread's first block, or the process's. `since`: see below. */
void *track_count_given(void *block, size_t requested, struct asker asker, uint32_t since);

/* How the process stands, for a block that is freed or resized. */
enum process_state track_state(void);

/* malloc_usable_size: also of foreign blocks, and of the pool's. */
size_t track_usable(void *block);

/* NULL: a thread with this record may not take the fast path just now. */
ALWAYS_INLINE struct ration_segment_tally *track_fast_tallies(const struct record *record) {
  return load_relaxed(&record->fast_tallies); /* dlclose may take it away: see caller.h */
}

ALWAYS_INLINE int track_is_fast(const struct record *record) {
  return !is_null_relaxed(&record->fast_tallies); /* likewise */
}

/*
 * An allocator may make one of its functions of another, by name: then the call below, which came by the shim, has
 * counted the block. `since` is thread.counted before the call. A tag that is set otherwise is stale: its block was
 * freed behind the shim, which never saw it end. glibc makes no such calls. A block of the page heap was counted in any
 * case.
 */
ALWAYS_INLINE int track_was_counted(const void *block, uint32_t since) {
  if (UNLIKELY(page_heap_find(block) != NULL)) return 1; /* so it came by such a call */
  if (LIKELY(thread.counted == since)) return 0;
  const unsigned char *tag = tag_place(block);
  return tag && load_relaxed(tag) != 0; /* see tag_map.h */
}

/*
 * One tally of the thread's counts the block, if all is at hand. 0: it is not, and nothing has changed. The flavour is
 * a constant. A heartbeat may be due after it.
 */
ALWAYS_INLINE int track_may_count(void *block, size_t requested, unsigned char category,
                                  struct ration_segment_tally *tally, struct record *record,
                                  enum heap_flavour flavour) {
  unsigned char *tag = heap_tag_of_given(block, flavour);
  if (UNLIKELY(!tag) || UNLIKELY(!heap_may_size(block, flavour))) return 0;
  uint64_t usable = heap_usable_as(block, flavour);
  if (UNLIKELY(!tally_may_take(tally, usable))) return 0;
  TEST_POINT("track:paid");
  store_relaxed(tag, category); /* see tag_map.h */
  TEST_POINT("track:tagged");
  tally_count_allocation(tally, usable, requested);
  if (flavour == HEAP_OTHER) thread.counted++;
  heartbeat_count_down(record, usable);
  return 1;
}

/* The same, over glibc, for a call site that is cached, where no scope is open. */
ALWAYS_INLINE int track_may_count_cached(void *block, size_t requested, uintptr_t caller,
                                         struct record *record) {
  struct ration_segment_tally *tallies = load_relaxed(&record->tallies); /* first: see paged.h */
  fence_signal();                                                        /* pairs with process_wipe */
  const struct caller *entry = caller_entry(caller, record);
  if (UNLIKELY(!caller_is_cached(entry, caller, record))) return 0;
  struct ration_segment_tally *tally = (void *)((char *)tallies + entry->tally_at);
  return track_may_count(block, requested, entry->category, tally, record, HEAP_LIBC);
}

/* The same for a free, but for giving the block back. `tallies` are the record's fast ones. */
ALWAYS_INLINE int track_may_uncount(void *block, struct ration_segment_tally *tallies) {
  if (UNLIKELY(!tallies)) return 0;
  unsigned char *tag = heap_tag(block, HEAP_LIBC);
  if (UNLIKELY(!tag)) return 0;
  uint32_t category = load_relaxed(tag); /* see tag_map.h */
  if (UNLIKELY(!category) || UNLIKELY(!heap_may_size(block, HEAP_LIBC))) return 0;
  struct ration_segment_tally *tally = &tallies[category];
  if (UNLIKELY(!tally_may_give(tally, heap_usable_as(block, HEAP_LIBC)))) return 0;
  TEST_POINT("track:paid_back");
  store_relaxed(tag, 0);
  add_owned(&tally->frees, 1);
  return 1;
}

#endif
