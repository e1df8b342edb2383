/*
 * Tests of top/columns.c and top/glyphs.c: what fits a terminal, and what is drawn.
 */
#include "top/columns.h"

#include <criterion/criterion.h>
#include <string.h>

#include "top/glyphs.h"
#include "view/escape.h"
#include "view/field.h"

static struct columns columns;

static bool has(enum column column) {
  for (size_t i = 0; i < columns.count; i++)
    if (columns.placed[i].column == column) return true;
  return false;
}

/* No two meet, and none goes beyond the end. */
static void fits(unsigned width) {
  unsigned at = 0;
  for (size_t i = 0; i < columns.count; i++) {
    cr_assert_eq(columns.placed[i].at, at);
    at += columns.placed[i].width + 1;
  }
  cr_assert_leq(at, width + 1);
}

Test(columns, any_width_is_filled_and_not_exceeded) {
  for (unsigned width = 1; width < 400; width++) {
    columns_lay_out(width, 30, &columns);
    fits(width);
    cr_assert_eq(columns.placed[0].column, COLUMN_NAME);
    const struct placed_column *last = &columns.placed[columns.count - 1];
    cr_assert_eq(last->at + last->width, width);
  }
}

Test(columns, eighty_have_what_matters_and_two_hundred_all) {
  columns_lay_out(80, 60, &columns);
  cr_assert(has(COLUMN_LIVE) && has(COLUMN_BAR) && has(COLUMN_USED) && has(COLUMN_LEVEL));
  cr_assert(has(COLUMN_ALLOCATIONS) && has(COLUMN_COURSE));
  columns_lay_out(200, 60, &columns);
  cr_assert_eq(columns.count, COLUMNS_MOST);
}

Test(columns, names_come_before_what_matters_less) {
  columns_lay_out(100, 30, &columns);
  cr_assert_geq(columns.placed[0].width, 30);
}

Test(columns, what_rows_are_sorted_by_has_a_heading_somewhere) {
  columns_lay_out(80, 30, &columns);
  cr_assert_null(columns_missing(&columns, ORDER_LIVE));
  cr_assert_str_eq(columns_missing(&columns, ORDER_GROWTH_6H), "GROWTH 6h");
  columns_lay_out(200, 30, &columns);
  for (int by = 0; by < ORDERS; by++) cr_assert_null(columns_missing(&columns, (enum order_by)by));
}

static void says(enum column column, const struct node *node, const char *expected) {
  char text[COLUMN_TEXT_BYTES];
  column_text(column, node, text);
  cr_assert_str_eq(text, expected);
}

Test(columns, words_of_a_row) {
  struct node node = {.live_bytes = 2048,
                      .live_blocks = 1204331,
                      .limit_bytes = 4096,
                      .used_bytes = 4095,
                      .level = RATION_LEVEL_CRITICAL,
                      .growth = {FIELD_UNKNOWN, -2048}};
  says(COLUMN_LIVE, &node, "2.0 KiB");
  says(COLUMN_USED, &node, "99 %");
  says(COLUMN_LIMIT, &node, "4.0 KiB");
  says(COLUMN_LEVEL, &node, "critical");
  says(COLUMN_BLOCKS, &node, "1,204,331");
  says(COLUMN_GROWTH_5M, &node, "-");
  says(COLUMN_GROWTH_6H, &node, "-2.0 KiB/h");
  says(COLUMN_ALLOCATIONS, &node, "");
  says(COLUMN_CHANGE, &node, "");
  node.has_rates = true;
  node.change_bytes_per_second = 2048;
  node.allocations_per_second = 12.4;
  says(COLUMN_CHANGE, &node, "+2.0 KiB");
  says(COLUMN_ALLOCATIONS, &node, "12");
  node.used_bytes = UINT64_MAX;
  says(COLUMN_USED, &node, ">999%");
  node.limit_bytes = node.level = 0;
  says(COLUMN_USED, &node, "");
  says(COLUMN_LEVEL, &node, "");
}

Test(columns, none_says_more_than_it_has_room_for) {
  const uint64_t sizes[] = {0, 999, 1023948, UINT64_MAX};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct node node = {.live_bytes = sizes[i],
                        .peak_bytes = sizes[i],
                        .limit_bytes = sizes[i],
                        .used_bytes = sizes[i],
                        .has_rates = true,
                        .allocations_per_second = (double)sizes[i],
                        .allocated_bytes_per_second = (double)(sizes[i] / 2),
                        .change_bytes_per_second = -(double)(sizes[i] / 4),
                        .growth = {-(int64_t)(sizes[i] / 2), (int64_t)(sizes[i] / 2)}};
    columns_lay_out(300, 0, &columns);
    for (size_t at = 0; at < columns.count; at++) {
      char text[COLUMN_TEXT_BYTES];
      column_text(columns.placed[at].column, &node, text);
      cr_assert_leq(escape_columns(text), columns.placed[at].width);
    }
  }
}

static void counts(double count, const char *expected) {
  char text[COLUMN_TEXT_BYTES];
  column_count(count, text);
  cr_assert_str_eq(text, expected);
}

Test(columns, counts_are_short) {
  counts(0, "0");
  counts(99999, "99,999");
  counts(99999.6, "100 k");
  counts(123456, "123 k");
  counts(999600, "1.0 M");
  counts(12345678, "12.3 M");
  counts(4e18, "4.0 E");
}

static void bar(bool is_ascii, double share, const char *full, const char *left) {
  struct glyph_bar drawn;
  glyphs_bar(is_ascii, share, 4, &drawn);
  cr_assert_str_eq(drawn.full, full);
  cr_assert_str_eq(drawn.left, left);
  cr_assert_eq(drawn.full_columns, escape_columns(full));
}

Test(columns, bars) {
  bar(false, 0, "", "░░░░");
  bar(false, 1e-9, "▏", "░░░");
  bar(false, 0.5, "██", "░░");
  bar(false, 0.55, "██▎", "░");
  bar(false, 1, "████", "");
  bar(false, 17, "████", "");
  bar(true, 0.3, "##", "..");
  bar(true, 1e-9, "#", "...");
}

static void rails(bool is_ascii, struct row row, const char *expected) {
  char text[GLYPHS_RAILS_BYTES];
  glyphs_rails(is_ascii, &row, text);
  cr_assert_str_eq(text, expected);
}

Test(columns, trees) {
  rails(false, (struct row){.depth = 0}, "");
  rails(false, (struct row){.depth = 0, .is_folded = true}, "▸ ");
  rails(false, (struct row){.depth = 1, .rails = 1u << 1}, "├─ ");
  rails(false, (struct row){.depth = 2, .rails = 1u << 1, .is_folded = true}, "│  └▸ ");
  rails(true, (struct row){.depth = 3, .rails = 1u << 2}, "   |  `- ");
  char text[GLYPHS_RAILS_BYTES];
  glyphs_rails(false, &(struct row){.depth = 250, .rails = UINT32_MAX}, text);
  cr_assert_leq(strlen(text), sizeof text - 1);
}

Test(columns, courses_end_with_the_newest) {
  struct course course = {.count = 0};
  char line[GLYPHS_BYTES];
  glyphs_course(false, &course, 5, line);
  cr_assert_str_eq(line, "     ");
  course_add(&course, 0);
  for (int i = 0; i < 11; i++) course_add(&course, 0);
  course_add(&course, 9);
  glyphs_course(false, &course, 5, line);
  cr_assert_str_eq(line, "   ▁█");
  glyphs_course(true, &course, 5, line);
  cr_assert_str_eq(line, "   _#");
}
