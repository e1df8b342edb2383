/*
 * budget_rows.c: a category's row and its budget's, copied.
 */
#include "reader/budget_rows.h"

#include <errno.h>

static int read_used(const struct budget_rows *rows, uint32_t category, uint64_t *ret_bytes);

int budget_rows_open(const char *path, bool is_memfd, struct budget_rows *ret_rows, struct fault *ret_fault) {
  return layout_open(path, is_memfd, &ret_rows->file, &ret_rows->layout, ret_fault);
}

void budget_rows_close(struct budget_rows *rows) {
  segment_file_close(&rows->file);
}

int budget_rows_state(const struct budget_rows *rows, uint32_t *ret_state) {
  return segment_file_copy(&rows->file, offsetof(struct ration_segment_header, state), ret_state,
                           sizeof *ret_state);
}

/* A segment of before version 1.2 has no budgets, but what is used can be told of it as well. */
int budget_rows_read(const struct budget_rows *rows, uint32_t category, struct budget_row *ret_row) {
  const struct layout_table *table = &rows->layout.tables[RATION_TABLE_BUDGETS];
  struct ration_segment_budget row = {0};
  uint64_t used;
  int error = category < table->rows ? layout_copy_row(&rows->file, table, category, &row, sizeof row) : 0;
  if (!error) error = read_used(rows, category, &used);
  if (error) return error;
  uint32_t level = row.simulated ? row.simulated - 1 : row.level;
  if (level >= RATION_LEVELS || row.outside_level >= RATION_LEVELS) return -EBADMSG;
  if (!row.limit_bytes) level = RATION_LEVEL_NONE;
  if (row.outside_level > level) level = (uint32_t)row.outside_level;
  used += row.accounted_bytes;
  struct budget_row result = {
      .limit_bytes = row.limit_bytes,
      .reserve_bytes = row.reserve_bytes,
      .used_bytes = used,
      .worst_bytes = row.worst_bytes > used ? row.worst_bytes : used, /* raised a moment after the charge */
      .fall_bytes = row.fall_bytes,
      .level_since_at = row.level_since_at,
      .policy = row.policy,
      .level = level,
  };
  for (size_t i = 0; i + 1 < RATION_LEVELS; i++) result.level_bytes[i] = row.level_bytes[i];
  *ret_row = result;
  return 0;
}

static int read_used(const struct budget_rows *rows, uint32_t category, uint64_t *ret_bytes) {
  uint16_t index;
  struct ration_segment_category row;
  if (category == 0 || category >= RATION_CATEGORY_IDS) return -ENOENT;
  size_t place = offsetof(struct ration_segment_header, category_row) + category * sizeof index;
  int error = segment_file_copy(&rows->file, place, &index, sizeof index);
  if (!error && index == 0) error = -ENOENT;
  if (!error) {
    error = layout_copy_row(&rows->file, &rows->layout.tables[RATION_TABLE_CATEGORIES], index, &row,
                            offsetof(struct ration_segment_category, name));
  }
  if (error) return error;
  *ret_bytes = RATION_CHARGE_BYTES(row.subtree_charged);
  return 0;
}

uint64_t budget_row_wanted(const struct budget_row *row) {
  if (row->level == RATION_LEVEL_NONE) return 0;
  uint64_t edge = row->level_bytes[row->level - 1];
  edge = edge > row->fall_bytes ? edge - row->fall_bytes : 0;
  return row->used_bytes >= edge ? row->used_bytes - edge + 1 : 0; /* not where the level is no own one */
}
