/*
 * timeline_plot.c: which categories get a line, and how the lines are laid out.
 *
 *   CATEGORY       MOST
 *   total     148.3 MiB ┤  ▂▄▆█▆▄▂        the sum of what is selected, in several lines
 *                       │▄█████████▅▁
 *                   0 B └┬────┬────┬─
 *                        0 s  5 s  10 s
 *   cache     148.0 MiB  ▁▂▃▅▇█▇▅▃▂▁      each by a scale of its own
 */
#include "view/timeline_plot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/escape.h"
#include "view/plot.h"

#define ROWS_MOST   10
#define SUM_LINES   6
#define NAME_LEAST  12 /* columns that a name may have in any case */
#define BYTES_WIDTH 9  /* "148.3 MiB" */
#define NAME_BYTES  (4 * RATION_CATEGORY_NAME_BYTES + 64)
#define LINE_BYTES  1024

struct row {
  uint32_t id; /* 0: of several, that have no row of their own */
  char name[NAME_BYTES];
  struct chart_row chart;
};

/* What is shown. */
struct page {
  const struct snapshot *snapshot;
  const struct selection *selection;
  const struct timeline *timeline;
  struct time_axis axis;
  uint32_t root;
  size_t name_width;
  struct row sum;
  size_t count;
  struct row rows[RATION_CATEGORY_IDS + 1];
};

static void find_rows(struct page *page);
static void add_row(struct page *page, uint32_t id);
static bool is_part(const struct page *page, uint32_t id, uint32_t row);
static int compare_most(const void *a, const void *b);
static void keep_largest(struct page *page);
static void name_row(const struct page *page, struct row *row);
static void lay_out(struct page *page, unsigned columns);
static void cut_name(char *name, size_t width);
static void emit_rows(struct emitter *emitter, const struct page *page);
static void emit_tree(struct emitter *emitter, const struct page *page, uint32_t parent);
static void emit_sum(struct emitter *emitter, const struct page *page);
static void emit_axis(struct emitter *emitter, const struct page *page);
static void emit_row(struct emitter *emitter, const struct page *page, const struct row *row);
static void emit_line(struct emitter *emitter, const struct page *page, const char *name, const char *bytes,
                      const char *plot);
static void emit_notes(struct emitter *emitter, const struct page *page);

void timeline_plot(struct emitter *emitter, const struct process *process, const struct timeline *timeline,
                   const struct time_axis *axis, unsigned columns, const struct selection *selection) {
  const struct snapshot *snapshot = &process->snapshot;
  struct page *page = calloc(1, sizeof *page);
  if (!page) {
    emitter_text_line(emitter, "  ", "not enough memory to plot its timeline");
    return;
  }
  page->snapshot = snapshot;
  page->selection = selection;
  page->timeline = timeline;
  page->axis = *axis;
  page->root = selection_root(selection, snapshot);
  find_rows(page);
  keep_largest(page);
  lay_out(page, columns);
  emit_line(emitter, page, "CATEGORY", "MOST", "");
  emit_sum(emitter, page);
  emit_axis(emitter, page);
  if (selection->is_tree) {
    emit_tree(emitter, page, page->root);
  } else {
    emit_rows(emitter, page);
  }
  emit_notes(emitter, page);
  free(page);
}

/* ---- which rows ----------------------------------------------------------------------------------------- */

static void find_rows(struct page *page) {
  page->sum.id = page->root;
  for (uint32_t id = 1; id <= page->snapshot->category_count; id++) {
    page->sum.chart.has[id] = selection_is_below(page->snapshot, id, page->root);
    if (page->sum.chart.has[id] && selection_row(page->selection, page->snapshot, id) == id)
      add_row(page, id);
  }
  chart_fill(&page->sum.chart, page->timeline, &page->axis);
}

/* One that had nothing, or all, needs none: the sum says it. */
static void add_row(struct page *page, uint32_t id) {
  struct row *row = &page->rows[page->count];
  bool is_all = id == page->root &&
                (page->selection->is_tree || page->snapshot->categories[id].depth >= page->selection->depth);
  memset(row, 0, sizeof *row);
  row->id = id;
  for (uint32_t part = 1; part <= page->snapshot->category_count; part++)
    row->chart.has[part] = is_part(page, part, id);
  chart_fill(&row->chart, page->timeline, &page->axis);
  if (row->chart.most > 0 && !is_all) page->count++;
}

static bool is_part(const struct page *page, uint32_t id, uint32_t row) {
  if (page->selection->is_tree) return selection_is_below(page->snapshot, id, row);
  return selection_row(page->selection, page->snapshot, id) == row;
}

/* Equal ones as they came into being: so in a tree none stands before the one above it. */
static int compare_most(const void *a, const void *b) {
  const struct row *left = a, *right = b;
  if (left->chart.most != right->chart.most) return left->chart.most < right->chart.most ? 1 : -1;
  return left->id < right->id ? -1 : left->id > right->id;
}

/* The others become one row, but in a tree, where they are part of those above them. */
static void keep_largest(struct page *page) {
  struct row *rest = &page->rows[ROWS_MOST];
  qsort(page->rows, page->count, sizeof *page->rows, compare_most);
  for (size_t i = 0; i < page->count; i++) name_row(page, &page->rows[i]);
  name_row(page, &page->sum);
  if (page->count <= ROWS_MOST) return;
  size_t others = page->count - ROWS_MOST;
  page->count = ROWS_MOST;
  if (page->selection->is_tree) return;
  page->count++;
  if (others == 1) return;
  for (size_t i = 1; i < others; i++) {
    for (size_t id = 0; id < RATION_CATEGORY_IDS; id++) rest->chart.has[id] |= rest[i].chart.has[id];
  }
  snprintf(rest->name, sizeof rest->name, "%zu others", others);
}

/* The uppermost must not be taken for the sum; in a tree, a name stands below the one that it goes on from. */
static void name_row(const struct page *page, struct row *row) {
  const struct category_figures *category = &page->snapshot->categories[row->id];
  const char *slash = strrchr(category->name, '/');
  int below = category->depth - page->snapshot->categories[page->root].depth;
  char name[4 * RATION_CATEGORY_NAME_BYTES];
  bool is_indented = page->selection->is_tree && below > 1;
  escape(is_indented && slash ? slash + 1 : category->name, name, sizeof name);
  snprintf(row->name, sizeof row->name, "%*s%s%s", is_indented ? 2 * below - 2 : 0, "", name,
           row->id == page->root && row != &page->sum ? " itself" : "");
}

/* ---- lines ---------------------------------------------------------------------------------------------- */

/* Names get what they need, a quarter of the line at most; the plot all the rest. */
static void lay_out(struct page *page, unsigned columns) {
  size_t most = columns / 4 > NAME_LEAST ? columns / 4 : NAME_LEAST;
  page->name_width = sizeof "CATEGORY" - 1;
  for (size_t i = 0; i <= page->count; i++) {
    struct row *row = i < page->count ? &page->rows[i] : &page->sum;
    cut_name(row->name, most);
    size_t width = escape_columns(row->name);
    if (width > page->name_width) page->name_width = width;
  }
  page->axis.columns = columns - (2 + page->name_width + 2 + BYTES_WIDTH + 2);
  for (size_t i = 0; i < page->count; i++) chart_fill(&page->rows[i].chart, page->timeline, &page->axis);
  chart_fill(&page->sum.chart, page->timeline, &page->axis);
}

/* The end of a path says more than its beginning. */
static void cut_name(char *name, size_t width) {
  const char *rest = name;
  if (escape_columns(name) <= width) return;
  while (escape_columns(rest) > width - 1) {
    rest++;
    while ((*rest & 0xc0) == 0x80) rest++; /* the same character */
  }
  char kept[NAME_BYTES];
  snprintf(kept, sizeof kept, "…%s", rest);
  memcpy(name, kept, strlen(kept) + 1);
}

static void emit_rows(struct emitter *emitter, const struct page *page) {
  for (size_t i = 0; i < page->count; i++) emit_row(emitter, page, &page->rows[i]);
}

/* Those below one another, the largest first. */
static void emit_tree(struct emitter *emitter, const struct page *page, uint32_t parent) {
  for (size_t i = 0; i < page->count; i++) {
    const struct row *row = &page->rows[i];
    if (page->snapshot->categories[row->id].parent != parent) continue;
    emit_row(emitter, page, row);
    emit_tree(emitter, page, row->id);
  }
}

static void emit_sum(struct emitter *emitter, const struct page *page) {
  const struct chart_row *sum = &page->sum.chart;
  for (unsigned i = 0; i < SUM_LINES; i++) {
    char plot[PLOT_BYTES(TERMINAL_COLUMNS_MOST)], marked[sizeof plot + 4];
    struct words bytes = units_bytes(i == 0 ? sum->most : sum->most / 2);
    bool has_mark = i == 0 || i == SUM_LINES / 2;
    plot_draw(sum->columns, page->axis.columns, (struct plot_line){i, SUM_LINES, sum->most}, plot);
    snprintf(marked, sizeof marked, "%s%s", has_mark ? "┤" : "│", plot);
    emit_line(emitter, page, i == 0 ? page->sum.name : "", has_mark ? bytes.chars : "", marked);
  }
}

static void emit_axis(struct emitter *emitter, const struct page *page) {
  char line[TIME_AXIS_BYTES(TERMINAL_COLUMNS_MOST)], labels[sizeof line], marked[sizeof line + 4];
  time_axis_draw(&page->axis, line, labels);
  snprintf(marked, sizeof marked, "└%s", line);
  emit_line(emitter, page, "", units_bytes(0).chars, marked);
  snprintf(marked, sizeof marked, " %s", labels);
  emit_line(emitter, page, "", "", marked);
}

static void emit_row(struct emitter *emitter, const struct page *page, const struct row *row) {
  char plot[PLOT_BYTES(TERMINAL_COLUMNS_MOST)], marked[sizeof plot + 1];
  plot_draw(row->chart.columns, page->axis.columns, (struct plot_line){0, 1, row->chart.most}, plot);
  snprintf(marked, sizeof marked, " %s", plot);
  emit_line(emitter, page, row->name, units_bytes(row->chart.most).chars, marked);
}

static void emit_line(struct emitter *emitter, const struct page *page, const char *name, const char *bytes,
                      const char *plot) {
  char line[LINE_BYTES];
  int owed = (int)(page->name_width - escape_columns(name));
  snprintf(line, sizeof line, "%s%*s  %*s%s%s", name, owed, "", BYTES_WIDTH, bytes, *plot ? " " : "", plot);
  emitter_text_line(emitter, "  ", line);
}

/* What the plot does not say. */
static void emit_notes(struct emitter *emitter, const struct page *page) {
  char line[LINE_BYTES];
  const struct category_figures *root = &page->snapshot->categories[page->root];
  uint64_t range = page->axis.to_ns - page->axis.from_ns;
  size_t points = page->timeline->count - chart_first(page->timeline, &page->axis);
  emitter_end_line(emitter);
  snprintf(line, sizeof line, "%s point%s; each column is the most within %s, each row has its own scale",
           units_count(points).chars, points == 1 ? "" : "s", units_length(range / page->axis.columns).chars);
  emitter_text_line(emitter, "  ", line);
  uint64_t surely = root->subtree.peak_bytes - root->subtree.peak_error_bytes;
  if (page->axis.from_ns > 0 || surely <= page->sum.chart.most ||
      root->subtree.peak_error_bytes > root->subtree.peak_bytes)
    return;
  snprintf(line, sizeof line, "the peak, %s, came between two points",
           units_bytes(root->subtree.peak_bytes).chars);
  emitter_text_line(emitter, "  ", line);
}
