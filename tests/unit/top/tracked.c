/*
 * Tests of top/tracked.c: looks at a process, what rates follow, its course by a timeline.
 */
#include "top/tracked.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "top/tracked_process.h"
#include "view/field.h"

#define SECOND UINT64_C(1000000000)

static struct process *process;
static struct tracked tracked;
static uint32_t cache, pages;

static void set_up(void) {
  process = tracked_process(7, "server");
  cache = tracked_process_add(process, 1, "cache", 1000);
  pages = tracked_process_add(process, cache, "cache/pages", 500);
  tracked = (struct tracked){.nodes = NULL};
}

static void tear_down(void) {
  tracked_free(&tracked);
  free(process);
}

static void look(uint64_t now_ns) {
  cr_assert_eq(tracked_take(&tracked, process, now_ns), 0);
}

TestSuite(tracked, .init = set_up, .fini = tear_down);

Test(tracked, first_look_has_figures_and_no_rates) {
  look(5 * SECOND);
  cr_assert_eq(tracked.node_count, 3);
  cr_assert_str_eq(tracked.nodes[pages].name, "cache/pages");
  cr_assert_eq(tracked_root(&tracked)->live_bytes, 1500);
  cr_assert_eq(tracked.nodes[cache].live_bytes, 1500);
  cr_assert_eq(tracked.nodes[pages].live_bytes, 500);
  cr_assert_not(tracked.nodes[cache].has_rates);
  cr_assert(tracked.needs_course);
  cr_assert(tracked.is_alive);
}

Test(tracked, rates_are_by_the_time_between_two_looks) {
  look(5 * SECOND);
  for (int i = 0; i < 10; i++) tracked_process_grow(process, pages, 100);
  for (int i = 0; i < 4; i++) tracked_process_grow(process, pages, -100);
  look(7 * SECOND);
  const struct node *node = &tracked.nodes[cache];
  cr_assert(node->has_rates);
  cr_assert_float_eq(node->allocations_per_second, 5, 1e-9);
  cr_assert_float_eq(node->frees_per_second, 2, 1e-9);
  cr_assert_float_eq(node->allocated_bytes_per_second, 500, 1e-9);
  cr_assert_float_eq(node->change_bytes_per_second, 300, 1e-9);
  tracked_process_grow(process, pages, -600);
  look(8 * SECOND);
  cr_assert_float_eq(node->change_bytes_per_second, -600, 1e-9);
}

Test(tracked, a_count_that_was_summed_too_early_is_no_rate) {
  look(SECOND);
  process->snapshot.categories[cache].subtree.allocations--;
  look(2 * SECOND);
  cr_assert_float_eq(tracked.nodes[cache].allocations_per_second, 0, 1e-9);
}

Test(tracked, categories_come_later) {
  look(SECOND);
  uint32_t late = tracked_process_add(process, 1, "late", 64);
  look(2 * SECOND);
  cr_assert_eq(tracked.node_count, 4);
  cr_assert_eq(tracked.nodes[late].live_bytes, 64);
  cr_assert_eq(tracked.nodes[late].growth[0], FIELD_UNKNOWN);
}

Test(tracked, budgets_come_and_go) {
  tracked_process_limit(process, cache, 2000, RATION_LEVEL_LOW);
  tracked_process_limit(process, pages, 520, RATION_LEVEL_CRITICAL);
  process->snapshot.budgets.budget[0].outside = RATION_LEVEL_HIGH;
  look(SECOND);
  cr_assert_eq(tracked.nodes[cache].limit_bytes, 2000);
  cr_assert_eq(tracked.nodes[cache].used_bytes, 1500);
  cr_assert_eq(tracked.nodes[cache].level, RATION_LEVEL_HIGH);
  cr_assert_eq(tracked_level(&tracked), RATION_LEVEL_CRITICAL);
  process->snapshot.budgets.count = 0;
  look(2 * SECOND);
  cr_assert_eq(tracked.nodes[cache].limit_bytes, 0);
  cr_assert_eq(tracked_level(&tracked), RATION_LEVEL_NONE);
}

Test(tracked, growth_is_of_subtrees_or_not_known) {
  look(SECOND);
  process->snapshot.growth.is_known[0] = true;
  process->snapshot.growth.of[0][cache] = (struct category_growth){.own = 1, .subtree = -3600};
  tracked_take_growth(&tracked, &process->snapshot, SECOND);
  cr_assert_eq(tracked.nodes[cache].growth[0], -3600);
  cr_assert_eq(tracked.nodes[cache].growth[1], FIELD_UNKNOWN);
}

Test(tracked, the_end_keeps_figures_and_ends_rates) {
  look(SECOND);
  look(2 * SECOND);
  tracked_end(&tracked, 3 * SECOND);
  tracked_end(&tracked, 4 * SECOND);
  cr_assert_not(tracked.is_alive);
  cr_assert_eq(tracked.ended_ns, 3 * SECOND);
  cr_assert_eq(tracked.nodes[cache].live_bytes, 1500);
  cr_assert_not(tracked.nodes[cache].has_rates);
}

Test(tracked, one_that_is_read_as_ended_has_ended) {
  look(SECOND);
  process->state = PROCESS_KILLED;
  look(2 * SECOND);
  cr_assert_not(tracked.is_alive);
  cr_assert_eq(tracked.ended_ns, 2 * SECOND);
}

/* Charged are 1,500 bytes and 64 of credit. */
Test(tracked, its_course_is_that_of_the_timeline_less_credit) {
  struct timeline_point points[] = {{.at_ns = 10 * SECOND}, {.at_ns = 100 * SECOND}, {.at_ns = 118 * SECOND}};
  struct timeline timeline = {points, 3, true};
  points[0].charged[cache] = 300;
  points[1].charged[pages] = 764;
  points[2].charged[cache] = 1000, points[2].charged[pages] = 564;
  look(SECOND);
  tracked_take_course(&tracked, &timeline, 120 * SECOND);
  const struct course *course = &tracked.nodes[cache].course;
  cr_assert_eq(course->count, COURSE_VALUES);
  cr_assert_eq(course->value[0], 300 - 64);
  cr_assert_eq(course->value[41], 764 - 64);
  cr_assert_eq(course->value[COURSE_VALUES - 1], 1500);
  cr_assert_eq(tracked.nodes[pages].course.value[41], 764 - 64);
  cr_assert_not(tracked.needs_course);
}

Test(tracked, without_a_timeline_the_course_begins_now) {
  struct timeline timeline = {.points = NULL};
  look(SECOND);
  tracked_take_course(&tracked, &timeline, 120 * SECOND);
  cr_assert_eq(tracked.nodes[cache].course.count, 1);
}

Test(tracked, a_passive_process_has_no_rows_of_its_own) {
  process->snapshot.category_count = 0;
  process->snapshot.passive = RATION_PASSIVE_OWN_MALLOC;
  look(SECOND);
  cr_assert_null(tracked_root(&tracked));
  cr_assert_eq(tracked_level(&tracked), RATION_LEVEL_NONE);
}
