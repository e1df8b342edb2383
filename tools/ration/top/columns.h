/*
 * columns.h: which columns a terminal has room for, where each stands, and what it says of a row.
 *
 * Pure. Bars and courses are drawn by glyphs.h; a column says only how wide they are.
 */
#ifndef RATION_TOOL_TOP_COLUMNS_H
#define RATION_TOOL_TOP_COLUMNS_H

#include "top/rows.h"

enum column {
  COLUMN_NAME,
  COLUMN_LIVE,
  COLUMN_PEAK,
  COLUMN_BAR,
  COLUMN_USED,
  COLUMN_LIMIT,
  COLUMN_LEVEL,
  COLUMN_ALLOCATIONS,
  COLUMN_FREES,
  COLUMN_ALLOCATED,
  COLUMN_CHANGE,
  COLUMN_GROWTH_5M,
  COLUMN_GROWTH_6H,
  COLUMN_BLOCKS,
  COLUMN_COURSE,
};
#define COLUMNS_MOST (COLUMN_COURSE + 1)

struct placed_column {
  enum column column;
  unsigned at; /* the first column of the terminal that is its own */
  unsigned width;
};

struct columns {
  size_t count;
  struct placed_column placed[COLUMNS_MOST]; /* from the left */
};

/* `name_width`: what the widest name needs. */
void columns_lay_out(unsigned width, unsigned name_width, struct columns *ret_columns);

const char *column_heading(enum column column);
bool column_is_right(enum column column); /* as numbers stand */

/* Whether rows are sorted by it. */
bool column_is_of(enum column column, enum order_by by);

/* The heading of the column that rows are sorted by, if there is no room for that; NULL: it is there. */
const char *columns_missing(const struct columns *columns, enum order_by by);

/* What a column of figures or words says; empty: nothing. Not of names, bars and courses. */
#define COLUMN_TEXT_BYTES 64
void column_text(enum column column, const struct node *node, char ret_text[COLUMN_TEXT_BYTES]);

/* Numbers a second, in at most 7 columns: "99,999", "123 k", "1.2 M". */
void column_count(double count, char ret_text[COLUMN_TEXT_BYTES]);

#endif
