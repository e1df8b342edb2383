/*
 * order.h: by what rows are sorted: processes among one another, and categories among those of the same one above.
 */
#ifndef RATION_TOOL_TOP_ORDER_H
#define RATION_TOOL_TOP_ORDER_H

#include "top/tracked.h"

enum order_by {
  ORDER_LIVE,
  ORDER_PEAK,
  ORDER_USED, /* the share of its budget */
  ORDER_CHANGE,
  ORDER_ALLOCATIONS,
  ORDER_FREES,
  ORDER_ALLOCATED,
  ORDER_GROWTH_5M,
  ORDER_GROWTH_6H,
  ORDER_NAME,
};
#define ORDERS (ORDER_NAME + 1)

struct order {
  enum order_by by;
  bool is_reversed; /* the smallest first; of names, from the end */
};

/* A row as it is compared: a process by its program and pid, a category by its name. */
struct ordered {
  const struct tracked *tracked;
  const struct node *node; /* NULL: a process that is not tracked */
};

/* Below 0: `left` stands first. Rows that have nothing of it come last; equal ones by name, then as they came. */
int order_compare(const struct order *order, const struct ordered *left, const struct ordered *right);

#endif
