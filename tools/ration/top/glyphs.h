/*
 * glyphs.h: what is drawn out of characters: bars, courses, the rails of a tree; out of ASCII alone where a terminal, by
 * its locale, shows no more.
 */
#ifndef RATION_TOOL_TOP_GLYPHS_H
#define RATION_TOOL_TOP_GLYPHS_H

#include "top/rows.h"

#define GLYPHS_COLUMNS_MOST 64
#define GLYPHS_BYTES        (3 * GLYPHS_COLUMNS_MOST + 1)

/* The two parts of a bar of so many columns: what is full of it, and what is left. */
struct glyph_bar {
  char full[GLYPHS_BYTES];
  char left[GLYPHS_BYTES];
  unsigned full_columns;
};

/* `share` of 1, or more; anything above nothing shows. */
void glyphs_bar(bool is_ascii, double share, unsigned columns, struct glyph_bar *ret_bar);

/* The newest at the end of so many columns. */
void glyphs_course(bool is_ascii, const struct course *course, unsigned columns, char ret_line[GLYPHS_BYTES]);

/* What stands before a row's name. */
#define GLYPHS_RAILS_BYTES (ROW_DEPTH_MOST * 5 + 16)
void glyphs_rails(bool is_ascii, const struct row *row, char ret_rails[GLYPHS_RAILS_BYTES]);

const char *glyphs_rule(bool is_ascii);   /* a column of a line across */
const char *glyphs_caller(bool is_ascii); /* between a function and the one that called it */
const char *glyphs_order(bool is_ascii,
                         bool is_reversed); /* behind the heading of the column that rows are sorted by */

#endif
