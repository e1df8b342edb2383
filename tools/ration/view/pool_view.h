/*
 * pool_view.h: the program's object pools: how much of what they hold is used.
 */
#ifndef RATION_TOOL_VIEW_POOL_VIEW_H
#define RATION_TOOL_VIEW_POOL_VIEW_H

#include "reader/process.h"
#include "reader/selection.h"
#include "view/emitter.h"

/* `pools` of an open object: of those categories that are selected. */
void pool_view_table(struct emitter *emitter, const struct process *process,
                     const struct selection *selection, const void *context);

#endif
