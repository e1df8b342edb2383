/*
 * page_heap_view.c: two tables, that of categories with the most held bytes first, that of sizes by size.
 */
#include "view/page_heap_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "view/process_words.h"

struct held_record {
  const char *name;
  const char *row_name;
  uint64_t live_bytes; /* by the books */
  struct holding_facts facts;
  double fragmentation;
};

struct class_record {
  const char *no_size; /* NULL */
  const char *size;    /* in words */
  uint64_t block_bytes;
  struct holding_facts facts;
  double occupancy;
};

struct heap_record {
  const char *none; /* NULL */
  uint64_t age_ns;
  struct holding_table table;
  double fragmentation;
};

/* A category, and those that are folded into it. */
struct row {
  uint32_t id;
  struct held_record record;
};

struct page {
  const struct snapshot *snapshot;
  uint32_t root;       /* of what is selected */
  bool is_root_folded; /* its row is the sum */
  size_t count;
  struct row rows[RATION_CATEGORY_IDS];
  struct held_record sum;
};

#define HEAP(member)  .offset = offsetof(struct heap_record, member)
#define HELD(member)  .offset = offsetof(struct held_record, member)
#define CLASS(member) .offset = offsetof(struct class_record, member)

static const struct field no_heap = {.name = "page_heap", .kind = FIELD_NAME, HEAP(none)};
static const struct field heap_fields[] = {
    {.name = "blocks", .kind = FIELD_COUNT, HEAP(table.total.blocks)},
    {.name = "used_bytes", .kind = FIELD_BYTES, HEAP(table.total.used_bytes)},
    {.name = "held_bytes", .kind = FIELD_BYTES, HEAP(table.total.held_bytes)},
    {.name = "fragmentation", .kind = FIELD_SHARE, HEAP(fragmentation)},
    {.name = "free_bytes", .kind = FIELD_BYTES, HEAP(table.free_bytes)},
    {.name = "free_resident_bytes", .kind = FIELD_BYTES, HEAP(table.dirty_bytes)},
    {.name = "returned_bytes", .kind = FIELD_BYTES, HEAP(table.returned_bytes)},
    {.name = "age_seconds", .kind = FIELD_LENGTH, HEAP(age_ns)},
};
static const struct field row_name = {.kind = FIELD_NAME, HELD(row_name), .heading = "CATEGORY"};
static const struct field category_fields[] = {
    {.name = "name", .kind = FIELD_NAME, HELD(name)},
    {.name = "live_bytes", .kind = FIELD_BYTES, HELD(live_bytes), .heading = "LIVE"},
    {.name = "held_bytes", .kind = FIELD_BYTES, HELD(facts.held_bytes), .heading = "HELD", .has_bar = true},
    {.name = "used_bytes", .kind = FIELD_BYTES, HELD(facts.used_bytes)},
    {.name = "blocks", .kind = FIELD_COUNT, HELD(facts.blocks)},
    {.name = "fragmentation", .kind = FIELD_SHARE, HELD(fragmentation), .heading = "FRAGMENTATION"},
};
static const struct field block_bytes = {.name = "block_bytes", .kind = FIELD_BYTES, CLASS(block_bytes)};
static const struct field no_size = {.name = "block_bytes", .kind = FIELD_NAME, CLASS(no_size)};
static const struct field class_size = {.kind = FIELD_NAME, CLASS(size), .heading = "SIZE"};
static const struct field class_fields[] = {
    {.name = "blocks", .kind = FIELD_COUNT, CLASS(facts.blocks), .heading = "BLOCKS"},
    {.name = "used_bytes", .kind = FIELD_BYTES, CLASS(facts.used_bytes), .heading = "USED"},
    {.name = "held_bytes", .kind = FIELD_BYTES, CLASS(facts.held_bytes), .heading = "HELD", .has_bar = true},
    {.name = "occupancy", .kind = FIELD_SHARE, CLASS(occupancy), .heading = "OCCUPANCY"},
};

/* Their numbers are among the losses in JSON. */
#define FAULT(member) .kind = FIELD_COUNT, .offset = offsetof(struct losses, member)
static const struct field faults[] = {
    {FAULT(double_frees), .phrase = "%s free{s} of a block that was free already: left alone, and wrong"},
    {FAULT(wild_frees), .phrase = "%s free{s} of an address at which no block begins: left alone, and wrong"},
    {FAULT(late_writes), .phrase = "%s block{s} written to after having been given back"},
    {FAULT(overruns), .phrase = "%s block{s} written to behind the end"},
    {FAULT(lists_lost), .phrase = "%s page{s} lost free blocks, since the program had written over them"},
};

static void emit_heap(struct emitter *emitter, const struct process *process, const struct page *page);
static void fill_page(struct page *page, const struct selection *selection);
static int compare_held(const void *a, const void *b);
static void emit_categories(struct emitter *emitter, const struct page *page);
static void emit_row(struct emitter *emitter, enum row_kind kind, bool is_root, struct held_record record);
static void emit_classes(struct emitter *emitter, const struct holding_table *table);
static struct class_record class_record_of(const struct holding_table *table, uint32_t number);
static void emit_coverage(struct emitter *emitter, const struct process *process,
                          const struct heap_record *record);
static const char *since_of(const struct process *process);

void page_heap_view_tables(struct emitter *emitter, const struct process *process,
                           const struct selection *selection, const void *context) {
  (void)context;
  const struct snapshot *snapshot = &process->snapshot;
  struct page *page = snapshot->heap == RATION_HEAP_PAGE ? calloc(1, sizeof *page) : NULL;
  if (page) {
    page->snapshot = snapshot;
    fill_page(page, selection);
    emitter_begin_object(emitter, "page_heap");
    emit_heap(emitter, process, page);
    emitter_end(emitter);
    free(page);
  } else {
    struct heap_record none = {.none = NULL};
    emitter_fields(emitter, &no_heap, 1, &none);
    if (snapshot->heap == RATION_HEAP_PAGE) {
      emitter_text_line(emitter, "  ", "not enough memory to show its page heap");
    } else if (!snapshot->heap_refusal) {
      emitter_text_line(emitter, "  ",
                        "no page heap: blocks come from the system heap; start the program with "
                        "heap=page for one");
    }
  }
  page_heap_view_notes(emitter, snapshot);
}

void page_heap_view_notes(struct emitter *emitter, const struct snapshot *snapshot) {
  const char *reason = process_words_heap_refusal_reason(snapshot->heap_refusal);
  char line[FIELD_TEXT_BYTES];
  if (reason) emitter_text_line(emitter, "  ", reason);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    if (field_number(&faults[i], &snapshot->losses) == 0) continue;
    field_phrase(&faults[i], &snapshot->losses, line);
    emitter_text_line(emitter, "  ", line);
  }
}

static void emit_heap(struct emitter *emitter, const struct process *process, const struct page *page) {
  const struct holding_table *table = &page->snapshot->holdings;
  struct heap_record record = {
      .table = *table, .age_ns = FIELD_NEVER, .fragmentation = holding_facts_fragmentation(&table->total)};
  if (table->counted_at)
    record.age_ns = process->until_at > table->counted_at ? process->until_at - table->counted_at : 0;
  emitter_fields(emitter, FIELDS(heap_fields), &record);
  emit_categories(emitter, page);
  emit_classes(emitter, table);
  emit_coverage(emitter, process, &record);
}

/* Those that are folded into another are part of it. */
static void fill_page(struct page *page, const struct selection *selection) {
  const struct snapshot *snapshot = page->snapshot;
  uint32_t place_of[RATION_CATEGORY_IDS] = {0}; /* 1 + place in the page */
  page->root = selection_root(selection, snapshot);
  page->is_root_folded = selection_folds(selection, snapshot, page->root, page->root);
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    uint32_t row = selection_row(selection, snapshot, id);
    const struct holding_facts *facts = &snapshot->holdings.category[id];
    if (row == 0 || facts->held_bytes == 0) continue;
    if (place_of[row] == 0) {
      place_of[row] = (uint32_t)++page->count;
      page->rows[page->count - 1] = (struct row){.id = row, .record.name = snapshot->categories[row].name};
    }
    struct held_record *to = &page->rows[place_of[row] - 1].record;
    to->live_bytes += snapshot->categories[id].own.live_bytes;
    page->sum.live_bytes += snapshot->categories[id].own.live_bytes;
    holding_facts_add(&to->facts, facts);
    holding_facts_add(&page->sum.facts, facts);
    to->fragmentation = holding_facts_fragmentation(&to->facts);
  }
  page->sum.name = snapshot->categories[page->root].name;
  page->sum.fragmentation = holding_facts_fragmentation(&page->sum.facts);
  qsort(page->rows, page->count, sizeof *page->rows, compare_held);
}

/* Equal ones as they came into being. */
static int compare_held(const void *a, const void *b) {
  const struct row *left = a, *right = b;
  uint64_t left_held = left->record.facts.held_bytes, right_held = right->record.facts.held_bytes;
  if (left_held != right_held) return left_held < right_held ? 1 : -1;
  return left->id < right->id ? -1 : left->id > right->id;
}

static void emit_categories(struct emitter *emitter, const struct page *page) {
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "categories");
  for (size_t i = 0; i < page->count; i++) {
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, FIELDS(category_fields), &page->rows[i].record);
    emitter_end(emitter);
    bool is_root = page->rows[i].id == page->root;
    if (!is_root || !page->is_root_folded) emit_row(emitter, ROW_PLAIN, is_root, page->rows[i].record);
  }
  emitter_end(emitter);
  if (page->count > 0) emit_row(emitter, ROW_SUM, false, page->sum);
  emitter_end_table(emitter);
  if (page->count > 0) emitter_end_line(emitter);
}

/* The uppermost must not be taken for the sum. */
static void emit_row(struct emitter *emitter, enum row_kind kind, bool is_root, struct held_record record) {
  char name[RATION_CATEGORY_NAME_BYTES + 16];
  snprintf(name, sizeof name, "%s%s", record.name, is_root ? " itself" : "");
  record.row_name = name;
  emitter_row(emitter);
  emitter_cells(emitter, kind, &row_name, 1, &record);
  emitter_cells(emitter, kind, FIELDS(category_fields), &record);
}

static void emit_classes(struct emitter *emitter, const struct holding_table *table) {
  size_t shown = 0;
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "size_classes");
  for (uint32_t i = 1; i <= RATION_PAGE_CLASSES; i++) {
    uint32_t number = i % RATION_PAGE_CLASSES; /* those of any size come last */
    if (table->classes[number].held_bytes == 0) continue;
    struct class_record record = class_record_of(table, number);
    struct words size = units_bytes(record.block_bytes);
    record.size = number ? size.chars : "larger";
    emitter_begin_object(emitter, NULL);
    emitter_fields(emitter, number ? &block_bytes : &no_size, 1, &record);
    emitter_fields(emitter, FIELDS(class_fields), &record);
    emitter_end(emitter);
    emitter_row(emitter);
    emitter_cells(emitter, ROW_PLAIN, &class_size, 1, &record);
    emitter_cells(emitter, ROW_PLAIN, FIELDS(class_fields), &record);
    shown++;
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (shown > 0) emitter_end_line(emitter);
}

static struct class_record class_record_of(const struct holding_table *table, uint32_t number) {
  const struct holding_facts *facts = &table->classes[number];
  return (struct class_record){.block_bytes = holding_class_bytes(number),
                               .facts = *facts,
                               .occupancy = 1 - holding_facts_fragmentation(facts)};
}

static void emit_coverage(struct emitter *emitter, const struct process *process,
                          const struct heap_record *record) {
  char line[256];
  const struct holding_table *table = &record->table;
  if (!table->counted_at) {
    emitter_text_line(emitter, "  ", "not counted yet: its threads do that once a second, as they allocate");
    return;
  }
  snprintf(line, sizeof line, "%s free, of which %s in memory; %s went back to the system so far",
           units_bytes(table->free_bytes).chars, units_bytes(table->dirty_bytes).chars,
           units_bytes(table->returned_bytes).chars);
  emitter_text_line(emitter, "  ", line);
  snprintf(line, sizeof line, "counted %s %s", units_seconds((double)record->age_ns / 1e9).chars,
           since_of(process));
  emitter_text_line(emitter, "  ", line);
}

static const char *since_of(const struct process *process) {
  if (process_is_alive(process)) return "ago";
  if (process->is_copy) return "before the copy was made";
  return process->state == PROCESS_RUNNING ? "before the recording ended" : "before its end";
}
