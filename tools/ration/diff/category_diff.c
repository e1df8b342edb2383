/*
 * category_diff.c: rows by name, changes, order.
 */
#include "diff/category_diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add_side(struct category_diff *diff, const struct snapshot *snapshot,
                     const struct selection *selection, bool is_after);
static struct category_change *find_or_add(struct category_diff *diff, const char *name);
static struct category_side side_of(const struct snapshot *snapshot, const struct selection *selection,
                                    uint32_t id, uint32_t root);
static struct category_side sum_of(const struct snapshot *snapshot, const struct selection *selection);
static void judge(struct category_change *change, enum measure measure, uint64_t doubt_bytes);
static uint64_t distance(uint64_t a, uint64_t b);
static int compare_changes(const void *a, const void *b);

const char *change_word(enum change change) {
  static const char *const words[] = {
      [CHANGE_NONE] = "same", [CHANGE_GROWN] = "grown", [CHANGE_SHRUNK] = "shrunk",
      [CHANGE_NEW] = "new",   [CHANGE_GONE] = "gone",   [CHANGE_UNCLEAR] = "unclear"};
  return words[change];
}

int category_diff_make(const struct process *before, const struct process *after,
                       const struct selection *selection, enum measure measure, uint64_t doubt_bytes,
                       struct category_diff *ret_diff) {
  struct category_diff diff = {.measure = measure};
  diff.category = calloc(2 * RATION_CATEGORY_IDS, sizeof *diff.category);
  if (!diff.category) return -ENOMEM;
  add_side(&diff, &before->snapshot, selection, false);
  add_side(&diff, &after->snapshot, selection, true);
  for (size_t i = 0; i < diff.count; i++) judge(&diff.category[i], measure, doubt_bytes);
  qsort(diff.category, diff.count, sizeof *diff.category, compare_changes);
  diff.total = (struct category_change){.name = selection->category ? selection->category : "total",
                                        .before = sum_of(&before->snapshot, selection),
                                        .after = sum_of(&after->snapshot, selection)};
  judge(&diff.total, measure, doubt_bytes);
  *ret_diff = diff;
  return 0;
}

void category_diff_free(struct category_diff *diff) {
  free(diff->category);
  *diff = (struct category_diff){0};
}

/* Those that have a row: what is folded into another is in its figures. */
static void add_side(struct category_diff *diff, const struct snapshot *snapshot,
                     const struct selection *selection, bool is_after) {
  uint32_t root = selection_root(selection, snapshot);
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    if (selection_row(selection, snapshot, id) != id) continue;
    struct category_change *row = find_or_add(diff, snapshot->categories[id].name);
    struct category_side *side = is_after ? &row->after : &row->before;
    *side = side_of(snapshot, selection, id, root);
  }
}

static struct category_change *find_or_add(struct category_diff *diff, const char *name) {
  for (size_t i = 0; i < diff->count; i++)
    if (strcmp(diff->category[i].name, name) == 0) return &diff->category[i];
  diff->category[diff->count] = (struct category_change){.name = name};
  return &diff->category[diff->count++];
}

static struct category_side side_of(const struct snapshot *snapshot, const struct selection *selection,
                                    uint32_t id, uint32_t root) {
  const struct category_figures *category = &snapshot->categories[id];
  bool is_fold = selection_folds(selection, snapshot, id, root);
  return (struct category_side){true, is_fold ? category->subtree : category->own};
}

static struct category_side sum_of(const struct snapshot *snapshot, const struct selection *selection) {
  uint32_t root = selection_root(selection, snapshot);
  if (root == 0) return (struct category_side){.is_there = false};
  if (root == RATION_CATEGORY_TOTAL) return (struct category_side){true, snapshot->total};
  return (struct category_side){true, snapshot->categories[root].subtree};
}

static void judge(struct category_change *change, enum measure measure, uint64_t doubt_bytes) {
  change->value_before = measure_value(measure, &change->before.figures);
  change->value = measure_value(measure, &change->after.figures);
  uint64_t before = change->value_before, after = change->value;
  if (before == after) {
    change->change = CHANGE_NONE;
  } else if (distance(before, after) <= doubt_bytes) {
    change->change = CHANGE_UNCLEAR;
  } else if (before == 0 || after == 0) {
    change->change = before == 0 ? CHANGE_NEW : CHANGE_GONE;
  } else {
    change->change = after > before ? CHANGE_GROWN : CHANGE_SHRUNK;
  }
}

static uint64_t distance(uint64_t a, uint64_t b) {
  return a > b ? a - b : b - a;
}

static int compare_changes(const void *a, const void *b) {
  const struct category_change *left = a, *right = b;
  uint64_t of_left = distance(left->value_before, left->value);
  uint64_t of_right = distance(right->value_before, right->value);
  if (of_left != of_right) return of_left < of_right ? 1 : -1;
  return strcmp(left->name, right->name);
}
