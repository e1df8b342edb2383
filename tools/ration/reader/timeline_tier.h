/*
 * timeline_tier.h: where the points of a timeline stand. A tier is a ring of points, numbered as they were begun; a point is a
 * strip of words for each group of categories, the first of which begins with its time (ration/segment.h).
 */
#ifndef RATION_TOOL_READER_TIMELINE_TIER_H
#define RATION_TOOL_READER_TIMELINE_TIER_H

#include <stdint.h>

#include "reader/layout.h"

static const uint32_t timeline_tier_points[RATION_TIMELINE_TIERS] = {
    RATION_TIMELINE_FINE, RATION_TIMELINE_SECONDS, RATION_TIMELINE_MINUTES, RATION_TIMELINE_LIFE};

/* The last tier spans the whole life: when it is full every second point goes, and the numbers begin at the half. */
static inline bool timeline_tier_is_life(uint32_t tier) {
  return tier + 1 == RATION_TIMELINE_TIERS;
}

/* How many points have been begun, the newest of which may be half written. Returns 0 or -ERANGE. */
static inline int timeline_tier_begun(const struct segment_file *file, const struct layout *layout,
                                      uint32_t tier, uint64_t *ret_begun) {
  struct ration_segment_process process;
  int error = layout_copy_row(file, &layout->tables[RATION_TABLE_PROCESS], 0, &process, sizeof process);
  if (!error) *ret_begun = process.timeline_points[tier];
  return error;
}

/* Of RATION_TABLE_TIMELINE. */
static inline uint64_t timeline_tier_row(uint32_t tier, uint32_t group, uint64_t number) {
  return ((uint64_t)tier * RATION_TIMELINE_GROUPS + group) * RATION_TIMELINE_POINTS +
         number % timeline_tier_points[tier];
}

/* Since the process's start; 0: the point makes no sense. The coarse clock of the first may lie behind the fine one. */
static inline uint64_t timeline_tier_time(uint64_t started_at, const struct ration_segment_strip *first) {
  uint64_t at = first->bytes[0];
  return at > started_at ? at - started_at : at > 0;
}

#endif
