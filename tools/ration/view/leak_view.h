/*
 * leak_view.h: what lives, and by whom it was allocated. At the end of a process, all of it was never freed: whether the
 * program could still reach it is not looked at, and said so.
 */
#ifndef RATION_TOOL_VIEW_LEAK_VIEW_H
#define RATION_TOOL_VIEW_LEAK_VIEW_H

#include "reader/sample_list.h"
#include "sites/suppressions.h"
#include "view/site_view.h"

struct leak_report {
  const struct site_report *sites;
  const struct suppressions *suppressions;
  const double *requested; /* what the live samples of each site stand for, by its place in the list */
};

struct leak_sums {
  uint64_t leaked_bytes;
  uint64_t leaked_blocks;
  uint64_t leaked_requested_bytes;
  uint64_t suppressed_bytes;
  uint64_t suppressed_blocks;
};

/* Returns 0, with what a report takes of the samples, to be freed; or -ENOMEM. */
int leak_view_requests(const struct sample_list *samples, const struct site_list *sites,
                       double **ret_requested);

/* The list `leaks`, and what they come to. */
void leak_view_table(struct emitter *emitter, const struct process *process, const struct leak_report *leaks,
                     struct leak_sums *ret_sums);

#endif
