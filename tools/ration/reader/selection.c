/*
 * selection.c: what a selection means for the categories of one process.
 */
#include "reader/selection.h"

#include <string.h>

const struct selection selection_all = {.depth = UINT32_MAX};

uint32_t selection_root(const struct selection *selection, const struct snapshot *snapshot) {
  if (!selection->category) return snapshot->category_count > 0 ? RATION_CATEGORY_TOTAL : 0;
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    if (strcmp(snapshot->categories[id].name, selection->category) == 0) return id;
  }
  return 0;
}

bool selection_is_below(const struct snapshot *snapshot, uint32_t id, uint32_t root) {
  while (id != 0 && id != root) id = snapshot->categories[id].parent;
  return root != 0 && id == root;
}

bool selection_folds(const struct selection *selection, const struct snapshot *snapshot, uint32_t id,
                     uint32_t root) {
  return id == root ? snapshot->categories[id].depth >= selection->depth
                    : snapshot->categories[id].depth == selection->depth;
}

uint32_t selection_row(const struct selection *selection, const struct snapshot *snapshot, uint32_t id) {
  uint32_t root = selection_root(selection, snapshot), row = id, at = id;
  if (root == 0) return 0;
  while (at != 0) {
    if (selection_folds(selection, snapshot, at, root)) row = at;
    if (at == root) return row;
    at = snapshot->categories[at].parent;
  }
  return 0;
}
