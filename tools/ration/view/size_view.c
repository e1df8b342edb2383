/*
 * size_view.c: the classes of each category that have had a block, and how far they can be trusted.
 */
#include "view/size_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/whole.h"

#define SHOWN_MOST 5 /* categories, in text */

struct class_record {
  const char *category;
  const char *no_edge; /* NULL */
  const char *up_to;   /* in words */
  uint64_t up_to_bytes;
  uint64_t blocks, bytes, live_blocks, live_bytes;
  uint64_t all_blocks, all_bytes; /* of the category */
};

struct category_sizes {
  uint32_t id;
  struct size_classes classes;
  struct size_figures sum;
};

struct page {
  const struct snapshot *snapshot;
  const struct size_table *table;
  size_t count;
  struct category_sizes categories[RATION_CATEGORY_IDS];
};

#define CLASS(member) .offset = offsetof(struct class_record, member)

static const struct field category = {.name = "category", .kind = FIELD_NAME, CLASS(category)};
static const struct field up_to = {.name = "up_to_bytes", .kind = FIELD_BYTES, CLASS(up_to_bytes)};
static const struct field no_edge = {.name = "up_to_bytes", .kind = FIELD_NAME, CLASS(no_edge)};
static const struct field all_blocks = {.kind = FIELD_COUNT, CLASS(all_blocks)};
static const struct field all_bytes = {.kind = FIELD_BYTES, CLASS(all_bytes)};
static const struct field figures[] = {
    {.name = "blocks", .kind = FIELD_COUNT, CLASS(blocks)},
    {.name = "bytes", .kind = FIELD_BYTES, CLASS(bytes)},
    {.name = "live_blocks", .kind = FIELD_COUNT, CLASS(live_blocks)},
    {.name = "live_bytes", .kind = FIELD_BYTES, CLASS(live_bytes)},
};
static const struct field cells[] = {
    {.kind = FIELD_NAME, CLASS(up_to), .heading = "UP TO"},
    {.kind = FIELD_COUNT, CLASS(blocks), .heading = "BLOCKS"},
    {.kind = FIELD_COUNT, CLASS(blocks), .heading = "OF ALL", .of = &all_blocks},
    {.kind = FIELD_BYTES, CLASS(bytes), .heading = "BYTES", .has_bar = true},
    {.kind = FIELD_BYTES, CLASS(bytes), .heading = "OF ALL", .of = &all_bytes},
    {.kind = FIELD_COUNT, CLASS(live_blocks), .heading = "LIVE BLOCKS"},
    {.kind = FIELD_BYTES, CLASS(live_bytes), .heading = "LIVE"},
};

static void fill_page(struct page *page, const struct selection *selection);
static void add(struct size_figures *sum, const struct size_figures *more);
static int compare_bytes(const void *a, const void *b);
static void emit_category(struct emitter *emitter, const struct page *page, const struct category_sizes *of,
                          bool is_in_text);
static struct class_record record_of(const struct page *page, const struct category_sizes *of,
                                     uint32_t number);
static void emit_title(struct emitter *emitter, const struct page *page, const struct category_sizes *of);
static void emit_coverage(struct emitter *emitter, const struct page *page);

void size_view_tables(struct emitter *emitter, const struct process *process, const struct size_table *table,
                      const struct selection *selection) {
  struct page *page = calloc(1, sizeof *page);
  if (!page) {
    emitter_text_line(emitter, "  ", "not enough memory to show its sizes");
    return;
  }
  page->snapshot = &process->snapshot;
  page->table = table;
  fill_page(page, selection);
  emitter_begin_list(emitter, "size_histogram");
  for (size_t i = 0; i < page->count; i++) emit_category(emitter, page, &page->categories[i], i < SHOWN_MOST);
  emitter_end(emitter);
  emit_coverage(emitter, page);
  free(page);
}

/* Those that are folded into another are part of it. */
static void fill_page(struct page *page, const struct selection *selection) {
  const struct snapshot *snapshot = page->snapshot;
  uint32_t place_of[RATION_CATEGORY_IDS] = {0}; /* 1 + place in the page */
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    uint32_t row = selection_row(selection, snapshot, id);
    if (row == 0) continue;
    if (place_of[row] == 0) {
      place_of[row] = (uint32_t)++page->count;
      page->categories[page->count - 1].id = row;
    }
    struct category_sizes *to = &page->categories[place_of[row] - 1];
    for (uint32_t i = 0; i < RATION_SIZE_CLASSES; i++) {
      add(&to->classes.of[i], &page->table->category[id].of[i]);
      add(&to->sum, &page->table->category[id].of[i]);
    }
  }
  qsort(page->categories, page->count, sizeof *page->categories, compare_bytes);
  while (page->count > 0 && page->categories[page->count - 1].sum.blocks == 0) page->count--;
}

static void add(struct size_figures *sum, const struct size_figures *more) {
  sum->blocks += more->blocks;
  sum->bytes += more->bytes;
  sum->live_blocks += more->live_blocks;
  sum->live_bytes += more->live_bytes;
}

/* The largest first; equal ones as they came into being. */
static int compare_bytes(const void *a, const void *b) {
  const struct category_sizes *left = a, *right = b;
  if (left->sum.bytes != right->sum.bytes) return left->sum.bytes < right->sum.bytes ? 1 : -1;
  return left->id < right->id ? -1 : left->id > right->id;
}

static void emit_category(struct emitter *emitter, const struct page *page, const struct category_sizes *of,
                          bool is_in_text) {
  if (!is_in_text) emitter_hide_text(emitter);
  emit_title(emitter, page, of);
  emitter_begin_table(emitter);
  for (uint32_t i = 0; i < RATION_SIZE_CLASSES; i++) {
    if (of->classes.of[i].blocks == 0) continue;
    struct class_record record = record_of(page, of, i);
    struct words edge = units_bytes(record.up_to_bytes);
    record.up_to = record.up_to_bytes == UINT64_MAX ? "more" : edge.chars;
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, &category, 1, &record);
    emitter_fields(emitter, record.up_to_bytes == UINT64_MAX ? &no_edge : &up_to, 1, &record);
    emitter_fields(emitter, FIELDS(figures), &record);
    emitter_end(emitter);
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(cells), &record);
  }
  emitter_end_table(emitter);
  emitter_end_line(emitter);
  if (!is_in_text) emitter_show_text(emitter);
}

static struct class_record record_of(const struct page *page, const struct category_sizes *of,
                                     uint32_t number) {
  const struct size_figures *estimates = &of->classes.of[number];
  return (struct class_record){.category = page->snapshot->categories[of->id].name,
                               .up_to_bytes = size_table_up_to(number),
                               .blocks = whole_of(estimates->blocks),
                               .bytes = whole_of(estimates->bytes),
                               .live_blocks = whole_of(estimates->live_blocks),
                               .live_bytes = whole_of(estimates->live_bytes),
                               .all_blocks = whole_of(of->sum.blocks),
                               .all_bytes = whole_of(of->sum.bytes)};
}

static void emit_title(struct emitter *emitter, const struct page *page, const struct category_sizes *of) {
  char line[RATION_CATEGORY_NAME_BYTES + 256];
  snprintf(line, sizeof line, "%s: %s blocks, %s so far; %s blocks, %s live",
           page->snapshot->categories[of->id].name, units_count(whole_of(of->sum.blocks)).chars,
           units_bytes(whole_of(of->sum.bytes)).chars, units_count(whole_of(of->sum.live_blocks)).chars,
           units_bytes(whole_of(of->sum.live_bytes)).chars);
  emitter_text_line(emitter, "  ", line);
}

/* ---- coverage ------------------------------------------------------------------------------------------- */

static const struct field mean_bytes = {
    .name = "mean_bytes", .kind = FIELD_BYTES, .offset = offsetof(struct facts, sample_mean)};
static const struct field sizes_lost = {.name = "sizes_lost",
                                        .kind = FIELD_COUNT,
                                        .offset = offsetof(struct facts, sizes_lost),
                                        .phrase = "%s sample{s} stand in no class, for want of memory"};

/* By how many blocks the books differ from what samples stand for. */
static double missing(const struct page *page) {
  double counted = 0;
  for (uint32_t id = 1; id <= page->snapshot->category_count; id++) {
    for (uint32_t i = 0; i < RATION_SIZE_CLASSES; i++) counted += page->table->category[id].of[i].blocks;
  }
  double missed = (double)page->snapshot->total.allocations - counted;
  return missed > 0 ? missed : -missed;
}

static void say_how_sure(const struct page *page, char *ret_line, size_t bytes) {
  uint64_t mean = page->table->facts.sample_mean, missed = whole_of(missing(page));
  if (!page->table->is_kept) {
    snprintf(ret_line, bytes, "no sizes: the segment of this process is a small one");
  } else if (page->count == 0) {
    snprintf(ret_line, bytes, "no sizes: %s",
             mean ? "no block was a sample yet" : "no samples are taken (sample=off)");
  } else if (mean == 1 && missed == 0) {
    snprintf(ret_line, bytes, "exact: every block is a sample (sample=1)");
  } else if (mean == 1) {
    snprintf(ret_line, bytes, "every block is a sample (sample=1), but the books have %s that were none",
             units_count(missed).chars);
  } else if (mean == 0) {
    snprintf(ret_line, bytes, "estimates from samples, of which no more are taken (sample=off)");
  } else {
    snprintf(ret_line, bytes,
             "estimates from samples, about one in %s: rough where there is little more than that",
             units_bytes(mean).chars);
  }
}

static void emit_coverage(struct emitter *emitter, const struct page *page) {
  char line[FIELD_TEXT_BYTES];
  const struct facts *facts = &page->table->facts;
  if (page->count > SHOWN_MOST) {
    size_t others = page->count - SHOWN_MOST;
    snprintf(line, sizeof line, "and %zu more categor%s, with fewer bytes", others,
             others == 1 ? "y" : "ies");
    emitter_text_line(emitter, "  ", line);
  }
  say_how_sure(page, line, sizeof line);
  emitter_text_line(emitter, "  ", line);
  emitter_begin_object(emitter, "sampling");
  emitter_fields(emitter, &mean_bytes, 1, facts);
  emitter_fields(emitter, &sizes_lost, 1, facts);
  emitter_end(emitter);
  if (facts->sizes_lost == 0) return;
  field_phrase(&sizes_lost, facts, line);
  emitter_text_line(emitter, "  ", line);
}
