/*
 * performance_view.h: how much a process allocates, and what that costs: one line.
 */
#ifndef RATION_TOOL_VIEW_PERFORMANCE_VIEW_H
#define RATION_TOOL_VIEW_PERFORMANCE_VIEW_H

#include "reader/process.h"
#include "view/emitter.h"

/* `performance` of an open object; in text a line of what is known of it. */
void performance_view_line(struct emitter *emitter, const struct process *process);

#endif
