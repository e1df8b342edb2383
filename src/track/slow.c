/*
 * slow.c: whatever is rare on allocation and free.
 *
 * A call comes here because its thread has no slab: it is the process's or the thread's first, the process is
 * passive, it was forked a moment ago, the thread has ended or found no slab, or it runs inside the shim. Or
 * because of its block: no tag leaf yet, foreign, the pool's, NULL, or counted already.
 * In-malloc: no lock, no stdio; errno is kept.
 */
#include <errno.h>

#include "os/pool.h"
#include "track/slab.h"
#include "track/track.h"

static void *pool_give(struct request request, int *ret_error);
static int has_next(void);
static void count_shared(void *block, unsigned char *tag, size_t requested, uintptr_t caller);

SLOW_PATH void *track_allocate_slow(struct request request, uintptr_t caller, int *ret_error) {
  int kept_errno = errno;
  if (thread.inside || !has_next()) return pool_give(request, ret_error);
  enum process_state state = process_ready();
  int has_slab = state == PROCESS_TRACKING && slab_ready();
  errno = kept_errno;
  void *block = request_give(request, ret_error);
  if (!block) return NULL;
  kept_errno = errno;
  size_t bytes = request_bytes(request);
  if (state == PROCESS_STARTING || state == PROCESS_NEW) process_count_untracked();
  if (state == PROCESS_TRACKING && process_measure(block, bytes) == 0) {
    if (has_slab)
      track_count(block, bytes, caller, thread.record);
    else
      track_count_slow(block, bytes, caller);
  }
  errno = kept_errno;
  return block;
}

/* The shim's own request, by way of libc or the loader; or there is no allocator to be found (yet). */
static void *pool_give(struct request request, int *ret_error) {
  size_t bytes;
  void *block = NULL;
  if (!__builtin_mul_overflow(request.size, request.count, &bytes))
    block = pool_allocate(bytes, request.alignment);
  if (request.kind == REQUEST_POSIX_MEMALIGN)
    *ret_error = block ? 0 : ENOMEM;
  else if (!block)
    errno = ENOMEM;
  return block;
}

/* Finds the next allocator, if nobody has. While another thread is at it there is none. */
static int has_next(void) {
  if (LIKELY(next_is_resolved())) return 1;
  struct record *record = thread_go_inside();
  next_resolve();
  thread_come_out(record);
  return next_is_resolved();
}

SLOW_PATH void track_count_slow(void *block, size_t requested, uintptr_t caller) {
  int kept_errno = errno;
  unsigned char *tag = tag_place_made(block);
  if (!tag)
    process_count_untracked();
  else if (load_relaxed(tag) == 0 && thread.record->tallies) /* else: counted by a call below */
    track_count(block, requested, caller, thread.record);
  else if (load_relaxed(tag) == 0)
    count_shared(block, tag, requested, caller);
  errno = kept_errno;
}

static void count_shared(void *block, unsigned char *tag, size_t requested, uintptr_t caller) {
  uint32_t category = thread.scope ? thread.scope : caller_category(caller_asked(caller), thread.record);
  uint64_t usable = heap_usable(block);
  struct tally_shared_change change = {
      .bytes = (int64_t)usable, .allocations = 1, .allocated_bytes = usable, .requested_bytes = requested};
  if (tally_shared(&segment, category, change) < 0)
    process_count_untracked();
  else
    store_relaxed(tag, (unsigned char)category); /* see tag_map.h */
}

static void free_shared(void *block, unsigned char *tag, uint32_t category, struct release release) {
  uint64_t usable = heap_usable(block);
  store_relaxed(tag, 0);
  release_take_back(block, release);
  tally_shared(&segment, category, (struct tally_shared_change){.bytes = -(int64_t)usable, .frees = 1});
}

/* A block that no tag knows: from before the shim, of another allocator, or not tracked for want of memory.
 */
static void free_foreign(void *block, struct release release) {
  if (block && block != thread.releasing && process_has_segment())
    add_relaxed(&segment.header->foreign_frees, 1); /* a sum */
  if (has_next()) release_take_back(block, release);
}

SLOW_PATH void track_free_slow(void *block, struct release release) {
  int kept_errno = errno;
  if (block && pool_has(block)) {
    pool_free(block);
  } else if (!block || thread.inside || process_ready() != PROCESS_TRACKING) {
    if (has_next()) release_take_back(block, release);
  } else {
    unsigned char *tag = heap_tag(block);
    uint32_t category = tag ? load_relaxed(tag) : 0; /* see tag_map.h */
    if (!category)
      free_foreign(block, release);
    else if (slab_ready_for_free())
      track_free(block, release);
    else
      free_shared(block, tag, category, release);
  }
  errno = kept_errno;
}

size_t track_usable(void *block) {
  if (!block) return 0;
  if (pool_has(block)) return pool_usable(block);
  return has_next() ? next.usable(block) : 0;
}
