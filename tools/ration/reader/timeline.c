/*
 * timeline.c: a tier is copied between two looks at how many points were begun (ration/segment.h).
 */
#include "reader/timeline.h"

#include <errno.h>
#include <stdlib.h>

#include "reader/timeline_tier.h"

#define POINTS_MOST                                                                                          \
  (RATION_TIMELINE_FINE + RATION_TIMELINE_SECONDS + RATION_TIMELINE_MINUTES + RATION_TIMELINE_LIFE)

struct reading {
  const struct segment_file *file;
  const struct layout *layout;
  uint32_t categories;
  uint64_t started_at;
};

static int read_tier(const struct reading *reading, uint32_t tier, struct timeline *timeline);
static int read_point(const struct reading *reading, uint32_t tier, uint64_t number,
                      struct timeline_point *point);
static void put_in_order(struct timeline *timeline);

int timeline_read_path(const char *path, bool is_memfd, uint32_t categories, struct timeline *ret_timeline,
                       struct fault *ret_fault) {
  struct segment_file file;
  struct layout layout;
  int error = layout_open(path, is_memfd, &file, &layout, ret_fault);
  if (error) return error;
  error = timeline_read(&file, &layout, categories, ret_timeline, ret_fault);
  segment_file_close(&file);
  return error;
}

int timeline_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                  struct timeline *ret_timeline, struct fault *ret_fault) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_TIMELINE];
  struct ration_segment_process process;
  struct timeline timeline = {.points = NULL, .is_kept = table->rows > 0};
  int error = 0;
  if (table->rows)
    error = layout_copy_row(file, &layout->tables[RATION_TABLE_PROCESS], 0, &process, sizeof process);
  if (!error && table->rows) timeline.points = malloc(POINTS_MOST * sizeof *timeline.points);
  if (!error && table->rows && !timeline.points) error = -ENOMEM;
  struct reading reading = {file, layout, categories, process.started_at};
  for (uint32_t tier = 0; tier < RATION_TIMELINE_TIERS && table->rows && !error; tier++) {
    error = read_tier(&reading, tier, &timeline);
  }
  if (error) {
    free(timeline.points);
    return fault_set(ret_fault, error == -ERANGE ? -EBADMSG : error,
                     "corrupted: its timeline cannot be read");
  }
  put_in_order(&timeline);
  *ret_timeline = timeline;
  return 0;
}

void timeline_free(struct timeline *timeline) {
  free(timeline->points);
  *timeline = (struct timeline){.points = NULL};
}

/* The place after the newest one may be half written by now, and so may those that have been begun meanwhile. */
static int read_tier(const struct reading *reading, uint32_t tier, struct timeline *timeline) {
  uint64_t before = 0, after = 0, capacity = timeline_tier_points[tier];
  size_t first = timeline->count;
  int error = timeline_tier_begun(reading->file, reading->layout, tier, &before);
  uint64_t oldest = before > capacity ? before - capacity : 0;
  for (uint64_t k = oldest; k < before && !error; k++) {
    error = read_point(reading, tier, k, &timeline->points[timeline->count++]);
  }
  if (!error) error = timeline_tier_begun(reading->file, reading->layout, tier, &after);
  if (error) return error;
  uint64_t lost = timeline_tier_is_life(tier)     ? (after < before ? before - oldest : 0)
                  : after + 1 > oldest + capacity ? after + 1 - oldest - capacity
                                                  : 0;
  if (lost > before - oldest) lost = before - oldest;
  for (uint64_t k = 0; k < lost; k++)
    timeline->points[first + k].at_ns = 0; /* put_in_order leaves them out */
  return 0;
}

/* Points of the whole life are moved while they are there: one whose time is another one by now is of two moments. */
static int read_point(const struct reading *reading, uint32_t tier, uint64_t number,
                      struct timeline_point *point) {
  const struct layout_table *table = &reading->layout->tables[RATION_TABLE_TIMELINE];
  struct ration_segment_strip first = {0}, strip;
  *point = (struct timeline_point){.at_ns = 0};
  for (uint32_t group = 0; group * RATION_TIMELINE_STRIP <= reading->categories; group++) {
    int error =
        layout_copy_row(reading->file, table, timeline_tier_row(tier, group, number), &strip, sizeof strip);
    if (error) return error;
    for (uint32_t i = 0; i < RATION_TIMELINE_STRIP; i++) {
      point->charged[group * RATION_TIMELINE_STRIP + i] = RATION_CHARGE_BYTES(strip.bytes[i]);
    }
    if (group == 0) first = strip;
  }
  int error = layout_copy_row(reading->file, table, timeline_tier_row(tier, 0, number), &strip, sizeof strip);
  bool is_of_one = !error && strip.bytes[0] == first.bytes[0];
  if (is_of_one) point->at_ns = timeline_tier_time(reading->started_at, &first);
  return error;
}

static int compare(const void *a, const void *b) {
  uint64_t x = ((const struct timeline_point *)a)->at_ns, y = ((const struct timeline_point *)b)->at_ns;
  return x < y ? -1 : x > y;
}

/* The same moment may stand in several tiers. */
static void put_in_order(struct timeline *timeline) {
  size_t kept = 0;
  if (timeline->count) qsort(timeline->points, timeline->count, sizeof *timeline->points, compare);
  for (size_t i = 0; i < timeline->count; i++) {
    bool is_kept =
        timeline->points[i].at_ns && (!kept || timeline->points[kept - 1].at_ns < timeline->points[i].at_ns);
    if (is_kept) timeline->points[kept++] = timeline->points[i];
  }
  timeline->count = kept;
}
