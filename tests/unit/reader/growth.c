/*
 * Tests of reader/growth.c: the slope of what grows, what it makes of jumps and of what comes and goes, and when nobody can
 * tell.
 */
#include "reader/growth.h"

#include <criterion/criterion.h>

#define SECOND UINT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define ID     3
#define POINTS 600

static struct timeline_point points[POINTS];
static struct timeline timeline = {.points = points, .is_kept = true};

static void point(uint64_t at_ns, uint64_t bytes) {
  points[timeline.count++] = (struct timeline_point){.at_ns = at_ns, .charged = {[ID] = bytes}};
}

static void set_up(void) {
  timeline.count = 0;
}

static void expect_rate(uint64_t end_ns, uint64_t window_ns, double expected) {
  double rate;
  cr_assert(growth_of(&timeline, ID, end_ns, window_ns, &rate));
  cr_expect_float_eq(rate, expected, 1e-6, "%f, not %f", rate, expected);
}

Test(growth, of_what_rises_evenly_is_its_slope, .init = set_up) {
  for (uint64_t i = 0; i <= 300; i++) point(MINUTE + i * SECOND, 5000 + 10 * i);
  expect_rate(6 * MINUTE, 5 * MINUTE, 36000);
  expect_rate(6 * MINUTE, 4 * MINUTE, 36000);
  for (uint64_t i = 0; i <= 300; i++) points[i].charged[ID] = 5000 - 10 * i;
  expect_rate(6 * MINUTE, 5 * MINUTE, -36000);
}

Test(growth, is_little_of_one_jump_and_none_of_what_comes_and_goes, .init = set_up) {
  for (uint64_t i = 0; i <= 300; i++) point(i * SECOND, i < 280 ? 1000 : 1000000);
  expect_rate(5 * MINUTE, 5 * MINUTE, 0);
  timeline.count = 0;
  for (uint64_t i = 0; i <= 300; i++) point(i * SECOND, i / 5 % 2 ? 1000000 : 10);
  expect_rate(5 * MINUTE, 5 * MINUTE, 0);
}

Test(growth, of_what_has_long_been_so_is_none, .init = set_up) {
  point(MINUTE, 1000);
  point(2 * MINUTE, 4000);
  expect_rate(60 * MINUTE, 5 * MINUTE, 0);
}

/* Points lie close together where much is charged: that is no reason for these to count more. */
Test(growth, goes_by_even_moments, .init = set_up) {
  for (uint64_t i = 0; i < 300; i++) point(i * SECOND, 10 * i);
  for (uint64_t i = 0; i < 300; i++) point(300 * SECOND + i * 1000000, 3000 + 1000 * i);
  expect_rate(300 * SECOND, 5 * MINUTE, 36000);
}

Test(growth, is_known_once_half_of_the_window_is, .init = set_up) {
  double rate = 7;
  for (uint64_t i = 0; i <= 300; i++) point(MINUTE + i * SECOND, 10 * i);
  expect_rate(MINUTE + 150 * SECOND, 5 * MINUTE, 36000);
  cr_expect_not(growth_of(&timeline, ID, MINUTE + 149 * SECOND, 5 * MINUTE, &rate),
                "points for less than half");
  cr_expect_not(growth_of(&timeline, ID, MINUTE, 5 * MINUTE, &rate), "nor is the process so old");
  cr_expect_not(growth_of(&timeline, ID, 0, 0, &rate));
  timeline.count = 0;
  cr_expect_not(growth_of(&timeline, ID, 10 * MINUTE, MINUTE, &rate), "no points");
  cr_expect_eq(rate, 7);
}

static struct snapshot snapshot;

static void category(const char *name, uint32_t parent) {
  struct category_figures *row = &snapshot.categories[++snapshot.category_count];
  strcpy(row->name, name);
  row->parent = (uint16_t)parent;
}

Test(growth, of_all_categories_is_by_windows, .init = set_up) {
  snapshot = (struct snapshot){.category_count = 0};
  category("total", 0);
  category("cache", 1);
  category("cache/rows", 2);
  for (uint64_t i = 0; i <= 300; i++) {
    point(i * SECOND, 100000 - 10 * i);
    points[i].charged[2] = 500 + i;
  }
  growth_put(&timeline, 5 * MINUTE, &snapshot);
  const struct category_growth *growth = snapshot.growth.of[0];
  cr_expect(snapshot.growth.is_known[0]);
  cr_expect_not(snapshot.growth.is_known[1], "six hours");
  cr_expect_eq(growth[ID].own, -36000);
  cr_expect_eq(growth[ID].subtree, -36000);
  cr_expect_eq(growth[2].own, 3600);
  cr_expect_eq(growth[2].subtree, -32400);
  cr_expect_eq(growth[1].subtree, -32400);
  cr_expect_eq(growth[0].own, -32400);
  cr_expect_eq(growth[0].subtree, -32400);
  growth_put(&timeline, MINUTE, &snapshot);
  cr_expect_not(snapshot.growth.is_known[0]);
}

/* The one rises when the other does no more: together they do evenly. */
Test(growth, of_a_subtree_is_that_of_the_sum, .init = set_up) {
  snapshot = (struct snapshot){.category_count = 0};
  category("total", 0);
  category("one", 1);
  category("other", 1);
  for (uint64_t i = 0; i <= 300; i++) {
    point(i * SECOND, i < 200 ? 0 : 10 * (i - 200));
    points[i].charged[2] = i < 200 ? 10 * i : 2000;
  }
  growth_put(&timeline, 5 * MINUTE, &snapshot);
  cr_expect_eq(snapshot.growth.of[0][1].subtree, 36000);
  cr_expect_lt(snapshot.growth.of[0][2].own, 36000);
  cr_expect_lt(snapshot.growth.of[0][ID].own, 36000);
}

Test(growth, is_no_more_than_a_number_can_say, .init = set_up) {
  snapshot = (struct snapshot){.category_count = 0};
  category("total", 0);
  category("one", 1);
  category("other", 1);
  for (uint64_t i = 0; i <= 300; i++) point(i * SECOND, i < 150 ? 0 : UINT64_MAX);
  growth_put(&timeline, 5 * MINUTE, &snapshot);
  cr_expect_gt(snapshot.growth.of[0][ID].own, INT64_C(8000000000000000000));
}
