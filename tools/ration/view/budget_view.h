/*
 * budget_view.h: budgets: how full they are, at which level since when, and what did not fit.
 */
#ifndef RATION_TOOL_VIEW_BUDGET_VIEW_H
#define RATION_TOOL_VIEW_BUDGET_VIEW_H

#include "reader/process.h"
#include "reader/selection.h"
#include "view/emitter.h"

/* `budgets` of an open object: of those categories that are selected. In text a blank line before each table. */
void budget_view_tables(struct emitter *emitter, const struct process *process,
                        const struct selection *selection);

#endif
