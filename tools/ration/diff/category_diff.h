/*
 * category_diff.h: the categories of two processes, each beside the one of its name.
 */
#ifndef RATION_TOOL_DIFF_CATEGORY_DIFF_H
#define RATION_TOOL_DIFF_CATEGORY_DIFF_H

#include "diff/measure.h"
#include "reader/process.h"
#include "reader/selection.h"

/* How one figure stands to what it was. */
enum change {
  CHANGE_NONE,
  CHANGE_GROWN,
  CHANGE_SHRUNK,
  CHANGE_NEW,     /* there was nothing */
  CHANGE_GONE,    /* there is nothing any more */
  CHANGE_UNCLEAR, /* it may have changed, or not */
};
const char *change_word(enum change change);

struct category_side {
  bool is_there; /* the process has the category */
  struct figures figures;
};

struct category_change {
  const char *name; /* belongs to one of the processes */
  struct category_side before;
  struct category_side after;
  uint64_t value_before;
  uint64_t value;
  enum change change;
};

struct category_diff {
  size_t count;
  struct category_change *category; /* allocated; the largest change first */
  struct category_change total;     /* of those that are selected */
  enum measure measure;
};

/*
 * What is closer than `doubt_bytes` is unclear. Both processes must outlive the diff. Returns 0, with a diff to be freed, or
 * -ENOMEM.
 */
int category_diff_make(const struct process *before, const struct process *after,
                       const struct selection *selection, enum measure measure, uint64_t doubt_bytes,
                       struct category_diff *ret_diff);
void category_diff_free(struct category_diff *diff);

#endif
