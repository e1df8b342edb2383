/*
 * pager.h: a program through which long text goes to a terminal.
 */
#ifndef RATION_TOOL_VIEW_PAGER_H
#define RATION_TOOL_VIEW_PAGER_H

#include "view/emitter.h"

/* The user's: RATION_PAGER, else PAGER, else less. NULL: none is wanted, the variable is empty or `cat`. */
const char *pager_command(void);

/*
 * Shows what was emitted, and waits until the user has seen it; who leaves the pager early has seen enough. False:
 * `command` cannot be started, and nothing has been shown. Else `*ret_error` is 0 or -errno, as of emitter_finish().
 */
bool pager_show(const char *command, struct emitter *emitter, int *ret_error);

#endif
