/*
 * largest_view.h: the largest blocks that live, of those that are samples, each with its stack.
 */
#ifndef RATION_TOOL_VIEW_LARGEST_VIEW_H
#define RATION_TOOL_VIEW_LARGEST_VIEW_H

#include "reader/sample_list.h"
#include "reader/selection.h"
#include "view/site_view.h"

/* Puts the samples in order, and tells the process of the moments that they know of: before anything is shown. */
void largest_view_prepare(struct process *process, struct sample_list *samples,
                          const struct site_list *sites);

/* The list `largest`: as many as the report's `most` says, in JSON, too. */
void largest_view_table(struct emitter *emitter, const struct process *process,
                        const struct selection *selection, const struct site_report *report,
                        const struct sample_list *samples);

#endif
