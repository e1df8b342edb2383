/*
 * Tests of top/course.c: values as columns.
 */
#include "top/course.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct course course;

static void set_up(void) {
  course = (struct course){.count = 0};
}

/* The heights of so many columns are these digits. */
static void is_drawn(size_t columns, const char *expected) {
  unsigned char heights[COURSE_VALUES];
  char text[COURSE_VALUES + 1] = "";
  size_t count = course_draw(&course, columns, 8, heights);
  for (size_t i = 0; i < count; i++) text[i] = (char)('0' + heights[i]);
  cr_assert_str_eq(text, expected);
}

Test(course, nothing_is_drawn_of_nothing, .init = set_up) {
  is_drawn(COURSE_VALUES, "");
  course_add(&course, 5);
  is_drawn(0, "");
  is_drawn(COURSE_VALUES, "1");
}

Test(course, the_range_fills_the_height, .init = set_up) {
  for (uint64_t value = 0; value < 8; value++) course_add(&course, value * 1000);
  is_drawn(COURSE_VALUES, "12345678");
}

Test(course, what_hardly_moves_is_flat, .init = set_up) {
  course_add(&course, 100000);
  course_add(&course, 101000);
  course_add(&course, 100000);
  is_drawn(COURSE_VALUES, "111");
  course_add(&course, 140000);
  is_drawn(COURSE_VALUES, "1118");
}

Test(course, the_oldest_go, .init = set_up) {
  course_add(&course, 1u << 30);
  for (int i = 0; i < COURSE_VALUES; i++) course_add(&course, 7);
  char flat[COURSE_VALUES + 1];
  snprintf(flat, sizeof flat, "%0*d", COURSE_VALUES, 0);
  for (size_t i = 0; i < COURSE_VALUES; i++) flat[i] = '1';
  is_drawn(COURSE_VALUES, flat);
}

Test(course, columns_hold_the_most_of_the_same_values_each_time, .init = set_up) {
  for (int i = 0; i < 30; i++) course_add(&course, i == 7 ? 700 : 0); /* six values a column of ten */
  is_drawn(10, "18111");
  course_add(&course, 0);
  is_drawn(10, "181111");
  for (int i = 0; i < 29; i++) course_add(&course, 0);
  is_drawn(10, "1811111111");
  course_add(&course, 350);
  is_drawn(10, "8111111115");
}

Test(course, any_number_is_drawn, .init = set_up) {
  course_add(&course, 0);
  course_add(&course, UINT64_MAX);
  course_add(&course, UINT64_MAX / 2);
  is_drawn(COURSE_VALUES, "185");
}
