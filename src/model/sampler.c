/*
 * sampler.c: draws, and the two functions that they take; the shim has no libm.
 */
#include "model/sampler.h"

#include <ration/segment.h>
#include <string.h>

#include "base/atomics.h"
#include "base/hash.h"

#define NEVER      (INT64_MAX / 2) /* and yet nothing overflows that counts down from it */
#define STEP       UINT64_C(0x9e3779b97f4a7c15)
#define MOST_TERMS 9

/*
 * The natural logarithm of a number in (0, 1]. With x = m 2^e, sqrt(1/2) <= m < sqrt(2), s = (m - 1) / (m + 1):
 *   ln x = e ln 2 + 2 (s + s^3/3 + s^5/5 + ...),   |s| < 0.172: the terms left out are below 2^-53
 */
static double logarithm(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  int exponent = (int)(bits >> 52) - 1023;
  bits = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1023) << 52;
  double m;
  memcpy(&m, &bits, sizeof m);
  if (m > 1.4142135623730951) {
    m /= 2;
    exponent++;
  }
  double s = (m - 1) / (m + 1), power = s, sum = 0;
  for (int term = 1; term <= 2 * MOST_TERMS + 1; term += 2, power *= s * s) sum += power / term;
  return exponent * 0.6931471805599453 + 2 * sum;
}

/*
 * 1 - exp(-x), for x >= 0. With y(t) = exp(-t) - 1:  y(t) = -t + t^2/2 - ...  where t is small, and
 * y(2t) = y(t) (y(t) + 2), which loses nothing.
 */
static double chance(double x) {
  if (x > 64) return 1;
  int doublings = 0;
  while (x > 0.0625) {
    x /= 2;
    doublings++;
  }
  double y = 0;
  for (int term = MOST_TERMS; term > 0; term--) y = -x / term * (1 + y);
  while (doublings-- > 0) y *= y + 2;
  return -y;
}

/* In (0, 1]. The generator is splitmix64: see base/hash.h. */
static double uniform(uint64_t word) {
  return (double)((hash_word(word) >> 11) + 1) * 0x1p-53;
}

/* How many bytes come before the hit: an exponential distribution, rounded down. */
static int64_t draw(struct sampler *sampler) {
  if (sampler->mean == 0) return NEVER;
  if (sampler->mean == 1) return 0;
  sampler->random += STEP;
  double distance = -logarithm(uniform(sampler->random)) * (double)sampler->mean;
  return distance < (double)NEVER ? (int64_t)distance : NEVER;
}

void sampler_start(struct sampler *sampler, uint64_t mean, uint64_t seed) {
  sampler->random = seed;
  sampler_set_mean(sampler, mean);
}

void sampler_set_mean(struct sampler *sampler, uint64_t mean) {
  sampler->mean = mean;
  sampler->left = draw(sampler);
}

/* The byte that was hit is `behind` bytes before the end of the line: if not among the block's, before them. */
int sampler_choose(struct sampler *sampler, uint64_t usable) {
  uint64_t behind = (uint64_t)-sampler->left;
  sampler->left = draw(sampler);
  if (sampler->mean <= 1) return sampler->mean == 1;
  if (behind <= usable) return 1;
  int is_hit = (uint64_t)sampler->left < usable;
  sampler->left = is_hit ? draw(sampler) : sampler->left - (int64_t)usable;
  return is_hit;
}

int sampler_choose_alone(uint64_t *random, uint64_t mean, uint64_t usable) {
  if (mean <= 1) return mean == 1;
  uint64_t word = add_relaxed(random, STEP); /* a number of one's own */
  return uniform(word) <= chance((double)usable / (double)mean);
}

uint64_t sampler_weight(uint64_t mean, uint64_t usable) {
  if (mean == 1) return RATION_WEIGHT_ONE;
  double weight = RATION_WEIGHT_ONE / chance((double)usable / (double)mean);
  return weight < 0x1p63 ? (uint64_t)(weight + 0.5) : UINT64_C(1) << 63;
}
