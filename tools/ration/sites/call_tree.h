/*
 * call_tree.h: sites put together by what their stacks have in common: from the outermost frame inward (who calls whom),
 * or from the function that allocates outward (who is called by whom).
 */
#ifndef RATION_TOOL_SITES_CALL_TREE_H
#define RATION_TOOL_SITES_CALL_TREE_H

#include "sites/stack.h"

struct call_node {
  char *name; /* allocated; NULL: the root */
  double weight;
  double own;              /* of stacks that end here */
  struct call_node *child; /* the first; the heaviest first, once sorted */
  struct call_node *next;  /* sibling */
};

/* Adds a stack. Returns 0 or -ENOMEM. `is_inverted`: from the innermost frame. */
int call_tree_add(struct call_node *root, const struct stack *stack, bool is_inverted, double weight);

/* The heaviest first, at every node. */
void call_tree_sort(struct call_node *root);

/* All below the root, which is the caller's. */
void call_tree_free(struct call_node *root);

#endif
