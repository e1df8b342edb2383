/*
 * rows.c: processes are sorted, then of each the categories, which are walked from the root down.
 */
#include "top/rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of one process. */
struct walk {
  struct rows *rows;
  const struct rows_wishes *wishes;
  struct tracked *tracked;
  size_t count;
  uint32_t id[RATION_CATEGORY_IDS];     /* of those that are shown, sorted */
  bool is_wanted[RATION_CATEGORY_IDS];  /* by id: it, or one below it, passes the filter */
  bool is_matched[RATION_CATEGORY_IDS]; /* by id: it, or one above it, does */
};

static int add_process(struct walk *walk, struct tracked *tracked);
static void choose(struct walk *walk);
static bool fits(const char *name, const char *filter);
static bool process_fits(const struct tracked *tracked, const char *filter);
static int add_below(struct walk *walk, uint32_t parent, uint32_t depth, uint32_t rails);
static int add_row(struct rows *rows, struct row row);
static bool has_below(const struct walk *walk, uint32_t parent);
static int compare_processes(const void *a, const void *b, void *context);
static int compare_nodes(const void *a, const void *b, void *context);

int rows_make(struct rows *rows, struct tracked *const *tracked, size_t count,
              const struct rows_wishes *wishes) {
  struct rows made = {.room = 0};
  struct walk *walk = malloc(sizeof *walk);
  struct tracked **sorted = malloc((count + 1) * sizeof *sorted);
  int error = walk && sorted ? 0 : -ENOMEM;
  if (!error && count > 0) {
    memcpy(sorted, tracked, count * sizeof *sorted);
    struct order order = wishes->order;
    qsort_r(sorted, count, sizeof *sorted, compare_processes, &order);
  }
  for (size_t i = 0; i < count && !error; i++) {
    *walk = (struct walk){.rows = &made, .wishes = wishes};
    error = add_process(walk, sorted[i]);
  }
  free(sorted);
  free(walk);
  if (error) {
    rows_free(&made);
    return error;
  }
  rows_free(rows);
  *rows = made;
  return 0;
}

void rows_free(struct rows *rows) {
  free(rows->row);
  *rows = (struct rows){.row = NULL};
}

struct node *row_node(const struct row *row) {
  return row->id <= row->tracked->node_count ? &row->tracked->nodes[row->id] : NULL;
}

size_t rows_find(const struct rows *rows, const struct tracked *tracked, uint32_t id) {
  for (size_t i = 0; i < rows->count; i++)
    if (rows->row[i].tracked == tracked && rows->row[i].id == id) return i;
  return rows->count;
}

size_t rows_parent(const struct rows *rows, size_t at) {
  uint32_t depth = rows->row[at].depth;
  while (at > 0 && depth > 0 && rows->row[at].depth >= depth) at--;
  return at;
}

/* ---- one process ----------------------------------------------------------------------------------------- */

static int add_process(struct walk *walk, struct tracked *tracked) {
  walk->tracked = tracked;
  choose(walk);
  if (!walk->is_wanted[RATION_CATEGORY_TOTAL]) return 0;
  struct node *root = tracked_root(tracked);
  bool is_folded = root && root->is_folded && !*walk->wishes->filter;
  struct row row = {.tracked = tracked, .id = RATION_CATEGORY_TOTAL};
  row.is_folded = is_folded && has_below(walk, RATION_CATEGORY_TOTAL);
  int error = add_row(walk->rows, row);
  return error || is_folded ? error : add_below(walk, RATION_CATEGORY_TOTAL, 1, 0);
}

/* Of a process that fits all is shown, and of a category that does all below it. */
static void choose(struct walk *walk) {
  const struct tracked *tracked = walk->tracked;
  const char *filter = walk->wishes->filter;
  walk->is_matched[RATION_CATEGORY_TOTAL] = process_fits(tracked, filter);
  walk->is_wanted[RATION_CATEGORY_TOTAL] = walk->is_matched[RATION_CATEGORY_TOTAL];
  for (uint32_t id = RATION_CATEGORY_TOTAL + 1; id <= tracked->node_count; id++) {
    const struct node *node = &tracked->nodes[id];
    bool is_below = node->parent < id && walk->is_matched[node->parent];
    walk->is_matched[id] = is_below || fits(node->name, filter);
    if (!node->is_used || !walk->is_matched[id]) continue;
    for (uint32_t at = id; at > 0; at = tracked->nodes[at].parent) walk->is_wanted[at] = true;
  }
  for (uint32_t id = RATION_CATEGORY_TOTAL + 1; id <= tracked->node_count; id++)
    if (walk->is_wanted[id]) walk->id[walk->count++] = id;
  qsort_r(walk->id, walk->count, sizeof *walk->id, compare_nodes, walk);
}

static bool fits(const char *name, const char *filter) {
  return strcasestr(name, filter) != NULL;
}

static bool process_fits(const struct tracked *tracked, const char *filter) {
  char pid[16];
  snprintf(pid, sizeof pid, "%u", tracked->name.pid);
  return fits(tracked->program, filter) || fits(pid, filter);
}

static int add_below(struct walk *walk, uint32_t parent, uint32_t depth, uint32_t rails) {
  uint32_t last = 0;
  for (size_t i = 0; i < walk->count; i++)
    if (walk->tracked->nodes[walk->id[i]].parent == parent) last = walk->id[i];
  int error = 0;
  for (size_t i = 0; i < walk->count && !error; i++) {
    uint32_t id = walk->id[i], bit = depth < ROW_DEPTH_MOST ? UINT32_C(1) << depth : 0;
    const struct node *node = &walk->tracked->nodes[id];
    if (node->parent != parent) continue;
    uint32_t own = id == last ? rails : rails | bit;
    bool is_folded = node->is_folded && !*walk->wishes->filter && has_below(walk, id);
    struct row row = {walk->tracked, id, depth, own, is_folded};
    error = add_row(walk->rows, row);
    if (!error && !is_folded) error = add_below(walk, id, depth + 1, own);
  }
  return error;
}

static bool has_below(const struct walk *walk, uint32_t parent) {
  for (size_t i = 0; i < walk->count; i++)
    if (walk->tracked->nodes[walk->id[i]].parent == parent) return true;
  return false;
}

static int add_row(struct rows *rows, struct row row) {
  if (rows->count == rows->room) {
    size_t room = rows->room ? 2 * rows->room : 64;
    struct row *grown = realloc(rows->row, room * sizeof *grown);
    if (!grown) return -ENOMEM;
    rows->row = grown;
    rows->room = room;
  }
  rows->row[rows->count++] = row;
  return 0;
}

/* Those that have ended stand last. */
static int compare_processes(const void *a, const void *b, void *context) {
  struct tracked *const *left = a, *const *right = b;
  if ((*left)->is_alive != (*right)->is_alive) return (*left)->is_alive ? -1 : 1;
  struct ordered x = {*left, tracked_root(*left)}, y = {*right, tracked_root(*right)};
  return order_compare(context, &x, &y);
}

static int compare_nodes(const void *a, const void *b, void *context) {
  const struct walk *walk = context;
  const uint32_t *left = a, *right = b;
  struct ordered x = {walk->tracked, &walk->tracked->nodes[*left]},
                 y = {walk->tracked, &walk->tracked->nodes[*right]};
  return order_compare(&walk->wishes->order, &x, &y);
}
