/*
 * event_view.h: what happened, in the order in which it did.
 */
#ifndef RATION_TOOL_VIEW_EVENT_VIEW_H
#define RATION_TOOL_VIEW_EVENT_VIEW_H

#include "reader/event_list.h"
#include "reader/process.h"
#include "view/emitter.h"
#include "view/selection.h"

/* `events` of an open object: of those categories that are selected. Text ends with how many are not there. */
void event_view_table(struct emitter *emitter, const struct process *process, const struct event_list *events,
                      const struct selection *selection);

#endif
