/*
 * Tests of reader/growth.c: which point counts as the one before, and when nobody can tell.
 */
#include "reader/growth.h"

#include <criterion/criterion.h>

#define SECOND UINT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define ID     3

static struct timeline_point points[3];
static struct timeline timeline = {.points = points, .count = 3, .is_kept = true};

static void set_up(void) {
  points[0] = (struct timeline_point){.at_ns = MINUTE, .charged = {[ID] = 1000}};
  points[1] = (struct timeline_point){.at_ns = 4 * MINUTE, .charged = {[ID] = 4000}};
  points[2] = (struct timeline_point){.at_ns = 9 * MINUTE, .charged = {[ID] = 3000}};
}

Test(growth, is_from_the_last_point_that_is_so_old, .init = set_up) {
  double rate;
  cr_assert(growth_of(&timeline, ID, 10 * MINUTE, 5 * MINUTE, &rate));
  cr_expect_float_eq(rate, -1000 / 6.0 * 60, 1e-6, "%f: what it lost in the six minutes since that point",
                     rate);
  cr_assert(growth_of(&timeline, ID, 10 * MINUTE, 8 * MINUTE, &rate));
  cr_expect_float_eq(rate, 2000 / 9.0 * 60, 1e-6, "%f", rate);
}

Test(growth, of_what_has_long_been_so_is_none, .init = set_up) {
  double rate = 1;
  cr_assert(growth_of(&timeline, ID, 60 * MINUTE, 5 * MINUTE, &rate));
  cr_expect_eq(rate, 0);
}

Test(growth, is_not_known_of_a_process_that_is_younger, .init = set_up) {
  double rate = 7;
  cr_expect_not(growth_of(&timeline, ID, 10 * MINUTE, 9 * MINUTE + SECOND, &rate), "no point is so old");
  cr_expect_not(growth_of(&timeline, ID, 4 * MINUTE, 5 * MINUTE, &rate), "nor is the process");
  cr_expect_not(growth_of(&timeline, ID, 0, 0, &rate));
  cr_expect_eq(rate, 7);
}

Test(growth, is_not_known_without_points) {
  struct timeline none = {.is_kept = true};
  double rate;
  cr_expect_not(growth_of(&none, ID, 10 * MINUTE, MINUTE, &rate));
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
  points[0].charged[2] = 500;
  growth_put(&timeline, 10 * MINUTE, &snapshot);
  const struct category_growth *growth = snapshot.growth.of[0];
  cr_expect(snapshot.growth.is_known[0]);
  cr_expect_not(snapshot.growth.is_known[1], "six hours");
  cr_expect_eq(growth[ID].own, -10000);
  cr_expect_eq(growth[ID].subtree, -10000);
  cr_expect_eq(growth[2].own, 0);
  cr_expect_eq(growth[2].subtree, -10000);
  cr_expect_eq(growth[1].subtree, -10000);
  cr_expect_eq(growth[0].own, -10000);
  cr_expect_eq(growth[0].subtree, -10000);
  points[2].charged[ID] = UINT64_MAX;
  growth_put(&timeline, 10 * MINUTE, &snapshot);
  cr_expect_gt(growth[ID].own, INT64_C(8000000000000000000), "no more than a number can say");
  growth_put(&timeline, MINUTE, &snapshot);
  cr_expect_not(snapshot.growth.is_known[0]);
}
