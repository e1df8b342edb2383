/*
 * points.c: tier by tier, the strips of each group of categories. A point is whole before it is counted.
 */
#include "record/points.h"

#define LIFE_TIER (RATION_TIMELINE_TIERS - 1)

static const uint32_t capacities[RATION_TIMELINE_TIERS] = {RATION_TIMELINE_FINE, RATION_TIMELINE_SECONDS,
                                                           RATION_TIMELINE_MINUTES, RATION_TIMELINE_LIFE};

static int take_tier(struct mirror *mirror, const struct books *books, uint32_t tier, uint64_t first,
                     uint64_t end);

int points_take(struct points *points, struct mirror *mirror, struct books *books, bool is_last) {
  struct ration_segment_process *process = &books->process;
  bool has_room = mirror_table(mirror, RATION_TABLE_TIMELINE)->rows >=
                  RATION_TIMELINE_TIERS * RATION_TIMELINE_GROUPS * RATION_TIMELINE_POINTS;
  for (uint32_t tier = 0; tier < RATION_TIMELINE_TIERS && has_room; tier++) {
    uint64_t begun = process->timeline_points[tier], first = points->begun[tier];
    bool is_halved = tier == LIFE_TIER && (begun < first || process->timeline_life_ns != points->life_ns);
    if (tier == 0 && !is_last) begun = 0;
    if (is_last || is_halved || first > begun) first = 0;
    if (begun - first > capacities[tier]) first = begun - capacities[tier];
    int error = take_tier(mirror, books, tier, first, begun);
    if (error) return error;
    process->timeline_points[tier] = points->begun[tier] = begun;
  }
  points->life_ns = process->timeline_life_ns;
  return 0;
}

/* Points that lie behind one another in the ring are taken together. */
static int take_tier(struct mirror *mirror, const struct books *books, uint32_t tier, uint64_t first,
                     uint64_t end) {
  uint64_t capacity = capacities[tier];
  int error = 0;
  for (uint64_t point = first, count; point < end && !error; point += count) {
    uint64_t place = point % capacity;
    count = end - point < capacity - place ? end - point : capacity - place;
    for (uint32_t group = 0; group * RATION_TIMELINE_STRIP <= books->categories && !error; group++) {
      uint64_t row = ((uint64_t)tier * RATION_TIMELINE_GROUPS + group) * RATION_TIMELINE_POINTS + place;
      error = mirror_take_rows(mirror, RATION_TABLE_TIMELINE, row, row + count);
    }
  }
  return error;
}
