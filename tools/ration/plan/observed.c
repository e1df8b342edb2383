/*
 * observed.c: peaks of a snapshot, and those that budgets have kept.
 */
#include "plan/observed.h"

#include <errno.h>

#include "reader/budget_rows.h"
#include "subject/subject.h"

int observed_read(const struct process *process, struct observed *ret_observed, struct fault *ret_fault) {
  const struct snapshot *snapshot = &process->snapshot;
  if (snapshot->passive)
    return fault_set(ret_fault, -ENOTSUP, "is not tracked, so nothing is known; `ration report` says why");
  if (snapshot->categories[RATION_CATEGORY_TOTAL].subtree.peak_bytes == 0)
    return fault_set(ret_fault, -ENODATA, "has used nothing yet, so there is nothing to plan from");
  struct budget_rows rows;
  int error = budget_rows_open(process->path, process->is_memfd, &rows, ret_fault);
  if (error) return error;
  *ret_observed = (struct observed){.peak_bytes = {0}};
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    const struct figures *figures = &snapshot->categories[id].subtree;
    struct budget_row row;
    uint64_t peak = figures->peak_bytes;
    bool has_more = budget_rows_read(&rows, id, &row) == 0 && row.limit_bytes && row.worst_bytes > peak;
    ret_observed->peak_bytes[id] = has_more ? row.worst_bytes : peak;
    ret_observed->error_bytes[id] = figures->peak_error_bytes;
  }
  budget_rows_close(&rows);
  return subject_course(process, &ret_observed->timeline, ret_fault);
}

/* Children have higher ids than their parents. */
static bool is_below(const struct process *process, uint32_t id, uint32_t category) {
  while (id > category) id = process->snapshot.categories[id].parent;
  return id == category;
}

uint64_t observed_at(const struct process *process, const struct timeline_point *point, uint32_t category) {
  uint64_t used = 0;
  for (uint32_t id = category; category && id <= process->snapshot.category_count; id++)
    if (is_below(process, id, category)) used += point->charged[id];
  return used;
}

void observed_free(struct observed *observed) {
  timeline_free(&observed->timeline);
}
