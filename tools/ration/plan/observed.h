/*
 * observed.h: how much each category of a process, with all below it, has ever used: what plans are made from.
 */
#ifndef RATION_TOOL_PLAN_OBSERVED_H
#define RATION_TOOL_PLAN_OBSERVED_H

#include "reader/process.h"
#include "reader/timeline.h"

/* By category id; what `accounts=1` counted is part of the peak where the category had a budget. */
struct observed {
  uint64_t peak_bytes[RATION_CATEGORY_IDS];
  uint64_t error_bytes[RATION_CATEGORY_IDS]; /* the true peak lies at most so far below */
  struct timeline timeline;                  /* no points where a segment has none */
};

/*
 * Returns 0; -ENOTSUP: the process is not tracked; -ENODATA: it has used nothing; or what opening its segment returns;
 * with words. The caller calls observed_free().
 */
int observed_read(const struct process *process, struct observed *ret_observed, struct fault *ret_fault);

/* What the category, with all below it, used at a point. */
uint64_t observed_at(const struct process *process, const struct timeline_point *point, uint32_t category);

void observed_free(struct observed *observed);

#endif
