/*
 * timeline.c: beginning points, and filling them.
 */
#include "model/timeline.h"

#include "model/category.h"

#define STRIP RATION_TIMELINE_STRIP

static void begin_points(struct segment *segment, uint64_t now);
static void begin_point(struct segment *segment, uint32_t tier, uint64_t now);
static void halve(struct segment *segment);

static const uint32_t capacities[RATION_TIMELINE_TIERS] = {RATION_TIMELINE_FINE, RATION_TIMELINE_SECONDS,
                                                           RATION_TIMELINE_MINUTES, RATION_TIMELINE_LIFE};
static const uint64_t intervals[] = {UINT64_C(10000000), UINT64_C(1000000000), UINT64_C(30000000000)};

/* NULL: its page cannot be had. */
static struct ration_segment_strip *strip_of(struct segment *segment, uint32_t tier, uint32_t point,
                                             uint32_t group) {
  size_t row = ((size_t)tier * RATION_TIMELINE_GROUPS + group) * RATION_TIMELINE_POINTS + point;
  struct ration_segment_strip *strip = &segment->timeline[row];
  return segment_make_row_present(segment, strip, sizeof *strip) < 0 ? NULL : strip;
}

static uint64_t charged(const struct segment *segment, uint32_t category) {
  return RATION_CHARGE_BYTES(load_relaxed(&segment_category(segment, category)->own_charged));
}

static uint64_t *points_of(const struct segment *segment, uint32_t tier) {
  return &segment->process->timeline_points[tier];
}

/* Begun last; 0: none. */
static uint64_t newest_at(struct segment *segment, uint32_t tier) {
  uint64_t points = load_acquire(points_of(segment, tier)); /* pairs with begin_point */
  if (!points) return 0;
  const struct ration_segment_strip *strip =
      strip_of(segment, tier, (uint32_t)((points - 1) % capacities[tier]), 0);
  return strip ? load_relaxed(&strip->bytes[0]) : 0;
}

void timeline_note(struct segment *segment, uint32_t category, uint64_t now) {
  if (!segment->timeline) return;
  if (now >= load_relaxed(&segment->timeline_due_at)) { /* a time: whoever is late finds the turn taken */
    begin_points(segment, now);
  } else if (category) {
    uint64_t points = load_acquire(points_of(segment, 0)); /* pairs with begin_point */
    uint32_t point = (uint32_t)((points - 1) % capacities[0]);
    struct ration_segment_strip *strip = points ? strip_of(segment, 0, point, category / STRIP) : NULL;
    if (strip) store_relaxed(&strip->bytes[category % STRIP], charged(segment, category));
  }
}

/* By one thread; what others charge meanwhile goes into the next. */
static void begin_points(struct segment *segment, uint64_t now) {
  uint32_t nobody = 0;
  if (!cas_acq_rel(&segment->timeline_turn, &nobody, 1)) return; /* pairs with begin_points */
  store_relaxed(&segment->timeline_due_at, now + intervals[0]);
  uint64_t life_interval = load_relaxed(&segment->process->timeline_life_ns);
  begin_point(segment, 0, now);
  for (uint32_t tier = 1; tier < RATION_TIMELINE_TIERS; tier++) {
    uint64_t interval = tier < 3 ? intervals[tier] : life_interval ? life_interval : intervals[1];
    uint64_t since = newest_at(segment, tier);
    if (!since) since = segment->process->started_at;
    if (now >= since + interval) begin_point(segment, tier, now);
  }
  if (load_relaxed(points_of(segment, 3)) >= RATION_TIMELINE_LIFE) halve(segment);
  store_release(&segment->timeline_turn, 0); /* pairs with begin_points */
}

static void begin_point(struct segment *segment, uint32_t tier, uint64_t now) {
  uint64_t points = load_relaxed(points_of(segment, tier)); /* changed in the turn alone */
  uint32_t point = (uint32_t)(points % capacities[tier]), last = category_count(segment);
  struct ration_segment_strip *strip = NULL;
  for (uint32_t id = 0; id <= last; id++) {
    if (id % STRIP == 0) strip = strip_of(segment, tier, point, id / STRIP);
    if (!strip) return; /* the tmpfs is full: the old point stands */
    store_relaxed(&strip->bytes[id % STRIP], id ? charged(segment, id) : now);
  }
  store_release(points_of(segment, tier), points + 1); /* pairs with newest_at, and the reader's copy */
}

/* Of the points of the whole life every second one goes, and from now on they come half as often. */
static void halve(struct segment *segment) {
  uint32_t groups = category_count(segment) / STRIP + 1;
  for (uint32_t point = 1; point < RATION_TIMELINE_LIFE / 2; point++)
    for (uint32_t group = 0; group < groups; group++) {
      const struct ration_segment_strip *from = strip_of(segment, 3, 2 * point, group);
      struct ration_segment_strip *to = strip_of(segment, 3, point, group);
      for (uint32_t i = 0; from && to && i < STRIP; i++)
        store_relaxed(&to->bytes[i], load_relaxed(&from->bytes[i]));
    }
  uint64_t interval = load_relaxed(&segment->process->timeline_life_ns);
  store_relaxed(&segment->process->timeline_life_ns, 2 * (interval ? interval : intervals[1]));
  store_release(points_of(segment, 3),
                RATION_TIMELINE_LIFE / 2); /* pairs with newest_at, and the reader's copy */
}
