/*
 * call_tree.c: nodes with lists of children. A tree is as deep as a stack with all its inlined
 * frames: STACK_FRAMES_MOST, so recursion is fine.
 */
#include "sites/call_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct call_node *child_named(struct call_node *parent, const char *name) {
  for (struct call_node *child = parent->child; child; child = child->next)
    if (strcmp(child->name, name) == 0) return child;
  struct call_node *child = calloc(1, sizeof *child);
  if (!child) return NULL;
  child->name = strdup(name);
  if (!child->name) {
    free(child);
    return NULL;
  }
  child->next = parent->child;
  parent->child = child;
  return child;
}

int call_tree_add(struct call_node *root, const struct stack *stack, bool is_inverted, double weight) {
  struct call_node *node = root;
  char place[STACK_PLACE_BYTES];
  node->weight += weight;
  for (size_t i = 0; i < stack->count; i++) {
    const struct stack_frame *frame = &stack->frame[is_inverted ? i : stack->count - 1 - i];
    node = child_named(node, stack_frame_name(frame, place));
    if (!node) return -ENOMEM;
    node->weight += weight;
  }
  node->own += weight;
  return 0;
}

static int compare_nodes(const void *a, const void *b) {
  const struct call_node *left = *(struct call_node *const *)a, *right = *(struct call_node *const *)b;
  if (left->weight != right->weight) return left->weight > right->weight ? -1 : 1;
  return strcmp(left->name, right->name);
}

/* Where there is no memory for it, the order stays as it is. */
static void sort_children(struct call_node *parent) {
  size_t count = 0, i = 0;
  for (const struct call_node *child = parent->child; child; child = child->next) count++;
  struct call_node **children = count > 1 ? malloc(count * sizeof(struct call_node *)) : NULL;
  if (!children) return;
  for (struct call_node *child = parent->child; child; child = child->next) children[i++] = child;
  qsort(children, count, sizeof *children, compare_nodes);
  parent->child = children[0];
  for (i = 0; i < count; i++) children[i]->next = i + 1 < count ? children[i + 1] : NULL;
  free(children);
}

void call_tree_sort(struct call_node *root) {
  sort_children(root);
  for (struct call_node *child = root->child; child; child = child->next) call_tree_sort(child);
}

void call_tree_free(struct call_node *root) {
  for (struct call_node *child = root->child, *next; child; child = next) {
    next = child->next;
    call_tree_free(child);
    free(child->name);
    free(child);
  }
  root->child = NULL;
}
