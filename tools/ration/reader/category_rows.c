/*
 * category_rows.c: see category_rows.h.
 */
#include "reader/category_rows.h"

#include <stddef.h>

int category_rows_read(const struct segment_file *file, const struct layout *layout,
                       struct ration_segment_category ret_rows[RATION_CATEGORY_IDS], uint32_t *ret_count) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_CATEGORIES];
  uint16_t index[RATION_CATEGORY_IDS];
  int error =
      segment_file_copy(file, offsetof(struct ration_segment_header, category_row), index, sizeof index);
  uint32_t id = 1;
  while (!error && id < RATION_CATEGORY_IDS && index[id] != 0) {
    uint32_t end = id + 1;
    while (end < RATION_CATEGORY_IDS && index[end] == index[end - 1] + 1) end++;
    error = layout_copy_rows(file, table, index[id], end - id, &ret_rows[id], sizeof ret_rows[id]);
    id = end;
  }
  if (!error) *ret_count = id - 1;
  return error;
}
