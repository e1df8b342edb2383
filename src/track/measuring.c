/*
 * measuring.c: see measuring.h.
 */
#include "track/measuring.h"

#include "base/hash.h"
#include "heap/heap.h"
#include "os/clock.h"
#include "track/caller.h"
#include "track/charging.h"
#include "track/paged.h"
#include "track/slab.h"
#include "track/track.h"

#define WARM_UPS_MOST 4
#define CALLS_LEAST   2000 /* from one measured call to the next: two heartbeats as a rule */
#define BEATS_MOST    15
#define NS_MOST       5000 /* longer: the thread was off its processor */

/* A call under way. */
struct stretch {
  struct record *record;
  int is_timed; /* else it warms up */
  uint64_t samples;
  uint64_t before, begun;
};

static int has_fast_path(void);
static void *allocate_paged(struct request request, struct asker asker, struct stretch *stretch);
static int may_begin(struct stretch *stretch);
static void begin(struct stretch *stretch);
static void end(const struct stretch *stretch);
static void pass_beats(struct record *record, uint64_t since);
static void note(struct record *record, uint64_t since, int64_t took);

void measuring_start(struct record *record) {
  struct slab_counts counts = slab_counts(record->slab);
  record->calls_to_measured = 0;
  record->beats_to_pass = 0;
  record->measured_until = counts.allocations + counts.frees;
}

void measuring_arm(struct record *record) {
  if (record->beats_to_pass) {
    record->beats_to_pass--;
    return;
  }
  if (thread.handling || (has_fast_path() && !caller_is_fast(record))) return;
  if (!measuring_is_near(record))
    record->calls_to_measured = 2 + (uint32_t)(hash_word(record->position) % WARM_UPS_MOST);
  caller_suspend(record);
}

int measuring_cancel(struct record *record) {
  if (!measuring_is_near(record)) return 0;
  record->calls_to_measured = 0;
  return caller_may_resume(record);
}

void *measuring_allocate(struct request request, struct asker asker) {
  struct stretch stretch;
  int is_other = !heap_is_libc();
  if ((is_other && charging_is_strict()) || !may_begin(&stretch)) return track_allocate(request, asker, NULL);
  if (heap_serves(thread.stock)) return allocate_paged(request, asker, &stretch);
  uint32_t since = thread.counted;
  size_t requested = request_bytes(request);
  int no_error; /* these kinds say it by errno */
  void *block = request_give(request, &no_error);
  if (UNLIKELY(!block) || UNLIKELY(track_was_counted(block, since))) return block;
  begin(&stretch);
  int is_counted = !is_other && track_may_count_cached(block, requested, asker.address, stretch.record);
  if (!is_counted) block = track_count(block, requested, asker);
  end(&stretch);
  if (is_counted && heartbeat_is_due(stretch.record))
    heartbeat(block, &(struct birth){.requested = requested, .asker = asker});
  return block;
}

/* Without it a thread's calls come here anyway. */
static int has_fast_path(void) {
  return heap_serves(thread.stock) ? !heap_is_hardened() : heap_is_libc();
}

/* The page heap's part is in it: there the one is not without the other. */
static void *allocate_paged(struct request request, struct asker asker, struct stretch *stretch) {
  stretch->record->beats_to_pass = 1; /* a heartbeat within arms no other */
  begin(stretch);
  void *block = track_allocate(request, asker, NULL);
  end(stretch);
  return block;
}

/* Where the fast path is left, the heap's time is in it. */
void measuring_free(void *block) {
  struct stretch stretch;
  if (!block || !may_begin(&stretch)) {
    track_free(block, (struct release){0});
    return;
  }
  begin(&stretch);
  int is_uncounted = !heap_serves(thread.stock) && heap_is_libc() &&
                     track_may_uncount(block, track_fast_tallies(thread.record));
  if (!is_uncounted && paged_may_give(block, thread.record) <= 0) track_free(block, (struct release){0});
  end(&stretch);
  if (is_uncounted) release_take_back(block, (struct release){0});
}

/* The fast path is there while it lasts. */
static int may_begin(struct stretch *stretch) {
  struct record *record = thread.record;
  uint32_t calls = record->calls_to_measured;
  if (!record->tallies) return 0;
  record->calls_to_measured = 0;
  if (has_fast_path() && !caller_may_resume(record)) return 0;
  record->calls_to_measured = calls - 1;
  *stretch = (struct stretch){.record = record, .is_timed = calls == 1, .samples = record->samples};
  return 1;
}

static void begin(struct stretch *stretch) {
  if (!stretch->is_timed) return;
  clock_ns();
  clock_settle();
  stretch->before = clock_ns();
  clock_settle();
  stretch->begun = clock_ns();
  clock_settle();
}

static void end(const struct stretch *stretch) {
  struct record *record = stretch->record;
  uint64_t now = stretch->is_timed ? clock_ns() : 0;
  if (thread.record != record || !record->tallies) return; /* a handler has forked: the child */
  if (!stretch->is_timed) {
    caller_suspend(record);
    return;
  }
  int64_t took = (int64_t)(now - stretch->begun) - (int64_t)(stretch->begun - stretch->before);
  int was_alone = record->samples == stretch->samples && (!has_fast_path() || caller_is_fast(record));
  struct slab_counts counts = slab_counts(record->slab);
  uint64_t since = counts.allocations + counts.frees - record->measured_until;
  pass_beats(record, since);
  if (was_alone && took < NS_MOST && took > -NS_MOST) note(record, since, took);
}

/* More of them where they come by large blocks; of such a call, too, that took too long to be noted. */
static void pass_beats(struct record *record, uint64_t since) {
  uint64_t beats = since < CALLS_LEAST ? CALLS_LEAST / (since + 1) : 1;
  record->beats_to_pass = beats < BEATS_MOST ? (uint32_t)beats : BEATS_MOST;
}

static void note(struct record *record, uint64_t since, int64_t took) {
  record->measured_until += since;
  add_relaxed(&segment.process->measured_ns, (uint64_t)took * since); /* sums: readers divide the one */
  add_relaxed(&segment.process->measured_calls, since);               /* by the other */
}
