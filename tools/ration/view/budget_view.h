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

/* The numbers of a budget one by one, as JSON has them, without what its category has, too; NULL: there are no more. */
const struct field *budget_view_figure(size_t number);

/* What one of them is, of the budget of that category. Returns 0; -ENODATA: it has none; -EDOM: it is null. */
int budget_view_value(const struct field *figure, const struct process *process, uint32_t category,
                      uint64_t *ret_value);

#endif
