/*
 * selection.h: which categories a report shows, and how: --depth, --tree, --category.
 */
#ifndef RATION_TOOL_READER_SELECTION_H
#define RATION_TOOL_READER_SELECTION_H

#include "reader/snapshot.h"

#define SELECTION_DEEPEST 8 /* no category lies deeper */

struct selection {
  uint32_t depth;       /* deeper categories are folded into the one above them at this depth */
  bool is_tree;         /* below one another, each with what lies below it */
  const char *category; /* this one and those below it alone; NULL: all */
};

/* All of them, each by itself. */
extern const struct selection selection_all;

/* The id of the category that is asked for, `total` where none is; 0: this process has no such category. */
uint32_t selection_root(const struct selection *selection, const struct snapshot *snapshot);

/* Whether the category is `root` or lies below it. */
bool selection_is_below(const struct snapshot *snapshot, uint32_t id, uint32_t root);

/* Whether categories below this one are folded into it. The one that is asked for is shown, however deep it lies. */
bool selection_folds(const struct selection *selection, const struct snapshot *snapshot, uint32_t id,
                     uint32_t root);

/* In whose row this category's own figures are shown: in its own, or in that of one above, which it is folded into;
 * 0: in none. */
uint32_t selection_row(const struct selection *selection, const struct snapshot *snapshot, uint32_t id);

#endif
