/*
 * misuse_view.h: what the program did wrong with its blocks, and where that was noticed: each with its call stack.
 */
#ifndef RATION_TOOL_VIEW_MISUSE_VIEW_H
#define RATION_TOOL_VIEW_MISUSE_VIEW_H

#include "reader/event_list.h"
#include "reader/selection.h"
#include "view/site_view.h"

struct misuse_report {
  const struct event_list *events;
  const struct site_report *sites; /* NULL: no event is of misuse, and none were read */
};

/*
 * The list `misuses` of an open object, as the selection and the report's filter let pass: JSON has all, text the first of
 * them, and how many were noticed beside those of which there are events. NULL: there are no events.
 */
void misuse_view_table(struct emitter *emitter, const struct process *process,
                       const struct selection *selection, const struct misuse_report *report);

#endif
