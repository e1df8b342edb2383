/*
 * monotonic.h: the time that segments are written in: nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef RATION_TOOL_READER_MONOTONIC_H
#define RATION_TOOL_READER_MONOTONIC_H

#include <stdint.h>
#include <time.h>

static inline uint64_t monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
