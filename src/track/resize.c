/*
 * resize.c: realloc. See track.h for the order of things.
 *
 * The books change by the difference of the two sizes in one step, so that a peak never has both in it.
 */
#include "track/resize.h"

#include <errno.h>
#include <string.h>

#include "os/pool.h"
#include "track/slab.h"
#include "track/track.h"

/* A block between its old size and its new one. */
struct resizing {
  uint32_t category;
  uint64_t old_usable;
  uint64_t new_usable;
  uint64_t requested;
};

static void *resize_tracked(void *block, unsigned char *tag, struct request request);
static void *resize_other(void *block, struct request request, struct asker asker);
static void count_resized(void *block, struct resizing resizing, uint32_t since);
static void count_gone(struct resizing resizing);

void *track_resize(void *block, struct request request, struct asker asker) {
  if (!block) {
    int no_error = 0;
    return track_allocate(request, asker, &no_error);
  }
  unsigned char *tag = slab_is_ready() ? tag_place(block) : NULL;
  if (LIKELY(tag != NULL) && LIKELY(load_relaxed(tag) != 0)) return resize_tracked(block, tag, request);
  return resize_other(block, request, asker);
}

/*
 * The next allocator's answer NULL means failure, but for a size of 0, where it may mean that the block is
 * freed: then errno is not ENOMEM (glibc, tcmalloc: realloc(p, 0) frees).
 */
static void *resize_tracked(void *block, unsigned char *tag, struct request request) {
  struct resizing resizing = {
      .category = load_relaxed(tag), .old_usable = heap_usable(block), .requested = request_bytes(request)};
  int kept_errno = errno;
  errno = 0;
  store_relaxed(tag, 0);
  const void *outer = thread.releasing;
  thread.releasing = block; /* a free below, by name, is not another end of the block */
  uint32_t since = thread.counted;
  void *moved = request_resize(block, request);
  thread.releasing = outer;
  if (errno == 0) errno = kept_errno;
  if (LIKELY(moved != NULL))
    count_resized(moved, resizing, since);
  else if (resizing.requested == 0 && errno != ENOMEM)
    count_gone(resizing);
  else
    store_relaxed(tag, (unsigned char)resizing.category);
  return moved;
}

static void count_in_slab(struct resizing resizing, struct ration_segment_tally *tally) {
  add_owned(&tally->frees, 1);
  add_owned(&tally->reallocations, 1);
  tally_count_allocation(tally, resizing.new_usable, resizing.requested);
  heartbeat_count_down(thread.record, resizing.new_usable);
}

/* Charges the difference. Returns 0 or -ENOMEM. */
static int charge_difference(struct resizing resizing, struct ration_segment_tally *tally) {
  if (resizing.new_usable <= resizing.old_usable) {
    tally_give(&segment, resizing.category, tally, resizing.old_usable - resizing.new_usable);
    return 0;
  }
  return tally_take(&segment, resizing.category, tally, resizing.new_usable - resizing.old_usable);
}

static int count_shared(struct resizing resizing) {
  struct tally_shared_change change = {.bytes = (int64_t)(resizing.new_usable - resizing.old_usable),
                                       .allocations = 1,
                                       .frees = 1,
                                       .reallocations = 1,
                                       .allocated_bytes = resizing.new_usable,
                                       .requested_bytes = resizing.requested};
  return tally_shared(&segment, resizing.category, change);
}

static void count_resized(void *block, struct resizing resizing, uint32_t since) {
  int kept_errno = errno;
  unsigned char *tag = tag_place_made(block);
  struct ration_segment_tally *tallies = thread.record->tallies;
  resizing.new_usable = heap_usable(block);
  if (track_was_counted(block, since)) {
    count_gone(resizing);
  } else if (tag && tallies && charge_difference(resizing, &tallies[resizing.category]) == 0) {
    store_relaxed(tag, (unsigned char)resizing.category);
    count_in_slab(resizing, &tallies[resizing.category]);
  } else if (tag && !tallies && count_shared(resizing) == 0) {
    store_relaxed(tag, (unsigned char)resizing.category);
  } else {
    count_gone(resizing);
    process_count_untracked();
  }
  if (tallies && heartbeat_is_due(thread.record)) heartbeat(block);
  errno = kept_errno;
}

/* The old block was freed, and no new one is counted here. */
static void count_gone(struct resizing resizing) {
  struct ration_segment_tally *tallies = thread.record->tallies;
  if (tallies) {
    struct ration_segment_tally *tally = &tallies[resizing.category];
    add_owned(&tally->frees, 1);
    tally_give(&segment, resizing.category, tally, resizing.old_usable);
  } else {
    tally_shared(&segment, resizing.category,
                 (struct tally_shared_change){.bytes = -(int64_t)resizing.old_usable, .frees = 1});
  }
}

/* Out of the pool, which cannot resize: only libc and the loader have such blocks. */
static void *move_out_of_pool(void *block, struct request request, struct asker asker) {
  size_t bytes;
  if (__builtin_mul_overflow(request.size, request.count, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  int no_error = 0;
  struct request fresh = {.kind = REQUEST_MALLOC, .size = bytes, .count = 1};
  void *moved = track_allocate(fresh, asker, &no_error);
  if (!moved) return NULL;
  size_t held = pool_usable(block);
  memcpy(moved, block, held < bytes ? held : bytes);
  pool_free(block);
  return moved;
}

/* The pool's, a foreign one, or a thread without a slab. */
static void *resize_other(void *block, struct request request, struct asker asker) {
  if (pool_has(block)) return move_out_of_pool(block, request, asker);
  int kept_errno = errno;
  enum process_state state = track_state();
  unsigned char *tag = state == PROCESS_TRACKING ? tag_place(block) : NULL;
  int is_tracked = tag && load_relaxed(tag) != 0;
  if (is_tracked && !thread.inside) slab_ready(); /* not for a foreign one: see track_count_given */
  errno = kept_errno;
  if (is_tracked) return resize_tracked(block, tag, request);
  if (state == PROCESS_TRACKING) add_relaxed(&segment.header->foreign_frees, 1); /* a sum */
  return request_resize(block, request);
}
