/*
 * whole.h: whole numbers from estimates, rates and times, which somebody may have made as large as he liked: what has no room
 * becomes the nearest number that has, and what is no number 0. C leaves undefined what a cast makes of either.
 */
#ifndef RATION_BASE_WHOLE_H
#define RATION_BASE_WHOLE_H

#include <stdint.h>

/* The nearest one. */
static inline uint64_t whole_of(double value) {
  if (!(value > 0)) return 0;
  return value < 0x1p64 - 0x1p11 ? (uint64_t)(value + 0.5) : UINT64_MAX;
}

/* The same below 0, too. */
static inline int64_t whole_signed_of(double value) {
  uint64_t size = whole_of(value < 0 ? -value : value);
  if (size > INT64_MAX) size = INT64_MAX;
  return value < 0 ? -(int64_t)size : (int64_t)size;
}

#endif
