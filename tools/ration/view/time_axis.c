/*
 * time_axis.c: the shortest round step whose labels do not touch.
 */
#include "view/time_axis.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define LABEL_BYTES 32
#define GAP         2 /* columns between labels, at least */

static const uint64_t steps[] = {
    1 * MS,      2 * MS,     5 * MS,     10 * MS,    20 * MS,     50 * MS,     100 * MS,
    200 * MS,    500 * MS,   1 * SECOND, 2 * SECOND, 5 * SECOND,  10 * SECOND, 15 * SECOND,
    30 * SECOND, 1 * MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    1 * HOUR,    2 * HOUR,   3 * HOUR,   6 * HOUR,   12 * HOUR,
};

static uint64_t step_of(const struct time_axis *axis);
static size_t label(uint64_t at_ns, uint64_t step, char ret_label[LABEL_BYTES]);

size_t time_axis_column(const struct time_axis *axis, uint64_t at_ns) {
  uint64_t range = axis->to_ns - axis->from_ns, since = at_ns > axis->from_ns ? at_ns - axis->from_ns : 0;
  size_t column = (size_t)((unsigned __int128)since * axis->columns / range);
  return column < axis->columns ? column : axis->columns - 1;
}

void time_axis_draw(const struct time_axis *axis, char *ret_line, char *ret_labels) {
  uint64_t step = step_of(axis), first = axis->from_ns / step + (axis->from_ns % step != 0);
  size_t written = 0, drawn = 0;
  char *line = ret_line;
  memset(ret_labels, ' ', axis->columns);
  for (uint64_t at = first * step; first <= UINT64_MAX / step && at <= axis->to_ns; at += step) {
    char text[LABEL_BYTES];
    size_t column = time_axis_column(axis, at), length = label(at, step, text);
    if (column + length > axis->columns) break;
    for (; drawn < column; drawn++) line = stpcpy(line, "─");
    line = stpcpy(line, "┬");
    drawn = column + 1;
    memcpy(ret_labels + column, text, length);
    written = column + length;
    if (at > UINT64_MAX - step) break;
  }
  for (; drawn < axis->columns; drawn++) line = stpcpy(line, "─");
  ret_labels[written] = 0;
}

/* Beyond the table it doubles. */
static uint64_t step_of(const struct time_axis *axis) {
  char text[LABEL_BYTES];
  uint64_t range = axis->to_ns - axis->from_ns;
  for (size_t i = 0;; i++) {
    size_t count = sizeof steps / sizeof *steps;
    uint64_t step = i < count ? steps[i] : DAY << (i - count);
    unsigned __int128 columns = (unsigned __int128)step * axis->columns / range;
    if (columns >= label(axis->to_ns, step, text) + GAP || step > UINT64_MAX / 4) return step;
  }
}

/* In the unit of the step. Returns its length. */
static size_t label(uint64_t at_ns, uint64_t step, char ret_label[LABEL_BYTES]) {
  int length = 0;
  if (step < SECOND) {
    int digits = step % (100 * MS) == 0 ? 1 : step % (10 * MS) == 0 ? 2 : 3;
    length = snprintf(ret_label, LABEL_BYTES, "%.*f s", digits, (double)at_ns / (double)SECOND);
  } else if (step < MINUTE) {
    length = snprintf(ret_label, LABEL_BYTES, "%" PRIu64 " s", at_ns / SECOND);
  } else if (step < HOUR) {
    length = snprintf(ret_label, LABEL_BYTES, "%" PRIu64 " min", at_ns / MINUTE);
  } else if (step < DAY) {
    length = snprintf(ret_label, LABEL_BYTES, "%" PRIu64 " h", at_ns / HOUR);
  } else {
    length = snprintf(ret_label, LABEL_BYTES, "%" PRIu64 " d", at_ns / DAY);
  }
  return (size_t)length;
}
