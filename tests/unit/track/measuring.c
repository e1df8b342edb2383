/*
 * measuring.c: tests of src/track/measuring.c.
 */
#include "track/measuring.h"

#include <errno.h>

#include "heap/heap.h"
#include "os/clock.h"
#include "track/caller.h"
#include "track/handlers.h"
#include "track/slab.h"
#include "track/tracked.h"

/* A call as malloc and free have it, once the fast path is left. */
static void *call_malloc(size_t size) {
  struct request request = {.kind = REQUEST_MALLOC, .size = size, .count = 1};
  struct asker asker = {(uintptr_t)&tracked_start, NULL};
  int no_error = 0;
  return measuring_is_near(thread.record) ? measuring_allocate(request, asker)
                                          : track_allocate(request, asker, &no_error);
}

static void call_free(void *block) {
  if (measuring_is_near(thread.record))
    measuring_free(block);
  else
    tracked_free(block);
}

/* A heartbeat has come, and one of the next calls is to be measured; samples would be in the way. */
static void start(void) {
  setenv("RATION_OPTIONS", "sample=off", 1);
  tracked_start();
  call_free(call_malloc(100));
  tracked_beat_next();
  call_free(call_malloc(100));
}

static void call_until_measured(void) {
  for (int i = 0; i < 4 && measuring_is_near(thread.record); i++) call_free(call_malloc(100));
  cr_assert_not(measuring_is_near(thread.record));
}

Test(measuring, stands_for_the_calls_since_the_last, .init = start) {
  cr_assert(measuring_is_near(thread.record) || segment.process->measured_calls > 0);
  call_until_measured();
  uint64_t first = segment.process->measured_calls;
  for (int round = 0; round < 100 && segment.process->measured_calls == first; round++) {
    for (int i = 0; i < 300; i++) call_free(call_malloc(100));
    tracked_beat_next(); /* some are passed over */
    call_free(call_malloc(100));
    call_until_measured();
  }
  struct slab_counts counts = slab_counts(thread.record->slab);
  uint64_t calls = segment.process->measured_calls;
  cr_expect_gt(calls, first);
  cr_expect_leq(calls, counts.allocations + counts.frees);
  cr_expect_geq(calls + 20, counts.allocations + counts.frees, "but for those after it");
  int64_t took = (int64_t)segment.process->measured_ns;
  cr_expect(took > -(int64_t)calls * 1000 && took < (int64_t)calls * 5000, "%ld", (long)took);
}

/* The fast path, which there is over libc alone, goes, and comes back; books and errno are as without. */
Test(measuring, takes_the_fast_path_away_and_gives_it_back) {
  setenv("RATION_OPTIONS", "sample=off", 1);
  tracked_start();
  call_free(call_malloc(100));
  struct record *record = thread.record;
  for (int round = 0; round < 50; round++) {
    record->beats_to_pass = 0;
    measuring_arm(record);
    cr_assert(measuring_is_near(record));
    cr_assert_not(caller_is_fast(record));
    errno = 77;
    call_until_measured();
    cr_assert_eq(errno, 77);
    cr_assert_eq(caller_is_fast(record), thread.stock || heap_is_libc());
  }
  struct books books = books_sum(&segment, tracked_own());
  cr_expect_eq(books.live_bytes, 0);
  cr_expect_eq(books.allocations, books.frees);
  cr_expect_gt(books.allocations, 50);
}

static void arm(void) {
  thread.record->beats_to_pass = 0;
  measuring_arm(thread.record);
  cr_assert(measuring_is_near(thread.record));
}

/* Over another heap nothing was taken away that these would have to give back; it may wait. */
Test(measuring, is_given_up_by_another_call_and_by_a_closed_module, .init = start) {
  if (!heap_is_libc()) return; /* a sanitizer has one */
  call_until_measured();
  uint64_t calls = segment.process->measured_calls;
  arm();
  void *block = tracked_realloc(NULL, 100);
  cr_expect_not(measuring_is_near(thread.record));
  cr_expect(caller_is_fast(thread.record));
  arm();
  caller_forget_modules();
  call_free(block);
  cr_expect_not(measuring_is_near(thread.record));
  cr_expect(caller_is_fast(thread.record), "with an empty cache");
  cr_expect(caller_is_up_to_date(thread.record));
  cr_expect_eq(segment.process->measured_calls, calls);
}

Test(measuring, is_not_of_a_thread_that_runs_a_handler, .init = start) {
  call_until_measured();
  thread.record->beats_to_pass = 0;
  thread.handling = (struct handling *)&start; /* never looked into here */
  measuring_arm(thread.record);
  cr_expect_not(measuring_is_near(thread.record));
  thread.handling = NULL;
}

/* Beats that come by large blocks are not all followed by one. */
Test(measuring, passes_beats_over_where_few_calls_are_between, .init = start) {
  call_until_measured();
  thread.record->beats_to_pass = 0;
  uint32_t armed = 0;
  for (int i = 0; i < 100; i++) {
    void *block = call_malloc((size_t)2 << 20);
    armed += (uint32_t)measuring_is_near(thread.record);
    call_free(block);
  }
  cr_expect_gt(armed, 0);
  cr_expect_lt(armed, 20, "%u", armed);
}

static uint64_t sampling_ns(void) {
  return segment.slabs[thread.record->slab].u.head.sampling_ns;
}

/* The first opens pages of the tables and meets code, as none of the next has to: it stands for itself alone. */
Test(measuring, the_first_sample_stands_for_none_of_the_next) {
  setenv("RATION_OPTIONS", "sample=1", 1);
  tracked_start();
  uint64_t begun = clock_ns();
  void *block = tracked_malloc(100);
  uint64_t took = clock_ns() - begun;
  cr_expect_eq(segment.process->stream_next, 1, "it is a sample");
  cr_expect_gt(sampling_ns(), 0);
  cr_expect_leq(sampling_ns(), took);
  uint64_t first = sampling_ns();
  for (int i = 0; i < 100; i++) tracked_free(tracked_malloc(100));
  cr_expect_gt(sampling_ns(), first);
  tracked_free(block);
}
