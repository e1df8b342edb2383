/*
 * rows.h: what stands below one another: processes, each with its categories as a tree; sorted, filtered, folded.
 *
 * Pure.
 */
#ifndef RATION_TOOL_TOP_ROWS_H
#define RATION_TOOL_TOP_ROWS_H

#include "top/order.h"

#define ROW_DEPTH_MOST 32 /* further ones stand as deep as that */

struct row {
  struct tracked *tracked;
  uint32_t id; /* of the category; RATION_CATEGORY_TOTAL: the process */
  uint32_t depth;
  uint32_t
      rails; /* bit D: below the row at depth D that it belongs to there comes another one at that depth */
  bool is_folded; /* there are rows below it that are not shown */
};

struct rows {
  struct row *row; /* allocated */
  size_t count;
  size_t room;
};

/* What is asked for: rows whose name has the text in it, in any case of letters, with those above them; "": all. */
struct rows_wishes {
  struct order order;
  const char *filter;
};

/* Makes them anew, of so many processes. What is filtered is unfolded. Returns 0, or -ENOMEM: they are as they were. */
int rows_make(struct rows *rows, struct tracked *const *tracked, size_t count,
              const struct rows_wishes *wishes);
void rows_free(struct rows *rows);

/* The node of a row; NULL: of a process that has none. */
struct node *row_node(const struct row *row);

/* Where the row of this category of this process is; rows->count: not there. */
size_t rows_find(const struct rows *rows, const struct tracked *tracked, uint32_t id);

/* The row that this one lies below; itself, if that is a process. */
size_t rows_parent(const struct rows *rows, size_t at);

#endif
