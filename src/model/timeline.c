/*
 * timeline.c: beginning points, and filling them.
 */
#include "model/timeline.h"

#include "base/test_point.h"
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
  TEST_POINT("timeline:turn");
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
    TEST_POINT("timeline:writing");
  }
  TEST_POINT("timeline:written");
  store_release(points_of(segment, tier), points + 1); /* pairs with newest_at, and the reader's copy */
}

/*
 * Over another point of the tier of the whole life. What a reader copies meanwhile, and what is left if the process dies, has no
 * time, or another one before and after: so it is none. Nothing is moved that has no page to go to.
 */
static void move_point(struct segment *segment, uint32_t from, uint32_t to, uint32_t groups) {
  struct ration_segment_strip *first = strip_of(segment, 3, to, 0);
  const struct ration_segment_strip *time = strip_of(segment, 3, from, 0);
  if (!first || !time) return;
  store_relaxed(&first->bytes[0], 0);
  fence_release(); /* pairs with segment_file_copy, the reader's */
  for (uint32_t id = 1; id < groups * STRIP; id++) {
    const struct ration_segment_strip *source = strip_of(segment, 3, from, id / STRIP);
    struct ration_segment_strip *target = strip_of(segment, 3, to, id / STRIP);
    if (source && target) store_relaxed(&target->bytes[id % STRIP], load_relaxed(&source->bytes[id % STRIP]));
    TEST_POINT("timeline:moving");
  }
  store_release(&first->bytes[0],
                load_relaxed(&time->bytes[0])); /* pairs with segment_file_copy, the reader's */
}

/* Of the points of the whole life every second one goes, and from now on they come half as often. */
static void halve(struct segment *segment) {
  uint32_t groups = category_count(segment) / STRIP + 1;
  for (uint32_t point = 1; point < RATION_TIMELINE_LIFE / 2; point++)
    move_point(segment, 2 * point, point, groups);
  TEST_POINT("timeline:moved");
  uint64_t interval = load_relaxed(&segment->process->timeline_life_ns);
  store_relaxed(&segment->process->timeline_life_ns, 2 * (interval ? interval : intervals[1]));
  store_release(points_of(segment, 3),
                RATION_TIMELINE_LIFE / 2); /* pairs with newest_at, and the reader's copy */
}
