/*
 * growth.c: the difference of two points. Between points nothing much was charged, so the last one holds until the end.
 */
#include "reader/growth.h"

#define HOUR_NS 3.6e12

bool growth_of(const struct timeline *timeline, uint32_t id, uint64_t end_ns, uint64_t window_ns,
               double *ret_bytes_per_hour) {
  if (timeline->count == 0 || end_ns < window_ns) return false;
  const struct timeline_point *last = &timeline->points[timeline->count - 1], *then = NULL;
  for (size_t i = 0; i < timeline->count && timeline->points[i].at_ns <= end_ns - window_ns; i++)
    then = &timeline->points[i];
  if (!then || then->at_ns >= end_ns) return false;
  double gained = (double)last->charged[id] - (double)then->charged[id];
  *ret_bytes_per_hour = gained / (double)(end_ns - then->at_ns) * HOUR_NS;
  return true;
}
