/*
 * chance.h: chance that is a pure function of what it is about, so that it is the same in whichever order and thread it is
 * asked for: seed, creature, frame, and a number that tells the questions apart.
 */
#ifndef CREATURES_CREATURE_CHANCE_H
#define CREATURES_CREATURE_CHANCE_H

#include <stdint.h>

/* The finaliser of Steele, Lea and Flood's SplitMix64 (OOPSLA 2014): each bit of the result depends on all of x. */
static inline uint64_t chance_mix(uint64_t x) {
  x += UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

static inline uint64_t chance_bits(uint64_t seed, uint64_t id, uint32_t frame, uint32_t question) {
  return chance_mix(chance_mix(seed ^ id * UINT64_C(0xd1342543de82ef95)) ^
                    ((uint64_t)frame << 32 | question));
}

/* From 0 on, below 1. */
static inline float chance(uint64_t seed, uint64_t id, uint32_t frame, uint32_t question) {
  return (float)(chance_bits(seed, id, frame, question) >> 40) * 0x1p-24f;
}

#endif
