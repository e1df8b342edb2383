/*
 * terminal.h: what a terminal takes: how much fits on it, and whether it shows colours.
 */
#ifndef RATION_TOOL_VIEW_TERMINAL_H
#define RATION_TOOL_VIEW_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#define TERMINAL_COLUMNS_LEAST 40
#define TERMINAL_COLUMNS       80
#define TERMINAL_COLUMNS_MOST  240

/* What COLUMNS says, else the terminal that stdout is, else TERMINAL_COLUMNS; never less than the least. */
unsigned terminal_columns(void);

/* The same of LINES; of a terminal that does not say, 24. */
#define TERMINAL_LINES 24
unsigned terminal_lines(void);

/* Whether it is a terminal that can go back on a line: one whose TERM is known, and not `dumb`. */
bool terminal_is_there(FILE *to);

/* The same, and nobody has said NO_COLOR (https://no-color.org). */
bool terminal_takes_colour(FILE *to);

/*
 * The same of what a path leads to. That is opened only where it is sure to be a terminal of a kind that takes no notice: a
 * pseudo-terminal, a virtual console, /dev/tty. Of any other device, and there a tape would be wound back, no.
 */
bool terminal_at_takes_colour(const char *path);

#endif
