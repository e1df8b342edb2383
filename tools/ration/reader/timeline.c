/*
 * timeline.c: a tier is copied between two looks at how many points were begun (ration/segment.h).
 */
#include "reader/timeline.h"

#include <errno.h>
#include <stdlib.h>

/* Of one tier. */
static const uint32_t capacities[RATION_TIMELINE_TIERS] = {RATION_TIMELINE_FINE, RATION_TIMELINE_SECONDS,
                                                           RATION_TIMELINE_MINUTES, RATION_TIMELINE_LIFE};
#define POINTS_MOST                                                                                          \
  (RATION_TIMELINE_FINE + RATION_TIMELINE_SECONDS + RATION_TIMELINE_MINUTES + RATION_TIMELINE_LIFE)

struct reading {
  const struct segment_file *file;
  const struct layout *layout;
  uint32_t categories;
  uint64_t started_at;
};

static int read_tier(const struct reading *reading, uint32_t tier, struct timeline *timeline);
static int read_point(const struct reading *reading, uint32_t tier, uint32_t place,
                      struct timeline_point *point);
static void put_in_order(struct timeline *timeline);

int timeline_read_path(const char *path, bool is_memfd, uint32_t categories, struct timeline *ret_timeline,
                       struct fault *ret_fault) {
  struct segment_file file;
  struct layout layout;
  int error = segment_file_open(path, is_memfd, &file, ret_fault);
  if (error) return error;
  error = layout_read(&file, &layout, ret_fault);
  if (!error) error = timeline_read(&file, &layout, categories, ret_timeline, ret_fault);
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

static int count_points(const struct reading *reading, uint32_t tier, uint64_t *ret_count) {
  struct ration_segment_process process;
  const struct layout_table *table = &reading->layout->tables[RATION_TABLE_PROCESS];
  int error = layout_copy_row(reading->file, table, 0, &process, sizeof process);
  if (!error) *ret_count = process.timeline_points[tier];
  return error;
}

/* The place after the newest one may be half written by now, and so may those that have been begun meanwhile. */
static int read_tier(const struct reading *reading, uint32_t tier, struct timeline *timeline) {
  uint64_t before, after, capacity = capacities[tier];
  size_t first = timeline->count;
  int error = count_points(reading, tier, &before);
  uint64_t oldest = before > capacity ? before - capacity : 0;
  for (uint64_t k = oldest; k < before && !error; k++) {
    error = read_point(reading, tier, (uint32_t)(k % capacity), &timeline->points[timeline->count++]);
  }
  if (!error) error = count_points(reading, tier, &after);
  if (error) return error;
  bool is_life = tier + 1 == RATION_TIMELINE_TIERS;
  uint64_t lost = is_life                         ? (after < before ? before - oldest : 0)
                  : after + 1 > oldest + capacity ? after + 1 - oldest - capacity
                                                  : 0;
  if (lost > before - oldest) lost = before - oldest;
  for (uint64_t k = 0; k < lost; k++)
    timeline->points[first + k].at_ns = 0; /* put_in_order leaves them out */
  return 0;
}

static int read_point(const struct reading *reading, uint32_t tier, uint32_t place,
                      struct timeline_point *point) {
  const struct layout_table *table = &reading->layout->tables[RATION_TABLE_TIMELINE];
  *point = (struct timeline_point){.at_ns = 0};
  for (uint32_t group = 0; group * RATION_TIMELINE_STRIP <= reading->categories; group++) {
    struct ration_segment_strip strip;
    uint64_t row = ((uint64_t)tier * RATION_TIMELINE_GROUPS + group) * RATION_TIMELINE_POINTS + place;
    int error = layout_copy_row(reading->file, table, row, &strip, sizeof strip);
    if (error) return error;
    for (uint32_t i = 0; i < RATION_TIMELINE_STRIP; i++) {
      point->charged[group * RATION_TIMELINE_STRIP + i] = RATION_CHARGE_BYTES(strip.bytes[i]);
    }
    if (group == 0 && strip.bytes[0]) { /* 1: the coarse clock of the first may lie behind the fine one */
      point->at_ns = strip.bytes[0] > reading->started_at ? strip.bytes[0] - reading->started_at : 1;
    }
  }
  return 0;
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
