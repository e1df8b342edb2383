/*
 * Tests of diff/category_diff.c and diff/pairing.c: what is put beside what, and what is said of it.
 */
#include "diff/category_diff.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "diff/pairing.h"

static struct process *before, *after;
static struct category_diff diff;
static struct selection selection;

static void category(struct process *process, const char *name, uint32_t parent, uint64_t live) {
  struct snapshot *snapshot = &process->snapshot;
  uint32_t id = ++snapshot->category_count;
  struct category_figures *row = &snapshot->categories[id];
  strcpy(row->name, name);
  row->parent = (uint16_t)parent;
  row->depth = parent ? snapshot->categories[parent].depth + 1 : 0;
  row->own = (struct figures){.live_bytes = live, .allocations = live / 10};
  for (uint32_t at = id; at; at = snapshot->categories[at].parent)
    snapshot->categories[at].subtree.live_bytes += live;
  snapshot->total.live_bytes += live;
}

static void set_up(void) {
  before = calloc(1, sizeof *before);
  after = calloc(1, sizeof *after);
  selection = (struct selection){.depth = UINT32_MAX};
  category(before, "total", 0, 0);
  category(after, "total", 0, 0);
}

static void tear_down(void) {
  category_diff_free(&diff);
  free(before);
  free(after);
}

static void make(uint64_t doubt) {
  cr_assert_eq(category_diff_make(before, after, &selection, MEASURE_LIVE, doubt, &diff), 0);
}

static void row_is(size_t number, const char *name, const char *change, uint64_t was, uint64_t is) {
  cr_assert_lt(number, diff.count);
  const struct category_change *row = &diff.category[number];
  cr_expect_str_eq(row->name, name);
  cr_expect_str_eq(change_word(row->change), change, "%s: %s", name, change_word(row->change));
  cr_expect_eq(row->value_before, was, "%s", name);
  cr_expect_eq(row->value, is, "%s", name);
}

/* The ids differ: they are given as categories come. */
Test(category_diff, by_name_the_largest_change_first, .init = set_up, .fini = tear_down) {
  category(before, "a", 1, 100);
  category(before, "b", 1, 500);
  category(before, "old", 1, 7);
  category(before, "same", 1, 3);
  category(after, "new", 1, 30);
  category(after, "same", 1, 3);
  category(after, "b", 1, 100);
  category(after, "a", 1, 300);
  make(0);
  cr_assert_eq(diff.count, 6);
  row_is(0, "b", "shrunk", 500, 100);
  row_is(1, "a", "grown", 100, 300);
  row_is(2, "new", "new", 0, 30);
  row_is(3, "old", "gone", 7, 0);
  row_is(4, "same", "same", 3, 3);
  cr_expect_not(diff.category[2].before.is_there);
  cr_expect_eq(diff.total.value_before, 610);
  cr_expect_eq(diff.total.value, 433);
}

Test(category_diff, of_a_part, .init = set_up, .fini = tear_down) {
  category(before, "a", 1, 100);
  category(before, "b", 1, 500);
  category(after, "a", 1, 300);
  category(after, "a/below", 2, 50);
  selection.category = "a";
  make(0);
  cr_assert_eq(diff.count, 2);
  row_is(0, "a", "grown", 100, 300);
  row_is(1, "a/below", "new", 0, 50);
  cr_expect_str_eq(diff.total.name, "a");
  cr_expect_eq(diff.total.value, 350);
}

Test(category_diff, folded, .init = set_up, .fini = tear_down) {
  category(before, "a", 1, 100);
  category(after, "a", 1, 300);
  category(after, "a/below", 2, 50);
  selection.depth = 1;
  make(0);
  row_is(0, "a", "grown", 100, 350);
}

Test(category_diff, closer_than_is_known, .init = set_up, .fini = tear_down) {
  category(before, "a", 1, 100);
  category(after, "a", 1, 110);
  make(10);
  row_is(0, "a", "unclear", 100, 110);
  category_diff_free(&diff);
  make(9);
  row_is(0, "a", "grown", 100, 110);
}

Test(category_diff, by_blocks, .init = set_up, .fini = tear_down) {
  category(before, "a", 1, 100);
  category(after, "a", 1, 110);
  cr_assert_eq(category_diff_make(before, after, &selection, MEASURE_COUNT, 0, &diff), 0);
  row_is(0, "a", "grown", 10, 11);
}

Test(category_diff, measures_by_their_words) {
  enum measure measure;
  for (enum measure each = MEASURE_LIVE; each <= MEASURE_COUNT; each++) {
    cr_assert_eq(measure_of(measure_word(each), &measure), 0);
    cr_expect_eq(measure, each);
  }
  cr_expect_eq(measure_of("lifetime", &measure), -1);
}

static struct process *processes[2][4];
static struct subject subjects[2] = {{.processes = processes[0]}, {.processes = processes[1]}};
static struct pairing pairing;

static void subject_is(size_t which, size_t count, const char *const programs[]) {
  subjects[which].count = count;
  for (size_t i = 0; i < count; i++) {
    processes[which][i] = calloc(1, sizeof *processes[which][i]);
    strcpy(processes[which][i]->snapshot.program, programs[i]);
  }
}

static void forget_subjects(void) {
  pairing_free(&pairing);
  for (size_t i = 0; i < 2; i++)
    for (size_t k = 0; k < subjects[i].count; k++) free(processes[i][k]);
}

Test(pairing, by_program_and_order, .fini = forget_subjects) {
  subject_is(0, 3, (const char *const[]){"sh", "cc", "cc"});
  subject_is(1, 3, (const char *const[]){"cc", "ld", "sh"});
  cr_assert_eq(pairing_make(&subjects[0], &subjects[1], &pairing), 0);
  cr_assert_eq(pairing.count, 4);
  cr_expect_eq(pairing.pair[0].after, processes[1][2]);
  cr_expect_eq(pairing.pair[1].after, processes[1][0]);
  cr_expect_null(pairing.pair[2].after);
  cr_expect_null(pairing.pair[3].before);
  cr_expect_eq(pairing.pair[3].after, processes[1][1]);
}

Test(pairing, one_each_is_a_pair_in_any_case, .fini = forget_subjects) {
  subject_is(0, 1, (const char *const[]){"app-1.0"});
  subject_is(1, 1, (const char *const[]){"app-1.1"});
  cr_assert_eq(pairing_make(&subjects[0], &subjects[1], &pairing), 0);
  cr_assert_eq(pairing.count, 1);
  cr_expect_eq(pairing.pair[0].before, processes[0][0]);
  cr_expect_eq(pairing.pair[0].after, processes[1][0]);
}

Test(pairing, what_was_replaced_at_once_is_left_out, .fini = forget_subjects) {
  subject_is(0, 2, (const char *const[]){"sh", "cc"});
  subject_is(1, 4, (const char *const[]){"sh", "sh", "cc", "cc"});
  processes[0][0]->state = processes[1][0]->state = processes[1][1]->state = PROCESS_REPLACED;
  processes[1][2]->state = PROCESS_REPLACED;
  processes[1][1]->snapshot.own_allocated_bytes = 1 << 20;
  cr_assert_eq(pairing_make(&subjects[0], &subjects[1], &pairing), 0);
  cr_assert_eq(pairing.count, 2);
  cr_expect_eq(pairing.pair[0].before, processes[0][1]);
  cr_expect_eq(pairing.pair[0].after, processes[1][3]);
  cr_expect_eq(pairing.pair[1].after, processes[1][1]);
}

Test(pairing, a_replaced_image_by_itself_is_compared, .fini = forget_subjects) {
  subject_is(0, 1, (const char *const[]){"sh"});
  subject_is(1, 1, (const char *const[]){"cc"});
  processes[0][0]->state = PROCESS_REPLACED;
  cr_assert_eq(pairing_make(&subjects[0], &subjects[1], &pairing), 0);
  cr_assert_eq(pairing.count, 1);
  cr_expect_eq(pairing.pair[0].after, processes[1][0]);
}
