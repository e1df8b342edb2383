/*
 * rows.c: each table as far as it is in use; what is unchanged is not recorded again.
 */
#include "record/rows.h"

#define ROWS_MOST 4096 /* of one of these, whatever the segment says */

static int take(struct mirror *mirror, uint32_t kind, uint64_t first, uint64_t end);

int rows_take(struct mirror *mirror, const struct books *books, bool is_first) {
  uint64_t ids = (uint64_t)books->categories + 1;
  int error = is_first ? take(mirror, RATION_TABLE_TEXT, 0, UINT64_MAX) : 0;
  if (!error) error = take(mirror, RATION_TABLE_RULES, 0, books->process.rules_count);
  if (!error) error = take(mirror, RATION_TABLE_ACCOUNTS, 1, ids);
  if (!error) error = take(mirror, RATION_TABLE_RANGES, 0, books->process.range_count);
  if (!error) error = take(mirror, RATION_TABLE_BUDGETS, 1, ids);
  return error;
}

int rows_take_seldom(struct mirror *mirror, const struct books *books) {
  int error = take(mirror, RATION_TABLE_HANDLERS, 0, UINT64_MAX);
  if (!error) error = take(mirror, RATION_TABLE_REFUSALS, 0, UINT64_MAX);
  if (!error) error = take(mirror, RATION_TABLE_POOLS, 0, UINT64_MAX);
  if (error || books->header.heap != RATION_HEAP_PAGE) return error;
  error = take(mirror, RATION_TABLE_HOLDINGS, 1, UINT64_MAX);
  if (!error) error = take(mirror, RATION_TABLE_CLASSES, 0, UINT64_MAX);
  return error;
}

static int take(struct mirror *mirror, uint32_t kind, uint64_t first, uint64_t end) {
  return mirror_take_rows(mirror, kind, first, end < ROWS_MOST ? end : ROWS_MOST);
}
