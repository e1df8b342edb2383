/*
 * ranges.c: rows come and go while they are read, so one that makes no sense is no sign of corruption.
 */
#include "reader/ranges.h"

#define STRETCH 256 /* rows that are copied at once */

static bool is_usable(const struct ration_segment_range *row);

int ranges_read(const struct segment_file *file, const struct layout *layout, uint32_t rows,
                struct ranges *ret_ranges) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_RANGES];
  if (rows > table->rows) rows = (uint32_t)table->rows;
  if (rows > RANGES_MOST) rows = RANGES_MOST;
  ret_ranges->count = 0;
  for (uint32_t first = 0; first < rows; first += STRETCH) {
    struct ration_segment_range row[STRETCH];
    uint32_t count = rows - first < STRETCH ? rows - first : STRETCH;
    int error = layout_copy_rows(file, table, first, count, row, sizeof *row);
    if (error) return error;
    for (uint32_t i = 0; i < count; i++) {
      if (!is_usable(&row[i])) continue;
      ret_ranges->range[ret_ranges->count++] = (struct range){.start = row[i].start,
                                                              .end = row[i].start + row[i].bytes,
                                                              .kind = row[i].kind,
                                                              .owner = row[i].owner};
    }
  }
  return 0;
}

static bool is_usable(const struct ration_segment_range *row) {
  bool is_known = row->kind >= RATION_RANGE_SHIM && row->kind <= RATION_RANGE_HEAP;
  return is_known && row->bytes > 0 && row->bytes <= UINT64_MAX - row->start;
}
