/*
 * Tests of launch/tree.c: who gets a line.
 */
#include "launch/tree.h"

#include <criterion/criterion.h>

static struct tree tree;
static struct process process;

static void add(uint32_t pid, uint64_t peak, enum process_state state, uint64_t allocated, bool is_last) {
  process.snapshot.name = (struct place_name){.pid = pid, .start_ticks = 5};
  process.snapshot.total.peak_bytes = peak;
  process.snapshot.total.allocations = 1;
  process.snapshot.own_allocated_bytes = allocated;
  process.state = state;
  tree_add(&tree, &process, is_last && pid == 1);
}

static void set_up(void) {
  tree = (struct tree){.child_count = 0};
}

static void tear_down(void) {
  tree_free(&tree);
}

Test(tree, keeps_the_largest_children, .init = set_up, .fini = tear_down) {
  for (uint32_t i = 0; i < 100; i++) add(2 + i, (i * 37) % 100, PROCESS_EXITED, 0, true);
  cr_assert_null(tree.program);
  cr_assert_eq(tree.child_count, TREE_CHILDREN);
  for (size_t i = 0; i < TREE_CHILDREN; i++) {
    cr_assert_eq(tree.children[i]->snapshot.total.peak_bytes, 99 - i);
  }
  cr_assert_eq(tree.rest.processes, 80);
  cr_assert_eq(tree.rest.allocations, 80);
  cr_assert_eq(tree.rest.peak_bytes, 79 * 80 / 2);
}

Test(tree, takes_the_last_image_for_the_program, .init = set_up, .fini = tear_down) {
  add(1, 10, PROCESS_REPLACED, 0, false);
  cr_assert_null(tree.program);
  cr_assert_eq(tree.child_count, 0, "it did nothing worth showing");
  add(1, 10, PROCESS_REPLACED, 8 << 20, false);
  cr_assert_eq(tree.child_count, 1);
  add(1, 20, PROCESS_GONE, 0, true);
  cr_assert_eq(tree.program->snapshot.total.peak_bytes, 20);
}

Test(tree, shows_the_program_though_it_went_on_untracked, .init = set_up, .fini = tear_down) {
  add(1, 10, PROCESS_REPLACED, 0, true);
  cr_assert_eq(tree.program->state, PROCESS_REPLACED);
  add(2, 10, PROCESS_REPLACED, 0, true);
  cr_assert_eq(tree.child_count, 0);
}
