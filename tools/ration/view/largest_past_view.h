/*
 * largest_past_view.h: below the largest live blocks of a recorded process: those that were the largest before.
 */
#ifndef RATION_TOOL_VIEW_LARGEST_PAST_VIEW_H
#define RATION_TOOL_VIEW_LARGEST_PAST_VIEW_H

#include "reader/largest_list.h"
#include "reader/selection.h"
#include "view/site_view.h"

/* The list `largest_before`, as the report's filter and the selection let pass; nothing, where the list is empty. */
void largest_past_view_table(struct emitter *emitter, const struct process *process,
                             const struct selection *selection, const struct site_report *report,
                             const struct largest_list *list);

#endif
