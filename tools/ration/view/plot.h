/*
 * plot.h: values side by side as columns of eighth blocks, in one line of text or in several.
 */
#ifndef RATION_TOOL_VIEW_PLOT_H
#define RATION_TOOL_VIEW_PLOT_H

#include <stddef.h>
#include <stdint.h>

#define PLOT_BYTES(columns) ((columns)*3 + 1)

/* One of so many lines, that are numbered from the top; the value `whole` fills them all. */
struct plot_line {
  unsigned number;
  unsigned lines;
  uint64_t whole;
};

/* Draws this line's part of each column; anything above nothing shows in the lowest. No trailing blanks. */
void plot_draw(const uint64_t *values, size_t columns, struct plot_line line, char *ret_line);

#endif
