/*
 * category_view.c: the fields of a category, which categories get a row, and in which order.
 *
 * A row has a category's own figures. With --tree, or where others are folded into it, it has those of its subtree,
 * whose peak is the peak of the sum: the highest that it ever had together with all that lies below it.
 */
#include "view/category_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDENTED_AT_MOST 16 /* a hostile segment may nest deeper than any category does */
#define ROW_NAME_BYTES   (2 * INDENTED_AT_MOST + RATION_CATEGORY_NAME_BYTES + 8)

struct category_record {
  const char *name;
  const char *row_name; /* see name_row */
  struct figures own;
  struct figures subtree;
  int64_t own_growth[GROWTH_WINDOWS];
  int64_t subtree_growth[GROWTH_WINDOWS];
};

/* A category in the table. */
struct row {
  uint32_t id;
  struct category_record record;
};

/* What is shown of a process, in which order. */
struct page {
  const struct snapshot *snapshot;
  const struct selection *selection;
  uint32_t root; /* 0: the process has no such category */
  size_t count;
  struct row rows[RATION_CATEGORY_IDS];
  bool is_taken[RATION_CATEGORY_IDS]; /* by id: the tree has been there */
  bool has_refused;                   /* a column is needed for that */
};

#define CATEGORY(member) offsetof(struct category_record, member)

static const struct field category_name[] = {
    {.name = "name", .kind = FIELD_NAME, .offset = CATEGORY(name)},
};
static const struct field category_row_name[] = {
    {.kind = FIELD_NAME, .offset = CATEGORY(row_name), .heading = "CATEGORY"},
};
static const struct field own_allocations = {
    .name = "allocations", .kind = FIELD_COUNT, .offset = CATEGORY(own.allocations)};
static const struct field own_figures[] = {
    {.name = "live_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(own.live_bytes), .heading = "LIVE"},
    {.name = "live_blocks", .kind = FIELD_COUNT, .offset = CATEGORY(own.live_blocks)},
    {.name = "peak_bytes",
     .kind = FIELD_BYTES,
     .offset = CATEGORY(own.peak_bytes),
     .heading = "PEAK",
     .has_bar = true},
    {.name = "peak_error_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(own.peak_error_bytes)},
    {.name = "allocations",
     .kind = FIELD_COUNT,
     .offset = CATEGORY(own.allocations),
     .heading = "ALLOCATIONS"},
    {.name = "frees",
     .kind = FIELD_COUNT,
     .offset = CATEGORY(own.frees),
     .heading = "FREED",
     .of = &own_allocations},
    {.name = "reallocations", .kind = FIELD_COUNT, .offset = CATEGORY(own.reallocations)},
    {.name = "allocated_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(own.allocated_bytes)},
    {.name = "requested_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(own.requested_bytes)},
    {.name = "refused", .kind = FIELD_COUNT, .offset = CATEGORY(own.refused)},
};
static const struct field refused_cell = {
    .kind = FIELD_COUNT, .offset = CATEGORY(own.refused), .heading = "REFUSED"};
static const struct field subtree_figures[] = {
    {.name = "subtree_live_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(subtree.live_bytes)},
    {.name = "subtree_live_blocks", .kind = FIELD_COUNT, .offset = CATEGORY(subtree.live_blocks)},
    {.name = "subtree_peak_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(subtree.peak_bytes)},
    {.name = "subtree_peak_error_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(subtree.peak_error_bytes)},
    {.name = "subtree_allocations", .kind = FIELD_COUNT, .offset = CATEGORY(subtree.allocations)},
    {.name = "subtree_frees", .kind = FIELD_COUNT, .offset = CATEGORY(subtree.frees)},
    {.name = "subtree_reallocations", .kind = FIELD_COUNT, .offset = CATEGORY(subtree.reallocations)},
    {.name = "subtree_allocated_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(subtree.allocated_bytes)},
    {.name = "subtree_requested_bytes", .kind = FIELD_BYTES, .offset = CATEGORY(subtree.requested_bytes)},
    {.name = "subtree_refused", .kind = FIELD_COUNT, .offset = CATEGORY(subtree.refused)},
};

/* By windows of time; in text once they are known. */
static const struct field own_growth[GROWTH_WINDOWS] = {
    {.name = "growth_5m_bytes_per_hour",
     .kind = FIELD_RATE,
     .offset = CATEGORY(own_growth[0]),
     .heading = "GROWTH 5m"},
    {.name = "growth_6h_bytes_per_hour",
     .kind = FIELD_RATE,
     .offset = CATEGORY(own_growth[1]),
     .heading = "GROWTH 6h"},
};
static const struct field subtree_growth[GROWTH_WINDOWS] = {
    {.name = "subtree_growth_5m_bytes_per_hour", .kind = FIELD_RATE, .offset = CATEGORY(subtree_growth[0])},
    {.name = "subtree_growth_6h_bytes_per_hour", .kind = FIELD_RATE, .offset = CATEGORY(subtree_growth[1])},
};

/* All of JSON, in its order: what conditions can be about is this, too. */
static const struct {
  const struct field *fields;
  size_t count;
} figure_tables[] = {
    {FIELDS(own_figures)}, {FIELDS(own_growth)}, {FIELDS(subtree_figures)}, {FIELDS(subtree_growth)}};

static void add_all(struct page *page);
static void add_subtree(struct page *page, uint32_t id);
static uint32_t next_child(const struct page *page, uint32_t id);
static void add_row(struct page *page, uint32_t id);
static bool is_folded_away(const struct page *page, uint32_t id);
static int compare_peaks(const void *a, const void *b);
static void emit_row(struct emitter *emitter, const struct page *page, const struct row *row);
static void take_subtree(struct category_record *record);
static void name_row(const struct page *page, uint32_t id, char ret_name[ROW_NAME_BYTES]);
static bool is_shown(const struct page *page, uint32_t id, const struct figures *figures);
static bool is_worth_a_row(const struct figures *figures);
static void emit_sum(struct emitter *emitter, const struct page *page);
static void emit_fields(struct emitter *emitter, const struct category_record *record);
static void add_growth(struct category_record *record, const struct snapshot *snapshot, uint32_t id,
                       bool is_fold);
static void emit_cells(struct emitter *emitter, const struct page *page, enum row_kind kind,
                       const struct category_record *record);
static struct category_record record_of_total(const struct snapshot *snapshot);

void category_view_table(struct emitter *emitter, const struct snapshot *snapshot,
                         const struct selection *selection) {
  struct page page = {
      .snapshot = snapshot, .selection = selection, .root = selection_root(selection, snapshot)};
  page.has_refused = snapshot->categories[page.root].subtree.refused > 0;
  if (selection->is_tree && page.root != 0) {
    add_subtree(&page, page.root);
  } else {
    add_all(&page);
  }
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "categories");
  for (size_t i = 0; i < page.count; i++) emit_row(emitter, &page, &page.rows[i]);
  emitter_end(emitter);
  emit_sum(emitter, &page);
  emitter_end_table(emitter);
}

void category_view_total(struct emitter *emitter, const struct snapshot *snapshot) {
  struct category_record total = record_of_total(snapshot);
  emitter_cells(emitter, ROW_PLAIN, FIELDS(own_figures), &total);
}

void category_view_figures(struct emitter *emitter, const struct figures *figures) {
  struct category_record record = {.own = *figures};
  emitter_fields(emitter, FIELDS(own_figures), &record);
}

const struct field *category_view_figure(size_t number) {
  for (size_t i = 0; i < sizeof figure_tables / sizeof *figure_tables; i++) {
    if (number < figure_tables[i].count) return &figure_tables[i].fields[number];
    number -= figure_tables[i].count;
  }
  return NULL;
}

bool category_view_value(const struct field *figure, const struct snapshot *snapshot, uint32_t id,
                         uint64_t *ret_value) {
  const struct category_figures *category = &snapshot->categories[id];
  struct category_record record = {
      .name = category->name, .own = category->own, .subtree = category->subtree};
  if (id == RATION_CATEGORY_TOTAL)
    record = record_of_total(snapshot);
  else
    add_growth(&record, snapshot, id, false);
  if (field_is_null(figure, &record)) return false;
  *ret_value = field_number(figure, &record);
  return true;
}

/* The largest first. */
static void add_all(struct page *page) {
  for (uint32_t id = 1; id <= page->snapshot->category_count; id++) {
    if (selection_is_below(page->snapshot, id, page->root)) add_row(page, id);
  }
  qsort(page->rows, page->count, sizeof *page->rows, compare_peaks);
}

/* Each before those below it; of those, the largest first. */
static void add_subtree(struct page *page, uint32_t id) {
  add_row(page, id);
  page->is_taken[id] = true;
  for (uint32_t child; (child = next_child(page, id));) add_subtree(page, child);
}

/* The largest where the tree has not been yet; 0: none. */
static uint32_t next_child(const struct page *page, uint32_t id) {
  const struct category_figures *categories = page->snapshot->categories;
  uint32_t largest = 0;
  for (uint32_t child = 1; child <= page->snapshot->category_count; child++) {
    if (categories[child].parent != id || page->is_taken[child]) continue;
    uint64_t peak = categories[child].subtree.peak_bytes;
    if (largest == 0 || peak > categories[largest].subtree.peak_bytes) largest = child;
  }
  return largest;
}

static void add_row(struct page *page, uint32_t id) {
  const struct category_figures *category = &page->snapshot->categories[id];
  if (is_folded_away(page, id)) return;
  /* The root without blocks of its own: its object says it all. */
  if (id == RATION_CATEGORY_TOTAL && !is_worth_a_row(&category->own)) return;
  bool is_fold = selection_folds(page->selection, page->snapshot, id, page->root);
  page->rows[page->count++] = (struct row){.id = id,
                                           .record = {.name = category->name,
                                                      .own = is_fold ? category->subtree : category->own,
                                                      .subtree = category->subtree}};
  add_growth(&page->rows[page->count - 1].record, page->snapshot, id, is_fold);
}

static bool is_folded_away(const struct page *page, uint32_t id) {
  for (uint32_t at = id; at != page->root;) {
    at = page->snapshot->categories[at].parent;
    if (selection_folds(page->selection, page->snapshot, at, page->root)) return true;
  }
  return false;
}

/* Equal ones as they came into being. */
static int compare_peaks(const void *a, const void *b) {
  const struct row *left = a, *right = b;
  uint64_t left_peak = left->record.own.peak_bytes, right_peak = right->record.own.peak_bytes;
  if (left_peak != right_peak) return left_peak < right_peak ? 1 : -1;
  return left->id < right->id ? -1 : left->id > right->id;
}

static void emit_row(struct emitter *emitter, const struct page *page, const struct row *row) {
  emitter_begin_object(emitter, NULL);
  emit_fields(emitter, &row->record);
  emitter_end(emitter);
  char name[ROW_NAME_BYTES];
  struct category_record record = row->record;
  if (page->selection->is_tree) take_subtree(&record);
  if (!is_shown(page, row->id, &record.own)) return;
  name_row(page, row->id, name);
  record.row_name = name;
  emit_cells(emitter, page, ROW_PLAIN, &record);
}

static void take_subtree(struct category_record *record) {
  record->own = record->subtree;
  memcpy(record->own_growth, record->subtree_growth, sizeof record->own_growth);
}

/* The uppermost must not be taken for the sum; in a tree, a name stands below the one that it goes on from. */
static void name_row(const struct page *page, uint32_t id, char ret_name[ROW_NAME_BYTES]) {
  const struct category_figures *category = &page->snapshot->categories[id];
  const char *slash = strrchr(category->name, '/');
  unsigned below = category->depth - page->snapshot->categories[page->root].depth;
  unsigned indented = below > INDENTED_AT_MOST ? INDENTED_AT_MOST : below;
  if (id == page->root) {
    snprintf(ret_name, ROW_NAME_BYTES, "%s itself", category->name);
  } else if (page->selection->is_tree && below > 1) {
    snprintf(ret_name, ROW_NAME_BYTES, "%*s%s", 2 * ((int)indented - 1), "",
             slash ? slash + 1 : category->name);
  } else {
    snprintf(ret_name, ROW_NAME_BYTES, "%s", category->name);
  }
}

/* What stands in the sum alone needs no row of its own. */
static bool is_shown(const struct page *page, uint32_t id, const struct figures *figures) {
  bool is_sum = page->selection->is_tree || (page->count == 1 && id > RATION_CATEGORY_TOTAL) ||
                selection_folds(page->selection, page->snapshot, id, page->root);
  return is_worth_a_row(figures) && !(id == page->root && is_sum);
}

static bool is_worth_a_row(const struct figures *figures) {
  return figures->allocations > 0 || figures->live_bytes > 0 || figures->refused > 0;
}

/* JSON always has the whole process's; text ends with the sum of what it has shown. */
static void emit_sum(struct emitter *emitter, const struct page *page) {
  struct category_record sum = record_of_total(page->snapshot);
  emitter_begin_object(emitter, "total");
  emit_fields(emitter, &sum);
  emitter_end(emitter);
  if (page->root > RATION_CATEGORY_TOTAL) {
    const struct category_figures *root = &page->snapshot->categories[page->root];
    sum = (struct category_record){.row_name = root->name, .own = root->subtree};
    add_growth(&sum, page->snapshot, page->root, true);
  }
  emit_cells(emitter, page, ROW_SUM, &sum);
}

static void emit_fields(struct emitter *emitter, const struct category_record *record) {
  emitter_fields(emitter, FIELDS(category_name), record);
  for (size_t i = 0; i < sizeof figure_tables / sizeof *figure_tables; i++)
    emitter_fields(emitter, figure_tables[i].fields, figure_tables[i].count, record);
}

/* `id` 0: the sum over all categories. Of a process that is younger than a window, nothing is known. */
static void add_growth(struct category_record *record, const struct snapshot *snapshot, uint32_t id,
                       bool is_fold) {
  for (size_t i = 0; i < GROWTH_WINDOWS; i++) {
    const struct category_growth *growth = &snapshot->growth.of[i][id];
    bool is_known = snapshot->growth.is_known[i];
    record->own_growth[i] = !is_known ? FIELD_UNKNOWN : is_fold ? growth->subtree : growth->own;
    record->subtree_growth[i] = is_known ? growth->subtree : FIELD_UNKNOWN;
  }
}

static void emit_cells(struct emitter *emitter, const struct page *page, enum row_kind kind,
                       const struct category_record *record) {
  emitter_row(emitter);
  emitter_cells(emitter, kind, FIELDS(category_row_name), record);
  emitter_cells(emitter, kind, FIELDS(own_figures), record);
  if (page->has_refused) emitter_cells(emitter, kind, &refused_cell, 1, record);
  for (size_t i = 0; i < GROWTH_WINDOWS; i++)
    if (page->snapshot->growth.is_known[i]) emitter_cells(emitter, kind, &own_growth[i], 1, record);
}

/* The sum over all categories, beside what total's own books say of its subtree. */
static struct category_record record_of_total(const struct snapshot *snapshot) {
  struct category_record record = {.name = "total",
                                   .row_name = "total",
                                   .own = snapshot->total,
                                   .subtree = snapshot->categories[RATION_CATEGORY_TOTAL].subtree};
  add_growth(&record, snapshot, 0, false);
  return record;
}
