/*
 * drawing.h: the board on the screen: a title, rows in columns, the sites of the selected one, and a line for keys, messages
 * and what is typed.
 */
#ifndef RATION_TOOL_TOP_DRAWING_H
#define RATION_TOOL_TOP_DRAWING_H

#include "top/board.h"

/* Also sees to how many rows the board has room for. `clock`: the wall clock's time of the last look. */
void drawing_show(struct board *board, const char *clock);

/* The part of the screen below the rows: from which line on, and how many, the last line left out. */
struct drawing_part {
  unsigned line;
  unsigned lines; /* 0: there is none */
};

/* The sites of the selected row, in site_drawing.c; the help, in help_drawing.c. */
void site_drawing(const struct board *board, struct drawing_part part);
void help_drawing(const struct board *board);

#endif
