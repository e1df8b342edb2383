/*
 * reckon.h: the sums that the systems have in common.
 */
#ifndef CREATURES_SYSTEMS_RECKON_H
#define CREATURES_SYSTEMS_RECKON_H

#include "creature/hot.h"

/* 0 to 1. */
static inline float reckon_share(float value) {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

static inline float reckon_between(float least, float value, float most) {
  return value < least ? least : value > most ? most : value;
}

/* On the ground; squared, for who only compares. */
static inline float reckon_distance2(float ax, float ay, float bx, float by) {
  float x = ax - bx, y = ay - by;
  return x * x + y * y;
}

/* `value`, so much of the way on to `to`. */
static inline float reckon_ease(float value, float to, float share) {
  return value + (to - value) * share;
}

#endif
