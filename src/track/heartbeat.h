/*
 * heartbeat.h: what is due now and then, done by each thread that allocates.
 *
 * One countdown in the thread's record serves every rare event. An allocation takes its usable bytes and a fixed sum
 * off it, so that a beat comes after at most 1 MiB or 1,000 allocations, whichever is first, or earlier, where a block
 * may be the next sample (model/sampler.h). It costs the fast path three instructions. Threads that share slab 0 have
 * none.
 *   countdown = armed - (how far the thread has come since),   armed = min(beat_left, sampler.left)
 *
 * A beat runs after its allocation has been counted, outside every lock, with errno kept. In-malloc.
 */
#ifndef RATION_TRACK_HEARTBEAT_H
#define RATION_TRACK_HEARTBEAT_H

#include "base/compiler.h"
#include "track/sampling.h"
#include "track/thread.h"

#define HEARTBEAT_BYTES (INT64_C(1) << 20)
#define HEARTBEAT_CALLS 1000
#define HEARTBEAT_STEP  (HEARTBEAT_BYTES / HEARTBEAT_CALLS + 1)

/* A thread has got its record, or this process its segment: everything is as far off as it can be. */
void heartbeat_start(struct record *record);

/* An allocation of so many usable bytes has been counted. */
ALWAYS_INLINE void heartbeat_count_down(struct record *record, uint64_t usable) {
  record->countdown -= (int64_t)usable + HEARTBEAT_STEP;
}

ALWAYS_INLINE int heartbeat_is_due(const struct record *record) {
  return record->countdown < 0;
}

/* How far the thread has come in its life: its blocks' bytes, and the step for each. */
static inline uint32_t heartbeat_position(const struct record *record) {
  return (uint32_t)(record->position + (uint64_t)(record->armed - record->countdown));
}

/* The mean between samples has changed: this thread takes it up at once, others at their next beat. */
void heartbeat_take_up_mean(void);

/* Does what is due after the birth of this block, and starts the countdown anew. */
SAMPLE_PATH void heartbeat(void *block, const struct birth *birth);

/* The same, as the end of the exported function that `caller` has called; returns the block. */
SAMPLE_PATH void *heartbeat_by_jump(void *block, size_t requested, uintptr_t caller);

/* The block, which the function that `caller` has called ends in a jump to this with. */
ALWAYS_INLINE void *heartbeat_if_due(void *block, size_t requested, uintptr_t caller,
                                     const struct record *record) {
  return UNLIKELY(heartbeat_is_due(record)) ? heartbeat_by_jump(block, requested, caller) : block;
}

/* The same, but for what is the thread's own, for a request that is about to be refused: those count down nothing. */
SLOW_PATH void heartbeat_when_refused(void);

/* The same, where the program polls and settings wait for it: one that allocates nothing comes by no other beat. Outside of
   malloc. */
SLOW_PATH void heartbeat_when_polled(void);

#endif
