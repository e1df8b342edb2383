/*
 * time_axis.h: the axis below a plot: a line with marks at round times, and what they are called.
 */
#ifndef RATION_TOOL_VIEW_TIME_AXIS_H
#define RATION_TOOL_VIEW_TIME_AXIS_H

#include <stddef.h>
#include <stdint.h>

/* A stretch of time, from the start on, as so many columns. */
struct time_axis {
  uint64_t from_ns;
  uint64_t to_ns; /* later than from_ns */
  size_t columns;
};

#define TIME_AXIS_BYTES(columns) ((columns)*3 + 1)

/* The column in which this moment of the stretch lies. */
size_t time_axis_column(const struct time_axis *axis, uint64_t at_ns);

/* Both as wide as the axis at most; labels without trailing blanks. */
void time_axis_draw(const struct time_axis *axis, char *ret_line, char *ret_labels);

#endif
