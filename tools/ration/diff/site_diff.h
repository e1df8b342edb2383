/*
 * site_diff.h: the sites of two processes, each beside the one of its category and stack.
 *
 * What samples say of a site is an estimate. So it counts as changed only where the 95 % intervals of both do not meet
 * (sites/interval.h): where no sample tells of it, it may still be there. Whether two intervals meet is a stricter test
 * than one of 95 %: of sites that have not changed it takes about one in 180 for changed.
 */
#ifndef RATION_TOOL_DIFF_SITE_DIFF_H
#define RATION_TOOL_DIFF_SITE_DIFF_H

#include "diff/category_diff.h"
#include "diff/frame_numbers.h"

/* The sites of one process, put in order, and what names their frames. */
struct sampled {
  const struct process *process;
  const struct site_list *sites;
  const struct site_table *table;
  struct symbols *symbols;
};

struct site_side {
  const struct site_facts *facts; /* the first that was met; NULL: none */
  uint64_t samples;
  double bytes;
  double variance;
  struct interval interval;
};

struct site_change {
  const char *category;
  struct site_side before;
  struct site_side after;
  enum change change;
};

struct site_diff {
  size_t count;
  struct site_change *site; /* allocated; the largest change first, the unclear ones last */
};

/*
 * The measure is one of sites. Both sides must outlive the diff. Returns 0, with a diff to be freed, or -ENOMEM.
 */
int site_diff_make(const struct sampled *before, const struct sampled *after, enum measure measure,
                   struct site_diff *ret_diff);
void site_diff_free(struct site_diff *diff);

/* How many bytes lie between two samples: the setting, else what they stood for on average; 0: there are none. */
double site_diff_mean(const struct sampled *sampled);

#endif
