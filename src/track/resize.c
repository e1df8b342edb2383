/*
 * resize.c: realloc. See track.h for the order of things.
 *
 * The books change by the difference of the two sizes in one step, so that a peak never has both in it.
 *
 * Where budgets may refuse, a block that grows is charged before it is resized, as large as it might come out; the rest
 * goes back. What is more all the same (the budget has come meanwhile) is charged over it: a block that is there is not
 * to be lost from the books. Where that does not fit, or the allocator's sizes cannot be foretold, a new block is asked
 * for, charged for what it is, and takes the place of the old one only then: so a refusal leaves the old block as it
 * was.
 */
#include "track/resize.h"

#include <errno.h>
#include <string.h>

#include "base/test_point.h"
#include "heap/slack.h"
#include "os/pool.h"
#include "track/charging.h"
#include "track/misuse.h"
#include "track/paged.h"
#include "track/slab.h"
#include "track/track.h"

/* A block between its old size and its new one. */
struct resizing {
  uint32_t category;
  struct ration_segment_sample sample; /* that the old block was; no site: none */
  struct asker asker;
  uint64_t old_usable;
  uint64_t new_usable;
  uint64_t requested;
  uint64_t ahead; /* bytes that have been charged beside the old ones */
};

static void *resize_tracked(void *block, unsigned char *tag, struct request request, struct asker asker);
static void *resize_strictly(void *block, unsigned char *tag, struct request request, struct asker asker);
static void *resize_plainly(void *block, unsigned char *tag, struct request request, struct asker asker);
static void *resize_other(void *block, struct request request, struct asker asker);
static void *resize_paged(struct heap_page *page, void *block, struct request request, struct asker asker);
static void *resize_ahead(void *block, unsigned char *tag, struct request request, struct asker asker,
                          uint64_t ahead);
static void count_resized(void *block, struct resizing *resizing, uint32_t since);
static void count_gone(const struct resizing *resizing);

void *track_resize(void *block, struct request request, struct asker asker) {
  if (!block) {
    int no_error = 0;
    return track_allocate(request, asker, &no_error);
  }
  struct heap_page *page = page_heap_find(block);
  if (UNLIKELY(page != NULL)) return resize_paged(page, block, request, asker);
  unsigned char *tag = slab_is_ready() ? tag_place(block) : NULL;
  if (LIKELY(tag != NULL) && LIKELY(load_relaxed(tag) != 0))
    return resize_tracked(block, tag, request, asker);
  return resize_other(block, request, asker);
}

/*
 * The next allocator's answer NULL means failure, but for a size of 0, where it may mean that the block is
 * freed: then errno is not ENOMEM (glibc, tcmalloc: realloc(p, 0) frees).
 */
static void *resize_tracked(void *block, unsigned char *tag, struct request request, struct asker asker) {
  if (UNLIKELY(charging_is_strict())) return resize_strictly(block, tag, request, asker);
  return resize_plainly(block, tag, request, asker);
}

static void *resize_plainly(void *block, unsigned char *tag, struct request request, struct asker asker) {
  return resize_ahead(block, tag, request, asker, 0);
}

static void *resize_ahead(void *block, unsigned char *tag, struct request request, struct asker asker,
                          uint64_t ahead) {
  struct resizing resizing = {.ahead = ahead,
                              .asker = asker,
                              .old_usable = heap_system_usable(block),
                              .requested = request_bytes(request)};
  int kept_errno = errno;
  resizing.category = sampling_lift(block, load_relaxed(tag), &resizing.sample);
  errno = 0;
  store_relaxed(tag, 0);
  const void *outer = thread.releasing;
  thread.releasing = block; /* a free below, by name, is not another end of the block */
  uint32_t since = thread.counted;
  void *moved = request_resize(block, request);
  thread.releasing = outer;
  int error = errno;
  if (error == 0) errno = kept_errno;
  if (LIKELY(moved != NULL))
    count_resized(moved, &resizing, since);
  else if (resizing.requested == 0 && error != ENOMEM) {
    sampling_end(&resizing.sample);
    count_gone(&resizing);
  } else {
    store_relaxed(tag, (unsigned char)sampling_put_back(&resizing.sample, resizing.category));
    charging_settle((struct demand){.category = resizing.category, .bytes = ahead}, 0);
  }
  return moved;
}

static void count_in_slab(const struct resizing *resizing, struct ration_segment_tally *tally) {
  add_owned(&tally->frees, 1);
  TEST_POINT("resize:freed");
  add_owned(&tally->reallocations, 1);
  tally_count_allocation(tally, resizing->new_usable, resizing->requested);
  heartbeat_count_down(thread.record, resizing->new_usable);
}

/* Charges the difference, whatever the budgets say by now: the old block is gone. Returns 0 or -ENOMEM. */
static int charge_difference(const struct resizing *resizing) {
  struct demand ahead = {.category = resizing->category,
                         .bytes = resizing->ahead,
                         .requested = resizing->requested,
                         .is_there = 1};
  uint64_t old = resizing->old_usable, new = resizing->new_usable;
  if (new < old) charging_give(resizing->category, old - new);
  return charging_settle(ahead, new > old ? new - old : 0);
}

static struct tally_shared_change shared_change(const struct resizing *resizing) {
  return (struct tally_shared_change){.bytes = (int64_t)(resizing->new_usable - resizing->old_usable),
                                      .allocations = 1,
                                      .frees = 1,
                                      .reallocations = 1,
                                      .allocated_bytes = resizing->new_usable,
                                      .requested_bytes = resizing->requested};
}

static int count_shared(const struct resizing *resizing) {
  struct tally_shared_change change = shared_change(resizing);
  struct demand demand = {.category = resizing->category,
                          .bytes = (uint64_t)change.bytes,
                          .requested = resizing->requested,
                          .is_there = 1};
  if (change.bytes > 0) return charging_take_shared(demand, change);
  charging_give_shared(resizing->category, change);
  return 0;
}

/* A realloc is a new draw: whether the block was a sample before says nothing about what it is now. */
static void draw(void *block, const struct resizing *resizing) {
  struct birth birth = {.requested = resizing->requested, .asker = resizing->asker, .is_resized = 1};
  if (!thread.record->tallies)
    sampling_take_shared(block, &birth);
  else if (heartbeat_is_due(thread.record))
    heartbeat(block, &birth);
}

static void count_resized(void *block, struct resizing *resizing, uint32_t since) {
  int kept_errno = errno;
  unsigned char *tag = tag_place_made(block);
  struct ration_segment_tally *tallies = thread.record->tallies;
  resizing->new_usable = heap_system_usable(block);
  sampling_end(&resizing->sample);
  int is_counted = !track_was_counted(block, since);
  if (is_counted) is_counted = tag && (tallies ? charge_difference(resizing) : count_shared(resizing)) == 0;
  if (is_counted) {
    store_relaxed(tag, (unsigned char)resizing->category);
    if (tallies) count_in_slab(resizing, &tallies[resizing->category]);
    draw(block, resizing);
  } else {
    count_gone(resizing);
    if (!track_was_counted(block, since)) process_count_untracked();
  }
  errno = kept_errno;
}

/* The old block was freed, and no new one is counted here. */
static void count_gone(const struct resizing *resizing) {
  struct ration_segment_tally *tallies = thread.record->tallies;
  if (tallies) {
    add_owned(&tallies[resizing->category].frees, 1);
    charging_give(resizing->category, resizing->old_usable);
    charging_settle((struct demand){.category = resizing->category, .bytes = resizing->ahead}, 0);
  } else {
    charging_give_shared(resizing->category,
                         (struct tally_shared_change){.bytes = -(int64_t)resizing->old_usable, .frees = 1});
  }
}

/* ---- where budgets may refuse --------------------------------------------------------------------------- */

static void give_back(void *block) {
  struct heap_page *page = page_heap_find(block);
  if (page)
    page_heap_give(thread.stock, page, block);
  else
    next.free(block);
}

/* As a new block that has no place for its tag: the program has it, the books do not. */
static void *resize_out_of_books(void *block, void *moved, const struct resizing *resizing) {
  int kept_errno = errno;
  memcpy(moved, block,
         resizing->old_usable < resizing->requested ? resizing->old_usable : resizing->requested);
  track_free(block, (struct release){0});
  process_count_untracked();
  errno = kept_errno;
  return moved;
}

/* By a new block of the system heap, which takes the old one's place when it has been charged. */
static void *resize_by_copy(void *block, struct resizing resizing, struct demand demand) {
  void *moved = next.malloc(resizing.requested);
  int kept_errno = errno;
  if (!moved) return NULL;
  if (!heap_may_mark(moved)) return resize_out_of_books(block, moved, &resizing);
  resizing.new_usable = heap_system_usable(moved);
  demand.bytes = resizing.new_usable > resizing.old_usable ? resizing.new_usable - resizing.old_usable : 0;
  int is_own = thread.record->tallies != NULL;
  int result = is_own ? charging_take(demand) : charging_take_shared(demand, shared_change(&resizing));
  if (result < 0) {
    next.free(moved);
    errno = ENOMEM;
    return NULL;
  }
  memcpy(moved, block, resizing.old_usable < resizing.requested ? resizing.old_usable : resizing.requested);
  sampling_lift(block, heap_whose(block), &resizing.sample);
  heap_set_whose(block, 0);
  sampling_end(&resizing.sample);
  give_back(block);
  heap_set_whose(moved, resizing.category);
  if (!heap_is_libc()) thread.counted++;
  if (is_own && resizing.new_usable < resizing.old_usable)
    charging_give(resizing.category, resizing.old_usable - resizing.new_usable);
  if (is_own) count_in_slab(&resizing, &thread.record->tallies[resizing.category]);
  draw(moved, &resizing);
  errno = kept_errno;
  return moved;
}

/* It has the bytes already, and there are no more for what the allocator would make of it. */
static void *resize_in_place(void *block, unsigned char *tag, struct resizing resizing) {
  int kept_errno = errno;
  resizing.new_usable = resizing.old_usable;
  sampling_lift(block, load_relaxed(tag), &resizing.sample); /* see tag_map.h */
  store_relaxed(tag, (unsigned char)resizing.category);
  sampling_end(&resizing.sample);
  if (thread.record->tallies)
    count_in_slab(&resizing, &thread.record->tallies[resizing.category]);
  else
    count_shared(&resizing);
  draw(block, &resizing);
  errno = kept_errno;
  return block;
}

/* One that needs no more bytes gets none, but for glibc's mapped ones, which may grow by a page even so. */
static int may_grow(const void *block, uint64_t old_usable, uint64_t requested) {
  if (requested > old_usable) return 1;
  return heap_is_libc() && next_chunk_is_mapped(block) && slack_bound(old_usable, requested) > old_usable;
}

static void *resize_strictly(void *block, unsigned char *tag, struct request request, struct asker asker) {
  uint64_t old_usable = heap_system_usable(block), requested = request_bytes(request);
  struct resizing resizing = {.category = sampling_category(block, load_relaxed(tag)), /* see tag_map.h */
                              .asker = asker,
                              .old_usable = old_usable,
                              .requested = requested};
  if (!may_grow(block, old_usable, requested)) return resize_plainly(block, tag, request, asker);
  int is_exact = slack_is_none();
  uint64_t bound = is_exact ? requested : slack_bound(old_usable, requested);
  struct demand demand = {
      .category = resizing.category, .bytes = bound - old_usable, .requested = requested, .asker = asker};
  int kept_errno = errno, is_own = thread.record->tallies != NULL;
  if (is_own && is_exact && charging_take(demand) < 0) {
    errno = ENOMEM;
    return NULL;
  }
  int is_charged = is_own && bound && (is_exact || charging_may_take(demand));
  errno = kept_errno;
  if (is_charged) return resize_ahead(block, tag, request, asker, bound - old_usable);
  if (requested <= old_usable) return resize_in_place(block, tag, resizing);
  return resize_by_copy(block, resizing, demand);
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
  if (is_tracked) return resize_tracked(block, tag, request, asker);
  if (state == PROCESS_TRACKING) add_relaxed(&segment.header->foreign_frees, 1); /* a sum */
  return request_resize(block, request);
}

/* ---- blocks of the page heap ------------------------------------------------------------------------------ */

/* Charged before: a refusal leaves the old block as it was. Without a slab that is all that is counted. */
static int charge_paged(const struct resizing *resizing) {
  uint64_t old = resizing->old_usable, new = resizing->new_usable;
  struct demand demand = {.category = resizing->category,
                          .bytes = new - old,
                          .requested = resizing->requested,
                          .asker = resizing->asker};
  if (thread.record->tallies) return new > old ? charging_take(demand) : 0;
  return new > old ? charging_take_shared(demand, shared_change(resizing)) : count_shared(resizing);
}

/* Sums go back by their complements. */
static void uncharge_paged(const struct resizing *resizing) {
  uint64_t old = resizing->old_usable, new = resizing->new_usable;
  if (thread.record->tallies) {
    if (new > old) charging_give(resizing->category, new - old);
    return;
  }
  struct tally_shared_change change = shared_change(resizing), undone = {.bytes = -change.bytes};
  undone.allocations -= change.allocations;
  undone.frees -= change.frees;
  undone.reallocations -= change.reallocations;
  undone.allocated_bytes -= change.allocated_bytes;
  undone.requested_bytes -= change.requested_bytes;
  charging_give_shared(resizing->category, undone);
}

/* By sizes that are known: in place, or to another page or span. Returns 0; -EDQUOT: refused; -ENOMEM: there is no such
   place. Then all is as it was. */
static int resize_known(struct heap_page *page, void *block, struct resizing *resizing, void **ret_moved) {
  int result = charge_paged(resizing);
  if (result < 0) return result;
  int is_sample = heap_is_marked(page, block);
  if (is_sample) sampling_lift(block, RATION_TAG_SAMPLED, &resizing->sample);
  if (is_sample) heap_set_whose(block, 0);
  void *moved = page_heap_resize(page, resizing->requested)
                    ? block
                    : page_heap_move(thread.stock, page, block, resizing->requested);
  if (!moved) {
    heap_set_whose(block, sampling_put_back(&resizing->sample, resizing->category));
    uncharge_paged(resizing);
    return -ENOMEM;
  }
  sampling_end(&resizing->sample);
  if (thread.record->tallies) {
    uint64_t old = resizing->old_usable, new = resizing->new_usable;
    if (new < old) charging_give(resizing->category, old - new);
    count_in_slab(resizing, &thread.record->tallies[resizing->category]);
  }
  draw(moved, resizing);
  *ret_moved = moved;
  return 0;
}

/* In a process that counts nothing any more. */
static void *resize_uncounted(struct heap_page *page, void *block, size_t bytes) {
  if (page_heap_resize(page, bytes)) return block;
  void *moved = next.malloc(bytes);
  size_t held = page_heap_usable(page);
  if (!moved) return NULL;
  memcpy(moved, block, held < bytes ? held : bytes);
  page_heap_give(thread.stock, page, block);
  return moved;
}

static void *resize_held(struct heap_page *page, void *block, size_t bytes, struct asker asker) {
  struct resizing resizing = {
      .category = page->category, .asker = asker, .old_usable = page_heap_usable(page), .requested = bytes};
  size_t usable;
  void *moved = NULL;
  if (!page_heap_may_resize(page, bytes, &usable))
    usable = heap_serves(thread.stock) ? page_heap_usable_of(bytes, 0) : 0;
  resizing.new_usable = usable;
  int result = usable ? resize_known(page, block, &resizing, &moved) : -ENOMEM;
  if (result != -ENOMEM) return moved;
  return resize_by_copy(block, resizing,
                        (struct demand){.category = resizing.category, .requested = bytes, .asker = asker});
}

/* As glibc does: of no bytes it is a free. */
static void *resize_paged(struct heap_page *page, void *block, struct request request, struct asker asker) {
  size_t bytes;
  enum misuse misuse = page_heap_check(page, block);
  if (misuse) misuse_note(misuse, page, block);
  if (__builtin_mul_overflow(request.size, request.count, &bytes) || misuse) {
    errno = ENOMEM;
    return NULL;
  }
  if (bytes == 0) {
    paged_free(page, block);
    return NULL;
  }
  void *quickly = paged_may_resize(block, bytes, asker);
  if (LIKELY(quickly != NULL)) return quickly;
  int kept_errno = errno;
  int is_tracking = slab_is_ready() || track_state() == PROCESS_TRACKING;
  if (is_tracking && !thread.inside) slab_ready();
  void *moved = is_tracking ? resize_held(page, block, bytes, asker) : resize_uncounted(page, block, bytes);
  errno = moved ? kept_errno : ENOMEM;
  return moved;
}
