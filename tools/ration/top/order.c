/*
 * order.c: see order.h.
 */
#include "top/order.h"

#include <math.h>
#include <string.h>

#include "view/field.h"

static double figure_of(enum order_by by, const struct node *node);
static double growth_of_window(const struct node *node, size_t window);
static int compare_names(const struct ordered *left, const struct ordered *right);

int order_compare(const struct order *order, const struct ordered *left, const struct ordered *right) {
  double a = figure_of(order->by, left->node), b = figure_of(order->by, right->node);
  if (isnan(a) != isnan(b)) return isnan(a) ? 1 : -1;
  int result = a > b ? -1 : a < b;
  if (result == 0) result = compare_names(left, right);
  return order->is_reversed ? -result : result;
}

/* Not a number: it has none. By name they are all equal. */
static double figure_of(enum order_by by, const struct node *node) {
  if (!node) return NAN;
  switch (by) {
  case ORDER_LIVE:
    return (double)node->live_bytes;
  case ORDER_PEAK:
    return (double)node->peak_bytes;
  case ORDER_USED:
    return node->limit_bytes ? (double)node->used_bytes / (double)node->limit_bytes : NAN;
  case ORDER_CHANGE:
    return node->has_rates ? node->change_bytes_per_second : NAN;
  case ORDER_ALLOCATIONS:
    return node->has_rates ? node->allocations_per_second : NAN;
  case ORDER_FREES:
    return node->has_rates ? node->frees_per_second : NAN;
  case ORDER_ALLOCATED:
    return node->has_rates ? node->allocated_bytes_per_second : NAN;
  case ORDER_GROWTH_5M:
    return growth_of_window(node, 0);
  case ORDER_GROWTH_6H:
    return growth_of_window(node, 1);
  case ORDER_NAME:
    return 0;
  }
  return 0;
}

static double growth_of_window(const struct node *node, size_t window) {
  return node->growth[window] == FIELD_UNKNOWN ? NAN : (double)node->growth[window];
}

/* Two of one program by pid, which no other process of this machine has. */
static int compare_names(const struct ordered *left, const struct ordered *right) {
  int result = 0;
  if (left->tracked != right->tracked) result = strcmp(left->tracked->program, right->tracked->program);
  if (result == 0 && left->node && right->node) result = strcmp(left->node->name, right->node->name);
  if (result != 0) return result;
  if (left->tracked->name.pid != right->tracked->name.pid)
    return left->tracked->name.pid < right->tracked->name.pid ? -1 : 1;
  return left->tracked->name.image < right->tracked->name.image
             ? -1
             : left->tracked->name.image > right->tracked->name.image;
}
