/*
 * sampling_rate.h: how far samples lie apart, and that this may be made to fit what they cost.
 */
#ifndef RATION_TRACK_SAMPLING_RATE_H
#define RATION_TRACK_SAMPLING_RATE_H

#include "base/atomics.h"
#include "track/process.h"

/* The mean that holds for blocks to come; 0: none is a sample. */
static inline uint64_t sampling_mean(void) {
  return load_relaxed(&segment.process->sample_mean); /* whoever comes before the change was before it */
}

/* Makes it what settings and switches say: at start, and when they have changed. */
void sampling_follow(void);

/* Whether samples are taken; and to turn that on, with the last mean, or off: whether they were before. Any thread. */
int sampling_is_on(void);
int sampling_switch(int to_on);

/*
 * sample=auto: now and then the mean is changed, so that the share of the CPU time of the process that goes into samples
 * comes near the one that is wanted. Two system calls at most, ten times a second at most. By any thread, at a heartbeat.
 */
SLOW_PATH void sampling_adapt_slow(void);
static inline void sampling_adapt(void) {
  if (UNLIKELY(load_relaxed(&segment.process->sample_share) != 0))
    sampling_adapt_slow(); /* see sampling_mean */
}

#endif
