/*
 * terminal.h: how much fits on a line.
 */
#ifndef RATION_TOOL_VIEW_TERMINAL_H
#define RATION_TOOL_VIEW_TERMINAL_H

#define TERMINAL_COLUMNS_LEAST 40
#define TERMINAL_COLUMNS       80
#define TERMINAL_COLUMNS_MOST  240

/* What COLUMNS says, else the terminal that stdout is, else TERMINAL_COLUMNS; never less than the least. */
unsigned terminal_columns(void);

#endif
