/*
 * marks.c: a bit for each row.
 */
#include "record/marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int marks_open(uint64_t rows, struct marks *ret_marks) {
  struct marks marks = {.words = calloc(rows / 64 + 1, sizeof *marks.words), .rows = rows};
  if (!marks.words) return -ENOMEM;
  *ret_marks = marks;
  return 0;
}

void marks_close(struct marks *marks) {
  free(marks->words);
  *marks = (struct marks){.words = NULL};
}

void marks_add(struct marks *marks, uint64_t row) {
  if (row < marks->rows) marks->words[row / 64] |= UINT64_C(1) << row % 64;
}

bool marks_have(const struct marks *marks, uint64_t row) {
  return row < marks->rows && marks->words[row / 64] >> row % 64 & 1;
}

void marks_clear(struct marks *marks) {
  if (marks->words) memset(marks->words, 0, (marks->rows / 64 + 1) * sizeof *marks->words);
}

uint64_t marks_next(const struct marks *marks, uint64_t from, uint64_t *ret_end) {
  uint64_t row = from;
  while (row < marks->rows && !marks_have(marks, row)) {
    bool is_none_left = marks->words[row / 64] >> row % 64 == 0;
    row = is_none_left ? (row / 64 + 1) * 64 : row + 1;
  }
  if (row >= marks->rows) return UINT64_MAX;
  uint64_t end = row + 1;
  while (end < marks->rows && marks_have(marks, end)) end++;
  *ret_end = end;
  return row;
}
