/*
 * holding_table.c: rows of two tables, copied as they stand; their numbers change one by one, and so are made to fit.
 */
#include "reader/holding_table.h"

#include <string.h>

#define FINE_MOST 64 /* the last class that is a multiple of 16 bytes: segment.h */

static int read_process(const struct segment_file *file, const struct layout *layout,
                        struct holding_table *table);
static int read_rows(const struct segment_file *file, const struct layout_table *table, uint64_t most,
                     struct holding_facts *ret_facts);
static uint64_t least(uint64_t a, uint64_t b);
static uint64_t sum_of(uint64_t a, uint64_t b);

int holding_table_read(const struct segment_file *file, const struct layout *layout,
                       struct holding_table *ret_table) {
  struct holding_table *table = ret_table;
  memset(table, 0, sizeof *table);
  int error = read_process(file, layout, table);
  if (error || !table->counted_at) return error;
  error = read_rows(file, &layout->tables[RATION_TABLE_HOLDINGS], RATION_CATEGORY_IDS, table->category);
  if (!error)
    error = read_rows(file, &layout->tables[RATION_TABLE_CLASSES], RATION_PAGE_CLASSES, table->classes);
  for (uint32_t id = 0; id < RATION_CATEGORY_IDS; id++)
    holding_facts_add(&table->total, &table->category[id]);
  return error;
}

void holding_facts_add(struct holding_facts *sum, const struct holding_facts *more) {
  sum->blocks = sum_of(sum->blocks, more->blocks);
  sum->used_bytes = sum_of(sum->used_bytes, more->used_bytes);
  sum->held_bytes = sum_of(sum->held_bytes, more->held_bytes);
}

double holding_facts_fragmentation(const struct holding_facts *facts) {
  if (facts->held_bytes == 0) return -1;
  return (double)(facts->held_bytes - facts->used_bytes) / (double)facts->held_bytes;
}

uint64_t holding_class_bytes(uint32_t size_class) {
  if (size_class <= FINE_MOST) return UINT64_C(16) * size_class;
  uint32_t step = size_class - FINE_MOST - 1;
  return (UINT64_C(5) + step % 4) << (8 + step / 4);
}

static int read_process(const struct segment_file *file, const struct layout *layout,
                        struct holding_table *table) {
  const struct layout_table *rows = &layout->tables[RATION_TABLE_PROCESS];
  struct ration_segment_process row = {0};
  int error = rows->rows > 0 ? layout_copy_row(file, rows, 0, &row, sizeof row) : 0;
  if (error || layout->header.heap != RATION_HEAP_PAGE || !row.holdings_at) return error;
  table->counted_at = row.holdings_at;
  table->free_bytes = row.spans_free_bytes;
  table->dirty_bytes = least(row.spans_dirty_bytes, row.spans_free_bytes);
  table->returned_bytes = row.spans_returned_bytes;
  return 0;
}

static int read_rows(const struct segment_file *file, const struct layout_table *table, uint64_t most,
                     struct holding_facts *ret_facts) {
  for (uint64_t i = 0; i < table->rows && i < most; i++) {
    struct ration_segment_holding row;
    int error = layout_copy_row(file, table, i, &row, sizeof row);
    if (error) return error;
    ret_facts[i] = (struct holding_facts){.blocks = row.blocks,
                                          .used_bytes = least(row.used_bytes, row.held_bytes),
                                          .held_bytes = row.held_bytes};
  }
  return 0;
}

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

/* Of what no segment can hold, the most that there is: so that used stays below held. */
static uint64_t sum_of(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}
