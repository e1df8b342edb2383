/*
 * memory_view.h: what the resident memory of a process consists of, in one line that adds up.
 */
#ifndef RATION_TOOL_VIEW_MEMORY_VIEW_H
#define RATION_TOOL_VIEW_MEMORY_VIEW_H

#include "reader/process.h"
#include "view/emitter.h"

/* `memory` of an open object, and `memory_missing`; no object and no line where no figures were taken. */
void memory_view_line(struct emitter *emitter, const struct process *process);

#endif
