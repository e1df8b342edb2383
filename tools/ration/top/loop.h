/*
 * loop.h: top, full screen: looks once a second, takes keys and signals, until it is left.
 */
#ifndef RATION_TOOL_TOP_LOOP_H
#define RATION_TOOL_TOP_LOOP_H

#include "top/board.h"

/* The scene of the board is begun. Returns 0, or what screen_begin(), signals_begin() and site_reader_begin() return; with
 * words. The terminal is as it was. */
int loop_run(struct board *board, struct fault *ret_fault);

#endif
