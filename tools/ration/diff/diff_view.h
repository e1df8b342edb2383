/*
 * diff_view.h: what has changed between two processes: an object of the list `processes`; in text two tables.
 */
#ifndef RATION_TOOL_DIFF_DIFF_VIEW_H
#define RATION_TOOL_DIFF_DIFF_VIEW_H

#include "diff/pairing.h"
#include "diff/site_diff.h"
#include "view/emitter.h"

struct diff_report {
  struct pair pair;
  const struct category_diff *categories;
  const struct site_diff *sites; /* NULL: they are not compared, and the next two say nothing */
  const struct sampled *before;
  const struct sampled *after;
  bool is_since; /* the first is the second as it was: only live bytes are known of it */
  uint64_t since_ns;
  uint64_t age_ns;
  uint32_t most;        /* rows of a table in text; 0: all */
  uint32_t most_frames; /* of a site in text; 0: all */
};

/* `remark`: a sentence; NULL: none. Returns 0, or -errno: it is not whole. */
int diff_view_pair(struct emitter *emitter, const struct diff_report *report, const char *remark);

/* One of the two is missing: there is no process of its program among the others; or, with a remark, what that says. */
void diff_view_unmatched(struct emitter *emitter, const struct pair *pair, const char *remark);

#endif
