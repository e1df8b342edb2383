/*
 * chart.h: part of a timeline as the columns of a plot: the most that there was within each column's time.
 *
 * A point holds until the next one comes, the last one until the end.
 */
#ifndef RATION_TOOL_VIEW_CHART_H
#define RATION_TOOL_VIEW_CHART_H

#include "reader/timeline.h"
#include "view/terminal.h"
#include "view/time_axis.h"

/* The sum of some categories. */
struct chart_row {
  bool has[RATION_CATEGORY_IDS]; /* by id: whether its own bytes are part of it */
  uint64_t most;                 /* of the columns */
  uint64_t columns[TERMINAL_COLUMNS_MOST];
};

/* Fills the row for an axis of at most so many columns; `has` is given. */
void chart_fill(struct chart_row *row, const struct timeline *timeline, const struct time_axis *axis);

/* The first point that holds within the axis; timeline->count: none. */
size_t chart_first(const struct timeline *timeline, const struct time_axis *axis);

#endif
