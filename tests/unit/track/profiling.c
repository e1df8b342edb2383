/*
 * Tests of track/sampling.c: samples switched on and off, by the program and from outside.
 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/test_point.h"
#include "os/clock.h"
#include "track/control.h"
#include "track/heartbeat.h"
#include "track/sampling.h"
#include "track/tracked.h"

#define MEAN SETTINGS_SAMPLE_MEAN

static void ask(const char *text) {
  strcpy(segment.control->text, text);
  segment.control->asked += 2;
  control_take_up();
  cr_assert_eq(segment.control->result, RATION_ANSWER_TAKEN, "%s", segment.control->why);
}

static void check(int is_on, uint64_t mean) {
  cr_assert_eq(sampling_is_on(), is_on);
  cr_assert_eq(segment.process->sample_mean, is_on ? mean : 0);
}

Test(profiling, says_what_it_was_before, .init = tracked_start) {
  check(1, MEAN);
  cr_assert_eq(sampling_switch(0), 1);
  check(0, MEAN);
  cr_assert_eq(sampling_switch(0), 0);
  cr_assert_eq(sampling_switch(1), 0);
  check(1, MEAN);
  cr_assert_eq(sampling_switch(1), 1);
}

Test(profiling, what_was_said_last_holds, .init = tracked_start) {
  ask("sample=64K");
  check(1, 64 << 10);
  sampling_switch(0);
  ask("memory=1");
  check(0, 64 << 10); /* a request that says nothing of it */
  ask("sample=on");
  check(1, 64 << 10);
  ask("sample=off");
  check(0, 64 << 10);
  cr_assert_eq(sampling_switch(1), 0);
  check(1, 64 << 10);
  sampling_switch(0);
  ask("sample=32K");
  check(1, 32 << 10);
}

Test(profiling, a_share_goes_and_comes_with_it, .init = tracked_start) {
  ask("sample=auto:1%");
  uint64_t share = segment.process->sample_share;
  cr_assert_gt(share, 0);
  sampling_switch(0);
  cr_assert_eq(segment.process->sample_share, 0);
  sampling_switch(1);
  cr_assert_eq(segment.process->sample_share, share);
}

/* So much CPU time goes by, with heartbeats and not one sample. */
static void work_without_samples(uint64_t ns) {
  for (uint64_t begun = clock_cpu_ns(); clock_cpu_ns() - begun < ns;) sampling_adapt();
}

Test(profiling, a_share_of_which_nothing_was_spent_takes_more_samples, .init = tracked_start) {
  ask("sample=auto:1%");
  uint64_t before = segment.process->sample_mean;
  work_without_samples(600 * UINT64_C(1000000));
  cr_assert_gt(before, segment.process->sample_mean);
  cr_assert_gt(segment.process->sample_mean, 0);
}

/* The next block is a sample with a mean of 1, or none, without a heartbeat in between. */
Test(profiling, a_thread_follows_at_once_when_told, .init = tracked_start) {
  tracked_free(tracked_malloc(100));
  ask("sample=1");
  heartbeat_take_up_mean();
  uint64_t before = segment.process->stream_next;
  void *block = tracked_malloc(100);
  cr_assert_eq(segment.process->stream_next, before + 1);
  sampling_switch(0);
  heartbeat_take_up_mean();
  tracked_free(tracked_malloc(100));
  cr_assert_eq(segment.process->stream_next, before + 1);
  tracked_free(block);
  cr_assert_eq(segment.process->stream_next, before + 2, "its end is noted");
  sampling_switch(1);
  heartbeat_take_up_mean();
  tracked_free(tracked_malloc(100));
  cr_assert_eq(segment.process->stream_next, before + 4);
}

static void *switch_often(void *to_on) {
  for (int i = 0; i < 100000; i++) sampling_switch(to_on != NULL);
  return NULL;
}

/* Whoever comes last, both words say the same in the end. */
Test(profiling, threads_do_not_part_what_belongs_together, .init = tracked_start) {
  pthread_t threads[2];
  cr_assert_eq(pthread_create(&threads[0], NULL, switch_often, NULL), 0);
  cr_assert_eq(pthread_create(&threads[1], NULL, switch_often, &threads), 0);
  for (int i = 0; i < 200; i++) ask(i % 2 ? "sample=64K" : "sample=32K");
  for (int i = 0; i < 2; i++) cr_assert_eq(pthread_join(threads[i], NULL), 0);
  check(sampling_is_on(), 64 << 10);
}

static int naps;

static void nap_once(const char *name) {
  if (strcmp(name, "event_ring:ticket") == 0 && naps++ == 0)
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

/* One of 61 samples has its time taken, which stands for all of them, unless the thread was off its processor. */
Test(profiling, a_sample_that_was_off_its_processor_stands_for_itself, .init = tracked_start) {
  tracked_free(tracked_malloc(100));
  ask("sample=1");
  heartbeat_take_up_mean();
  uint64_t *sampling_ns = &segment.slabs[thread.record->slab].u.head.sampling_ns;
  for (int i = 0; i < 61 && naps == 0; i++) {
    uint64_t before = *sampling_ns;
    test_point_hook = thread.record->samples == 60 ? nap_once : NULL;
    tracked_free(tracked_malloc(100));
    uint64_t took = *sampling_ns - before;
    if (naps) cr_expect(took >= 20000000 && took < 20 * UINT64_C(20000000), "%lu", took);
  }
  test_point_hook = NULL;
  cr_assert_gt(naps, 0);
}

/* As many beginnings as ends have their time taken, where each block is freed at once. */
Test(profiling, beginnings_and_ends_are_timed_in_turn, .init = tracked_start) {
  tracked_free(tracked_malloc(100));
  ask("sample=1");
  heartbeat_take_up_mean();
  for (int i = 0; i < 100; i++) tracked_free(tracked_malloc(100)); /* the first ones are timed otherwise */
  uint64_t *sampling_ns = &segment.slabs[thread.record->slab].u.head.sampling_ns;
  int beginnings = 0, ends = 0;
  for (int i = 0; i < 61 * 20; i++) {
    uint64_t before = *sampling_ns;
    void *block = tracked_malloc(100);
    uint64_t between = *sampling_ns;
    tracked_free(block);
    beginnings += between != before;
    ends += *sampling_ns != between;
  }
  cr_expect(beginnings >= 19 && beginnings <= 21, "%d", beginnings);
  cr_expect(ends >= 19 && ends <= 21, "%d", ends);
}
