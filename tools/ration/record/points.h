/*
 * points.h: the timeline of a process, followed: points that are new since the last look.
 *
 * The finest tier changes faster than anybody looks, and the recording itself is finer than the others: of it there is
 * what the process ended with.
 */
#ifndef RATION_TOOL_RECORD_POINTS_H
#define RATION_TOOL_RECORD_POINTS_H

#include "record/books.h"

/* Of one image; all zero at first. */
struct points {
  uint64_t begun[RATION_TIMELINE_TIERS]; /* that are recorded */
  uint64_t life_ns;                      /* between those of the last tier */
};

/*
 * Sees to it that the row of the process in `books` says how many points there are in the recording. At the last
 * look (`is_last`) all tiers are taken, whole. Returns 0 or -errno.
 */
int points_take(struct points *points, struct mirror *mirror, struct books *books, bool is_last);

#endif
