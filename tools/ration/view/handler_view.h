/*
 * handler_view.h: the program's handlers: what they claimed to have freed, and what was freed.
 */
#ifndef RATION_TOOL_VIEW_HANDLER_VIEW_H
#define RATION_TOOL_VIEW_HANDLER_VIEW_H

#include "reader/process.h"
#include "reader/selection.h"
#include "view/emitter.h"

/* `handlers` of an open object: of those categories that are selected. In text a blank line first. */
void handler_view_table(struct emitter *emitter, const struct process *process,
                        const struct selection *selection);

#endif
