/*
 * random.h: numbers that look random and are the same for the same seed, for tests.
 */
#ifndef RATION_TESTS_BASE_RANDOM_H
#define RATION_TESTS_BASE_RANDOM_H

#include <stdint.h>

#include "base/hash.h"

struct random {
  uint64_t seed;
  uint64_t drawn;
};

static inline uint64_t random_next(struct random *random) {
  return hash_word(random->seed + ++random->drawn * UINT64_C(0x9e3779b97f4a7c15));
}

/* 0 .. below-1 */
static inline uint64_t random_below(struct random *random, uint64_t below) {
  return random_next(random) % below;
}

/* 0 .. most, small ones far more often: each magnitude is as likely as any other. */
static inline uint64_t random_size(struct random *random, uint64_t most) {
  unsigned magnitudes = 64 - (unsigned)__builtin_clzll(most | 1);
  uint64_t size = random_next(random) >> (63 - random_below(random, magnitudes));
  return size > most ? most : size;
}

#endif
