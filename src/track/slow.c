/*
 * slow.c: whatever the fast path leaves, on allocation and free.
 *
 * A call comes here because its thread is not ready: it is the process's or the thread's first, the process
 * is passive, it was forked a moment ago, the thread has ended or found no slab, runs inside the shim, or a
 * module was closed; or because another allocator than glibc is below. Or because of its block: no tag leaf
 * yet, credit at its end, a call site not seen before, foreign, the pool's, NULL, or counted already.
 * In-malloc: no lock, no stdio; errno is kept.
 */
#include <errno.h>

#include "base/test_point.h"
#include "heap/slack.h"
#include "os/pool.h"
#include "track/charging.h"
#include "track/paged.h"
#include "track/slab.h"
#include "track/track.h"

static void *allocate_paged(struct request request, struct asker asker, int *ret_error);
static void *allocate_of_system(struct request request, struct asker asker, int *ret_error);
static void *allocate_not_ready(struct request request, struct asker asker, int *ret_error);
static void *pool_give(struct request request, int *ret_error);
static int has_next(void);
static void *count_rare(void *block, size_t requested, struct asker asker);
static void *count_in(void *block, unsigned char *tag, size_t requested, struct asker asker);
static void *allocate_ahead(struct request request, struct asker asker, int *ret_error);
static void note_refused(struct request request, int kept_errno, int *ret_error);
static void beat_if_due(void *block, uint64_t requested, struct asker asker);
static void take_back(void *block, struct release release);
static void free_rare(void *block, struct release release);

/* ---- allocation ---------------------------------------------------------------------------------------- */

void *track_allocate(struct request request, struct asker asker, int *ret_error) {
  if (UNLIKELY(!slab_is_ready())) return allocate_not_ready(request, asker, ret_error);
  return heap_serves(thread.stock) ? allocate_paged(request, asker, ret_error)
                                   : allocate_of_system(request, asker, ret_error);
}

static void *allocate_paged(struct request request, struct asker asker, int *ret_error) {
  int is_refused;
  void *block = paged_allocate(request, asker, &is_refused);
  if (LIKELY(block != NULL)) return block;
  if (!is_refused) return allocate_of_system(request, asker, ret_error);
  note_refused(request, errno, ret_error);
  return NULL;
}

static void *allocate_of_system(struct request request, struct asker asker, int *ret_error) {
  if (UNLIKELY(charging_is_strict()) && !heap_is_libc()) return allocate_ahead(request, asker, ret_error);
  int kept_errno = errno;
  uint32_t since = thread.counted;
  void *block = request_give(request, ret_error);
  if (UNLIKELY(!block) || UNLIKELY(track_was_counted(block, since))) return block;
  block = track_count(block, request_bytes(request), asker);
  if (UNLIKELY(!block)) note_refused(request, kept_errno, ret_error);
  return block;
}

/* A refusal looks like the heap's own: posix_memalign says it by its result alone. */
static void note_refused(struct request request, int kept_errno, int *ret_error) {
  int is_posix = request.kind == REQUEST_POSIX_MEMALIGN;
  if (is_posix) *ret_error = ENOMEM;
  errno = is_posix ? kept_errno : ENOMEM;
}

/* A block of another size than was charged, or none: the rest is settled, or the block goes back unseen. */
static void *settle_ahead(void *block, struct demand demand, uint32_t since) {
  unsigned char *tag = block ? tag_place_made(block) : NULL;
  if (!block || track_was_counted(block, since) || !tag) {
    charging_settle(demand, 0);
    if (block && !tag) process_count_untracked();
    return block;
  }
  uint64_t usable = heap_system_usable(block);
  slack_note(demand.requested, usable);
  int result = charging_settle(demand, usable);
  if (result == -EDQUOT) {
    release_take_back(block, (struct release){0});
    return NULL;
  }
  if (result < 0) {
    process_count_untracked();
    return block;
  }
  store_relaxed(tag, (unsigned char)demand.category); /* see tag_map.h */
  thread.counted++;
  tally_count_allocation(&thread.record->tallies[demand.category], usable, demand.requested);
  heartbeat_count_down(thread.record, usable);
  beat_if_due(block, demand.requested, demand.asker);
  return block;
}

/* Charged before the heap is asked: see charging_is_strict. */
static SLOW_PATH void *allocate_ahead(struct request request, struct asker asker, int *ret_error) {
  int kept_errno = errno;
  uint64_t bytes = request_bytes(request);
  struct demand demand = {.category = caller_category(asker, bytes, thread.record),
                          .bytes = bytes,
                          .requested = bytes,
                          .asker = asker};
  uint32_t since = thread.counted;
  int result = charging_take(demand);
  if (result == -EDQUOT) {
    note_refused(request, kept_errno, ret_error);
    return NULL;
  }
  if (result < 0) demand.bytes = 0; /* no word can hold it: the heap will say no */
  errno = kept_errno;
  void *given = request_give(request, ret_error);
  int heap_errno = errno;
  void *block = settle_ahead(given, demand, since);
  errno = heap_errno;
  if (given && !block) note_refused(request, kept_errno, ret_error);
  return block;
}

/* A thread's first block, too, is charged before the heap is asked, once it is known what the heap's sizes say; and comes
   from the page heap, if there is one. */
static int is_ready_ahead(void) {
  if (!process_is_measured() || process_ready() != PROCESS_TRACKING) return 0;
  return (heap_gives_pages() || (charging_is_strict() && !heap_is_libc())) && slab_ready();
}

/* A slab only for a block that was given, and measured: who has a slab measures no more. */
static SLOW_PATH void *allocate_not_ready(struct request request, struct asker asker, int *ret_error) {
  int kept_errno = errno;
  if (thread.inside || !has_next()) return pool_give(request, ret_error);
  int is_ahead = is_ready_ahead();
  errno = kept_errno;
  if (is_ahead) return track_allocate(request, asker, ret_error);
  uint32_t since = thread.counted;
  void *block = request_give(request, ret_error);
  if (!block) return NULL;
  block = track_count_given(block, request_bytes(request), asker, since);
  if (UNLIKELY(!block)) note_refused(request, kept_errno, ret_error);
  return block;
}

/* The slab comes last: a thread that has one counts whatever it allocates. */
void *track_count_given(void *block, size_t requested, struct asker asker, uint32_t since) {
  if (thread.inside || track_was_counted(block, since)) return block;
  if (LIKELY(slab_is_ready())) return track_count(block, requested, asker);
  int kept_errno = errno;
  enum process_state state = process_ready();
  int result = state == PROCESS_TRACKING ? process_measure(block, requested) : 0;
  if (state == PROCESS_TRACKING && result == 0) {
    slab_ready();
    errno = kept_errno;
    return track_count(block, requested, asker);
  } else if (state == PROCESS_NEW || state == PROCESS_STARTING || result == -EAGAIN) {
    process_count_untracked();
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

static void beat_if_due(void *block, uint64_t requested, struct asker asker) {
  if (UNLIKELY(heartbeat_is_due(thread.record)))
    heartbeat(block, &(struct birth){.requested = requested, .asker = asker});
}

/* First what is not rare: a scope or an operator new that is open, or another allocator. */
void *track_count(void *block, size_t requested, struct asker asker) {
  struct record *record = thread.record;
  if (LIKELY(record->tallies != NULL)) {
    unsigned char category = (unsigned char)caller_category(asker, requested, record);
    struct ration_segment_tally *tally = &record->tallies[category];
    int is_counted = heap_is_libc() ? track_may_count(block, requested, category, tally, record, HEAP_LIBC)
                                    : track_may_count(block, requested, category, tally, record, HEAP_OTHER);
    if (LIKELY(is_counted)) {
      beat_if_due(block, requested, asker);
      return block;
    }
  }
  return count_rare(block, requested, asker);
}

static SLOW_PATH void *count_by_jump(void *block, size_t requested, uintptr_t caller) {
  RETURN_ON_FRAME(track_count(block, requested, ASKER_BY_JUMP(caller)));
}

/* First a cached call site whose blocks get their category by their size. */
void *track_count_by_jump(void *block, size_t requested, uintptr_t caller) {
  struct record *record = thread.record;
  const struct caller *entry = caller_entry(caller, record);
  if (entry->address ==
      (caller | CALLER_SIZED) + load_relaxed(&record->exception)) { /* record_none's is nobody's */
    unsigned char category = (unsigned char)caller_category_of_size(entry, requested);
    if (LIKELY(category) &&
        LIKELY(track_may_count(block, requested, category, &record->tallies[category], record, HEAP_LIBC)))
      return UNLIKELY(heartbeat_is_due(record)) ? heartbeat_by_jump(block, requested, caller) : block;
  }
  return count_by_jump(block, requested, caller);
}

static SLOW_PATH void *count_rare(void *block, size_t requested, struct asker asker) {
  int kept_errno = errno;
  unsigned char *tag = tag_place_made(block);
  if (tag)
    block = count_in(block, tag, requested, asker);
  else
    process_count_untracked();
  errno = block ? kept_errno : ENOMEM;
  return block;
}

/* NULL: refused, and the block has gone back, before the program saw it. */
static void *count_in(void *block, unsigned char *tag, size_t requested, struct asker asker) {
  struct record *record = thread.record;
  uint64_t usable = heap_system_usable(block);
  struct demand demand = {.category = caller_category(asker, requested, record),
                          .bytes = usable,
                          .requested = requested,
                          .asker = asker};
  struct tally_shared_change shared = {
      .bytes = (int64_t)usable, .allocations = 1, .allocated_bytes = usable, .requested_bytes = requested};
  int result = record->tallies ? charging_take(demand) : charging_take_shared(demand, shared);
  if (result == -EDQUOT) release_take_back(block, (struct release){0});
  if (result == -ENOMEM) process_count_untracked();
  if (result < 0) return result == -EDQUOT ? NULL : block;
  TEST_POINT("slow:charged");
  store_relaxed(tag, (unsigned char)demand.category); /* see tag_map.h */
  if (!heap_is_libc()) thread.counted++;
  record = thread.record; /* in the child of a handler that has forked, another */
  if (!record->tallies) {
    sampling_take_shared(block, &(struct birth){.requested = requested, .asker = asker});
    return block;
  }
  tally_count_allocation(&record->tallies[demand.category], usable, requested);
  heartbeat_count_down(record, usable);
  beat_if_due(block, requested, asker);
  return block;
}

/* ---- free ---------------------------------------------------------------------------------------------- */

void track_free(void *block, struct release release) {
  struct heap_page *page = page_heap_find(block);
  if (UNLIKELY(page != NULL)) {
    paged_free(page, block);
    return;
  }
  struct ration_segment_tally *tallies = slab_is_ready() ? thread.record->tallies : NULL;
  unsigned char *tag = tallies ? tag_place(block) : NULL;
  uint32_t category = tag ? load_relaxed(tag) : 0; /* see tag_map.h */
  if (UNLIKELY(!category)) {
    free_rare(block, release);
    return;
  }
  uint64_t usable = heap_system_usable(block);
  struct ration_segment_sample sample;
  category = sampling_lift(block, category, &sample);
  store_relaxed(tag, 0);
  sampling_end(&sample);
  take_back(block, release);
  add_owned(&tallies[category].frees, 1);
  TEST_POINT("slow:freed");
  charging_give(category, usable);
}

/* What has another function than free may come by free, by name: that is not another end of the block. */
static void take_back(void *block, struct release release) {
  const void *outer = thread.releasing;
  if (release.function) thread.releasing = block;
  release_take_back(block, release);
  thread.releasing = outer;
}

static void free_shared(void *block, unsigned char *tag, uint32_t category, struct release release) {
  uint64_t usable = heap_system_usable(block);
  struct ration_segment_sample sample;
  category = sampling_lift(block, category, &sample);
  store_relaxed(tag, 0);
  sampling_end(&sample);
  take_back(block, release);
  charging_give_shared(category, (struct tally_shared_change){.bytes = -(int64_t)usable, .frees = 1});
}

/* A block that no tag knows: from before the shim, of another allocator, or not tracked for want of memory.
 */
static void count_foreign(const void *block) {
  if (block != thread.releasing) add_relaxed(&segment.header->foreign_frees, 1); /* a sum */
}

/*
 * Inside the shim the process is not started, but what libc frees and resizes there may be the program's: dlsym
 * frees the text of the last error.
 */
enum process_state track_state(void) {
  return thread.inside ? process_state_now() : process_ready();
}

static SLOW_PATH void free_rare(void *block, struct release release) {
  int kept_errno = errno;
  if (block && pool_has(block)) {
    pool_free(block);
    return;
  }
  int is_tracking = block && track_state() == PROCESS_TRACKING;
  unsigned char *tag = is_tracking ? tag_place(block) : NULL;
  uint32_t category = tag ? load_relaxed(tag) : 0; /* see tag_map.h */
  int has_slab = category && !thread.inside && slab_ready_for_free();
  errno = kept_errno;
  if (category && has_slab) {
    track_free(block, release);
  } else if (category) {
    free_shared(block, tag, category, release);
  } else {
    if (is_tracking) count_foreign(block);
    /* A free(NULL) inside is libc's on behalf of the shim, and none of the program's. */
    if ((block || !thread.inside) && has_next()) take_back(block, release);
  }
  errno = kept_errno;
}

size_t track_usable(void *block) {
  if (!block) return 0;
  if (pool_has(block)) return pool_usable(block);
  const struct heap_page *page = page_heap_find(block);
  if (page) return page_heap_is_held(page, block) ? page_heap_usable(page) : 0;
  return has_next() ? next.usable(block) : 0;
}
