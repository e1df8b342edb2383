/*
 * once.h: what top shows, once, as text and as JSON.
 */
#ifndef RATION_TOOL_TOP_ONCE_H
#define RATION_TOOL_TOP_ONCE_H

#include "top/board.h"
#include "view/emitter.h"

/* Looks twice, a second apart, so that there are rates. The scene of the board is begun. Returns 0 or -ENOMEM. */
int once_show(struct board *board, struct emitter *emitter);

#endif
