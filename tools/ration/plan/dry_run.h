/*
 * dry_run.h: what the budgets of a rule file would have come to in a process that ran without them.
 */
#ifndef RATION_TOOL_PLAN_DRY_RUN_H
#define RATION_TOOL_PLAN_DRY_RUN_H

#include "config/checked_file.h"
#include "plan/observed.h"
#include "view/emitter.h"

/* Each budget by itself: a row of the open object's list `budgets`, and of a table. */
void dry_run_show(struct emitter *emitter, const struct checked_file *file, const struct process *process,
                  const struct observed *observed);

#endif
