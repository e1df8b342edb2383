/*
 * Tests of diff/gone.c: what an image holds no more once exec has replaced it, and what stays its own.
 */
#include "diff/gone.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct process *processes[2];
static struct subject subject = {.processes = processes, .count = 2};

static void hold(struct process *process) {
  struct snapshot *snapshot = &process->snapshot;
  struct figures held = {.live_bytes = 10, .live_blocks = 2, .peak_bytes = 30, .allocations = 9};
  snapshot->category_count = 1;
  snapshot->total = snapshot->categories[1].own = snapshot->categories[1].subtree = held;
  snapshot->accounts[1] = (struct account_figures){.live_bytes = 7, .peak_bytes = 8};
  snapshot->budgets.count = 1;
  snapshot->budgets.budget[0] =
      (struct budget_facts){.category = 1, .limit_bytes = 100, .used_bytes = 10, .worst_bytes = 30};
}

static void set_up(void) {
  for (int i = 0; i < 2; i++) hold(processes[i] = calloc(1, sizeof *processes[i]));
  processes[0]->state = PROCESS_REPLACED;
}

static void tear_down(void) {
  for (int i = 0; i < 2; i++) free(processes[i]);
}

static void expect_live(const struct process *process, uint64_t live, uint64_t accounted) {
  const struct snapshot *snapshot = &process->snapshot;
  cr_expect_eq(snapshot->total.live_bytes, live);
  cr_expect_eq(snapshot->categories[1].own.live_bytes, live);
  cr_expect_eq(snapshot->categories[1].subtree.live_bytes, live);
  cr_expect_eq(snapshot->budgets.budget[0].used_bytes, live);
  cr_expect_eq(snapshot->accounts[1].live_bytes, accounted);
}

Test(gone, nothing_lives_of_what_was_replaced, .init = set_up, .fini = tear_down) {
  gone_forget(&subject);
  expect_live(processes[0], 0, 0);
  expect_live(processes[1], 10, 7);
  const struct snapshot *snapshot = &processes[0]->snapshot;
  cr_expect(gone_is(processes[0]));
  cr_expect_not(gone_is(processes[1]));
  cr_expect_eq(snapshot->total.peak_bytes, 30);
  cr_expect_eq(snapshot->total.allocations, 9);
  cr_expect_eq(snapshot->accounts[1].peak_bytes, 8);
  cr_expect_eq(snapshot->budgets.budget[0].worst_bytes, 30);
}

Test(gone, one_that_is_named_alone_stands_as_it_was, .init = set_up, .fini = tear_down) {
  struct subject alone = {.processes = processes, .count = 1};
  gone_forget(&alone);
  expect_live(processes[0], 10, 7);
  cr_expect_not(gone_is(processes[0]));
}
