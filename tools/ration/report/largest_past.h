/*
 * largest_past.h: below the largest live blocks of a recorded process: those that were the largest before.
 */
#ifndef RATION_TOOL_REPORT_LARGEST_PAST_H
#define RATION_TOOL_REPORT_LARGEST_PAST_H

#include "report/reading.h"
#include "subject/largest.h"
#include "view/emitter.h"

/* The list `largest_before`, as the report's filter and the selection let pass; nothing, where the list is empty. */
void largest_past_show(struct emitter *emitter, const struct process *process, const struct reading *reading,
                       const struct largest_list *list);

#endif
