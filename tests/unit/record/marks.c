/*
 * Tests of record/marks.h.
 */
#include "record/marks.h"

#include <criterion/criterion.h>

static struct marks marks;

static void tear_down(void) {
  marks_close(&marks);
}

/* All runs, one behind the other. */
static void check_runs(const uint64_t (*expected)[2], size_t count) {
  uint64_t row, end = 0;
  size_t found = 0;
  while ((row = marks_next(&marks, end, &end)) != UINT64_MAX) {
    cr_assert_lt(found, count);
    cr_expect_eq(row, expected[found][0]);
    cr_expect_eq(end, expected[found][1]);
    found++;
  }
  cr_expect_eq(found, count);
}

Test(marks, rows_come_in_runs, .fini = tear_down) {
  static const uint64_t rows[] = {1, 2, 3, 63, 64, 65, 130, 199};
  static const uint64_t runs[][2] = {{1, 4}, {63, 66}, {130, 131}, {199, 200}};
  cr_assert_eq(marks_open(200, &marks), 0);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) marks_add(&marks, rows[i]);
  check_runs(runs, 4);
  cr_expect(marks_have(&marks, 64));
  cr_expect_not(marks_have(&marks, 66));
}

Test(marks, what_is_no_row_is_passed_over, .fini = tear_down) {
  cr_assert_eq(marks_open(10, &marks), 0);
  marks_add(&marks, 10);
  marks_add(&marks, UINT64_MAX);
  cr_expect_not(marks_have(&marks, 10));
  cr_expect_not(marks_have(&marks, UINT64_MAX));
  check_runs(NULL, 0);
}

Test(marks, of_no_rows_there_are_none, .fini = tear_down) {
  cr_assert_eq(marks_open(0, &marks), 0);
  marks_add(&marks, 0);
  check_runs(NULL, 0);
}

Test(marks, cleared_they_are_empty, .fini = tear_down) {
  cr_assert_eq(marks_open(128, &marks), 0);
  marks_add(&marks, 127);
  marks_clear(&marks);
  check_runs(NULL, 0);
}
