/*
 * call_tree_view.c: a line a function. Where there is one way on, it stands below without a further indentation, so that
 * deep stacks stay on the screen; where there are several, each begins with a dash.
 */
#include "view/call_tree_view.h"

#include <stdio.h>

#include "base/whole.h"
#include "sites/short_name.h"
#include "view/units.h"

#define LEAST_SHARE   0.005
#define DEEPEST_SHOWN 60 /* columns of indentation */
#define WEIGHT_BYTES  32

static void weight_words(double weight, enum site_order order, char ret_words[WEIGHT_BYTES]) {
  uint64_t number = whole_of(weight);
  bool is_count = order == SITES_BY_TEMPORARY || order == SITES_BY_COUNT;
  struct words words = is_count ? units_count(number) : units_bytes(number);
  snprintf(ret_words, WEIGHT_BYTES, "%.31s", words.chars);
}

static void show_node(struct emitter *emitter, const struct call_node *node, double whole,
                      enum site_order order, unsigned depth, bool is_one_of_some) {
  char weight[WEIGHT_BYTES], name[SHORT_NAME_BYTES], line[SHORT_NAME_BYTES + DEEPEST_SHOWN + 100];
  weight_words(node->weight, order, weight);
  short_name(node->name, name);
  snprintf(line, sizeof line, "%6.1f %%  %10s  %*s%s%s", 100 * node->weight / whole, weight, (int)depth, "",
           is_one_of_some ? "- " : "", name);
  emitter_text_line(emitter, "", line);
}

static void show_children(struct emitter *emitter, const struct call_node *parent, double whole,
                          enum site_order order, unsigned depth) {
  size_t shown = 0;
  for (const struct call_node *child = parent->child; child; child = child->next)
    if (child->weight >= LEAST_SHARE * whole) shown++;
  unsigned inside = shown > 1 && depth < DEEPEST_SHOWN ? depth + 2 : depth;
  for (const struct call_node *child = parent->child; child; child = child->next) {
    if (child->weight < LEAST_SHARE * whole) continue;
    show_node(emitter, child, whole, order, depth, shown > 1);
    show_children(emitter, child, whole, order, inside);
  }
}

void call_tree_view(struct emitter *emitter, struct call_node *root, enum site_order order) {
  if (emitter_is_json(emitter) || root->weight <= 0) return;
  call_tree_sort(root);
  show_children(emitter, root, root->weight, order, 0);
}
