/*
 * heartbeat.c: the list of what is due.
 */
#include "track/heartbeat.h"

#include <errno.h>

#include "heap/heap.h"
#include "model/timeline.h"
#include "os/clock.h"
#include "track/caller.h"
#include "track/control.h"
#include "track/holdings.h"
#include "track/measuring.h"
#include "track/outside.h"
#include "track/process.h"
#include "track/worker.h"

#define TIMED 16

/* A thread that has been given another name may fit other rules. */
static void follow_name(struct record *record) {
  if (rules_have(&rules, RATION_RULE_THREAD) && caller_has_new_rule()) caller_forget_thread(record);
}

/* What is the same for all threads. */
static void look_around(void) {
  thread_begin_steps();
  if (!process_has_forked()) {
    control_take_up();
    sampling_adapt();
    timeline_note(&segment, 0, clock_coarse_ns());
  }
  if (!worker_is_running()) outside_look();
  thread_end_steps();
}

static void arm(struct record *record) {
  int64_t left = record->sampler.left;
  record->armed = left < record->beat_left ? left : record->beat_left;
  store_relaxed(&record->countdown, record->armed); /* its owner's; a signal handler may come between */
}

/* Draws are never the same twice: who has this record next goes on where this one was. */
void heartbeat_start(struct record *record) {
  uint64_t seed = record->sampler.random ^ (uintptr_t)record ^ clock_ns() ^ (uint64_t)identity.pid << 32;
  record->beat_left = HEARTBEAT_BYTES;
  struct stack_room *room = record_room(record);
  room->taker = room->turned_away = 0; /* who had it may have ended in the midst of a sample */
  sampler_start(&record->sampler, sampling_mean(), seed);
  arm(record);
  measuring_start(record);
}

/* Takes what the thread has come since off what is left. */
static void advance(struct record *record) {
  int64_t way = record->armed - record->countdown;
  record->position += (uint64_t)way;
  record->beat_left -= way;
  record->sampler.left -= way;
  record->armed = record->countdown;
}

void heartbeat_take_up_mean(void) {
  struct record *record = thread.record;
  if (!record->tallies) return; /* such threads count nothing down */
  advance(record);
  if (record->sampler.mean != sampling_mean()) sampler_set_mean(&record->sampler, sampling_mean());
  arm(record);
}

/* How long that takes is known by every 16th, most of them much alike. */
static void beat(struct record *record) {
  uint64_t started = ++record->beats % TIMED == 0 ? clock_ns() : 0;
  follow_name(record);
  look_around();
  heap_tend(thread.stock);
  holdings_note_in_time();
  uint64_t took = started ? clock_ns() - started : 0;
  if (took) add_owned(&segment.slabs[record->slab].u.head.managed_ns, clock_estimate(took, TIMED));
  measuring_arm(record);
}

/* The countdown stands anew before anything is done, since that may allocate: a handler is the program's. */
SAMPLE_PATH void heartbeat(void *block, const struct birth *birth) {
  int kept_errno = errno;
  struct record *record = thread.record;
  struct sampler *sampler = &record->sampler;
  advance(record);
  int is_beat = record->beat_left < 0;
  int is_chosen = sampler->left < 0 && sampler_choose(sampler, heap_usable(block));
  uint64_t mean = sampler->mean;
  if (is_beat) record->beat_left = HEARTBEAT_BYTES;
  if (is_beat && mean != sampling_mean()) sampler_set_mean(sampler, sampling_mean());
  arm(record);
  if (is_chosen && mean) sampling_take(block, birth, mean);
  if (is_beat) beat(record);
  errno = kept_errno;
}

SAMPLE_PATH void *heartbeat_by_jump(void *block, size_t requested, uintptr_t caller) {
  heartbeat(block, &(struct birth){.requested = requested, .asker = ASKER_BY_JUMP(caller)});
  return block;
}

SLOW_PATH void heartbeat_when_refused(void) {
  int kept_errno = errno;
  look_around();
  errno = kept_errno;
}

SLOW_PATH void heartbeat_when_polled(void) {
  int kept_errno = errno;
  struct record *record = thread_go_inside();
  look_around();
  thread_come_out(record);
  errno = kept_errno;
}
