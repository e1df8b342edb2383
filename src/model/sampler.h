/*
 * sampler.h: which blocks are samples, and for how many blocks each of them stands (ration/segment.h says what may be
 * concluded from them).
 *
 * Every byte that is allocated is a hit with the same small probability, independently: a Poisson process along the
 * bytes, with a mean distance `mean`. A block with a hit in it is a sample:
 *   p = 1 - exp(-usable / mean),   weight = 1 / p
 * A thread counts down the distance to its next hit. It does so along a longer line than its bytes, that of the
 * heartbeat (track/heartbeat.h), on which each block has a fixed stretch before its bytes, so that one countdown serves
 * both. A hit in such a stretch hits nothing: what is left of a Poisson process where some stretches are cut out is one
 * still, with the same mean. The process has no memory: so from the end of a stretch, of a block that was hit, or where
 * the mean changes, the distance may be drawn anew, or not, and the same holds.
 */
#ifndef RATION_MODEL_SAMPLER_H
#define RATION_MODEL_SAMPLER_H

#include <ration/segment.h>
#include <stdint.h>

struct sampler {
  uint64_t mean;   /* bytes; 0: nothing is a sample; 1: every block is one */
  uint64_t random; /* state: changes with every draw */
  int64_t left;    /* along the line, until the hit; below 0: it lies behind */
};

/* A mean that makes no more sense: with a larger one, nothing would ever be hit. */
#define SAMPLER_MEAN_MOST (UINT64_C(1) << 46)

/* Draws the distance anew. `mean` is at most SAMPLER_MEAN_MOST. */
void sampler_start(struct sampler *sampler, uint64_t mean, uint64_t seed);
void sampler_set_mean(struct sampler *sampler, uint64_t mean);

/*
 * `left` has gone below 0 by a block of so many bytes, which end where the line has come to. Is it a sample? Sets `left`
 * to the next hit's distance.
 */
int sampler_choose(struct sampler *sampler, uint64_t usable);

/* The same for a block by itself, of one who counts nothing down. Any thread: `random` is shared. */
int sampler_choose_alone(uint64_t *random, uint64_t mean, uint64_t usable);

/* For how many blocks a sample stands, in 1/65536 (RATION_WEIGHT_ONE). `mean` is not 0. */
uint64_t sampler_weight(uint64_t mean, uint64_t usable);

static inline uint64_t sampler_estimate_with(uint64_t bytes, uint64_t weight, uint64_t rounding) {
  if (weight == RATION_WEIGHT_ONE) return bytes; /* rounding < RATION_WEIGHT_ONE: the same */
  unsigned __int128 estimate = ((unsigned __int128)bytes * weight + rounding) / RATION_WEIGHT_ONE;
  return estimate < UINT64_MAX / 4 ? (uint64_t)estimate : UINT64_MAX / 4;
}

/* How many bytes those are; what no estimate can be is the most that there is. */
static inline uint64_t sampler_estimate(uint64_t usable, uint64_t weight) {
  return sampler_estimate_with(usable, weight, RATION_WEIGHT_ONE / 2);
}

/*
 * The same of bytes so few, with a weight of hardly more than one, that what they are rounded by would add up: rounded
 * up or down by chance, `random`, so that it does not. A block's usable bytes, times its weight, are at least the mean.
 */
static inline uint64_t sampler_estimate_of_few(uint64_t bytes, uint64_t weight, uint64_t random) {
  return sampler_estimate_with(bytes, weight, random % RATION_WEIGHT_ONE);
}

#endif
