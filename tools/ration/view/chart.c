/*
 * chart.c: the sum at each point goes into the columns over which it holds.
 */
#include "view/chart.h"

#include <string.h>

static uint64_t end_of(const struct timeline *timeline, size_t number, const struct time_axis *axis);

void chart_fill(struct chart_row *row, const struct timeline *timeline, const struct time_axis *axis) {
  uint32_t ids[RATION_CATEGORY_IDS], count = 0;
  for (uint32_t id = 1; id < RATION_CATEGORY_IDS; id++) {
    if (row->has[id]) ids[count++] = id;
  }
  row->most = 0;
  memset(row->columns, 0, sizeof row->columns);
  for (size_t i = chart_first(timeline, axis); i < timeline->count; i++) {
    const struct timeline_point *point = &timeline->points[i];
    if (point->at_ns >= axis->to_ns) break;
    uint64_t sum = 0;
    for (uint32_t k = 0; k < count; k++) sum += point->charged[ids[k]];
    if (sum > row->most) row->most = sum;
    size_t last = time_axis_column(axis, end_of(timeline, i, axis) - 1);
    for (size_t column = time_axis_column(axis, point->at_ns); column <= last; column++) {
      if (sum > row->columns[column]) row->columns[column] = sum;
    }
  }
}

size_t chart_first(const struct timeline *timeline, const struct time_axis *axis) {
  size_t first = 0;
  while (first < timeline->count && end_of(timeline, first, axis) <= axis->from_ns) first++;
  return first;
}

/* Where the next one begins, or the axis ends. */
static uint64_t end_of(const struct timeline *timeline, size_t number, const struct time_axis *axis) {
  uint64_t end = number + 1 < timeline->count ? timeline->points[number + 1].at_ns : axis->to_ns;
  return end < axis->to_ns ? end : axis->to_ns;
}
