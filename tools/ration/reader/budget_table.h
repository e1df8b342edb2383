/*
 * budget_table.h: the budgets of a process, by category.
 *
 * Rows that no shim writes (an unknown policy or level, a limit that cannot be) are passed over.
 */
#ifndef RATION_TOOL_READER_BUDGET_TABLE_H
#define RATION_TOOL_READER_BUDGET_TABLE_H

#include <stdbool.h>

#include "reader/layout.h"

struct budget_facts {
  uint32_t category;  /* id; there is one */
  uint32_t policy;    /* RATION_POLICY_* */
  uint32_t level;     /* RATION_LEVEL_* */
  uint32_t taken_for; /* the level that the program wants to be taken for it; else `level` */
  uint32_t
      outside; /* the level that what lies outside the process asks for; RATION_LEVEL_NONE: nothing does */
  uint32_t thresholds; /* percent at which low, medium, high, critical begin: a byte each, low first */
  uint64_t limit_bytes;
  uint64_t reserve_bytes;
  uint64_t used_bytes; /* charged to the subtree, and accounted */
  uint64_t breaches;
  uint64_t refused;
  uint64_t worst_bytes;             /* no less than used_bytes */
  uint64_t worst_at;                /* 0: never */
  uint64_t level_since_at;          /* 0: it has never changed */
  uint64_t level_ns[RATION_LEVELS]; /* without what runs since then */
};

struct budget_table {
  uint32_t count;
  struct budget_facts budget[RATION_CATEGORY_IDS]; /* in the order of their categories */
};

/*
 * Reads those of categories 1 .. `categories`, whose rows are given for what is charged to them. Returns 0 or -errno.
 */
int budget_table_read(const struct segment_file *file, const struct layout *layout,
                      const struct ration_segment_category rows[], uint32_t categories,
                      struct budget_table *ret_list);

#endif
