/*
 * plot.c: U+2581 LOWER ONE EIGHTH BLOCK up to U+2588 FULL BLOCK.
 */
#include "view/plot.h"

#include <string.h>

static unsigned eighths_of(uint64_t value, struct plot_line line);
static char *add_block(char *to, unsigned eighths);

void plot_draw(const uint64_t *values, size_t columns, struct plot_line line, char *ret_line) {
  unsigned below = 8 * (line.lines - 1 - line.number);
  char *to = ret_line, *end = ret_line;
  for (size_t i = 0; i < columns; i++) {
    unsigned eighths = eighths_of(values[i], line);
    if (eighths <= below) {
      *to++ = ' ';
      continue;
    }
    to = add_block(to, eighths - below < 8 ? eighths - below : 8);
    end = to;
  }
  *end = 0;
}

static unsigned eighths_of(uint64_t value, struct plot_line line) {
  unsigned all = 8 * line.lines;
  if (value == 0 || line.whole == 0) return 0;
  if (value >= line.whole) return all;
  unsigned eighths = (unsigned)((double)value / (double)line.whole * all + 0.5);
  return eighths > 0 ? eighths : 1;
}

/* The blocks follow one another in Unicode, the lowest first. */
static char *add_block(char *to, unsigned eighths) {
  const char block[3] = {(char)0xe2, (char)0x96, (char)(0x80 + eighths)};
  memcpy(to, block, sizeof block);
  return to + sizeof block;
}
