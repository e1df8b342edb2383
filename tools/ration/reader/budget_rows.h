/*
 * budget_rows.h: the budgets of one segment, looked at again and again while its process runs.
 *
 * The file stays open, and each look copies two rows of it: nothing is mapped, nothing is written, and the process
 * does not notice.
 */
#ifndef RATION_TOOL_READER_BUDGET_ROWS_H
#define RATION_TOOL_READER_BUDGET_ROWS_H

#include "reader/layout.h"

struct budget_rows {
  struct segment_file file;
  struct layout layout;
};

/* One budget at one moment. Its words are each right by themselves: the program goes on meanwhile. */
struct budget_row {
  uint64_t limit_bytes; /* 0: the category has no budget; then only used_bytes says anything */
  uint64_t reserve_bytes;
  uint64_t used_bytes;  /* charged to the subtree, and accounted for where that counts */
  uint64_t worst_bytes; /* the highest of these since there was a budget */
  uint64_t level_bytes[RATION_LEVELS - 1];
  uint64_t fall_bytes;
  uint64_t level_since_at; /* CLOCK_MONOTONIC */
  uint32_t policy;         /* RATION_POLICY_* */
  uint32_t level;          /* as the program sees it: simulated, or from outside, if it is */
};

/* Returns what segment_file_open() and layout_read() return. The caller calls budget_rows_close(). */
int budget_rows_open(const char *path, bool is_memfd, struct budget_rows *ret_rows, struct fault *ret_fault);
void budget_rows_close(struct budget_rows *rows);

/* Returns 0; -ENOENT: there is no such category (yet); -EBADMSG: makes no sense; or what segment_file_copy() returns. */
int budget_rows_read(const struct budget_rows *rows, uint32_t category, struct budget_row *ret_row);

/* RATION_STATE_* as it is now. Returns 0 or what segment_file_copy() returns. */
int budget_rows_state(const struct budget_rows *rows, uint32_t *ret_state);

/* What has to go for the level to end: used bytes over its lower edge, and one more. */
uint64_t budget_row_wanted(const struct budget_row *row);

#endif
