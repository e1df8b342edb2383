/*
 * Tests of reader/budget_table.c, handler_list.c and refusal_list.c: rows that say something, and rows that must not.
 */
#include "reader/snapshot.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"

static struct fake_segment segment;
static struct snapshot snapshot;

static void fill(void) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
}

static void read_segment(void) {
  struct fault fault;
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &snapshot, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
}

Test(budget_table, says_what_its_rows_say, .init = fill) {
  segment.budgets[4].accounted_bytes = 100;
  segment.budgets[4].simulated = 1 + RATION_LEVEL_LOW;
  segment.budgets[1].outside_level = RATION_LEVEL_HIGH;
  read_segment();
  cr_assert_eq(snapshot.budgets.count, 2);
  const struct budget_facts *total = &snapshot.budgets.budget[0], *budget = &snapshot.budgets.budget[1];
  cr_assert_eq(total->category, 1);
  cr_assert_eq(total->used_bytes, FAKE_A_LIVE + FAKE_A_CREDIT + FAKE_OTHER_LIVE, "with what threads hold");
  cr_assert_eq(total->taken_for, RATION_LEVEL_NONE);
  cr_assert_eq(total->outside, RATION_LEVEL_HIGH);
  cr_assert_eq(budget->category, 4);
  cr_assert_eq(budget->policy, RATION_POLICY_REFUSE);
  cr_assert_eq(budget->level, RATION_LEVEL_CRITICAL);
  cr_assert_eq(budget->taken_for, RATION_LEVEL_LOW);
  cr_assert_eq(budget->limit_bytes, 80000);
  cr_assert_eq(budget->reserve_bytes, 5000);
  cr_assert_eq(budget->used_bytes, FAKE_A_LIVE + FAKE_A_CREDIT + 100);
  cr_assert_eq(budget->refused, 3);
  cr_assert_eq(budget->worst_bytes, 79000);
  cr_assert_eq(budget->level_ns[RATION_LEVEL_LOW], FAKE_SECOND / 4);
  cr_assert_eq(snapshot.last_at, FAKE_STARTED_AT + FAKE_SECOND * 3 / 2);
}

/* It is raised a moment after what is used. */
Test(budget_table, knows_no_worst_below_what_is_used, .init = fill) {
  segment.budgets[4].worst_bytes = 5;
  read_segment();
  cr_assert_eq(snapshot.budgets.budget[1].worst_bytes, FAKE_A_LIVE + FAKE_A_CREDIT);
}

Test(budget_table, passes_over_rows_that_make_no_sense, .init = fill) {
  static const struct ration_segment_budget broken[] = {
      {.limit_bytes = 0, .policy = RATION_POLICY_REFUSE},
      {.limit_bytes = UINT64_C(1) << 47, .policy = RATION_POLICY_REFUSE},
      {.limit_bytes = UINT64_MAX, .policy = RATION_POLICY_REFUSE},
      {.limit_bytes = 1, .policy = 0},
      {.limit_bytes = 1, .policy = RATION_POLICY_ABORT + 1},
      {.limit_bytes = 1, .policy = UINT32_MAX},
      {.limit_bytes = 1, .policy = RATION_POLICY_NOTIFY, .level = RATION_LEVELS},
      {.limit_bytes = 1, .policy = RATION_POLICY_NOTIFY, .level = UINT32_MAX},
      {.limit_bytes = 1, .policy = RATION_POLICY_NOTIFY, .simulated = RATION_LEVELS + 1},
      {.limit_bytes = 1, .policy = RATION_POLICY_NOTIFY, .outside_level = RATION_LEVELS},
  };
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    segment.budgets[4] = broken[i];
    read_segment();
    cr_assert_eq(snapshot.budgets.count, 1, "row %zu", i);
    cr_assert_eq(snapshot.budgets.budget[0].category, 1);
  }
}

Test(budget_table, takes_huge_numbers_for_what_they_are, .init = fill) {
  memset(&segment.budgets[4].level_since_at, 0xff, 11 * sizeof(uint64_t));
  segment.budgets[4].accounted_bytes = UINT64_MAX;
  read_segment();
  cr_assert_eq(snapshot.budgets.budget[1].worst_bytes, UINT64_MAX);
  cr_assert_eq(snapshot.budgets.budget[1].used_bytes, FAKE_A_LIVE + FAKE_A_CREDIT);
  cr_assert_eq(snapshot.last_at, UINT64_MAX);
}

Test(budget_table, ends_with_its_table, .init = fill) {
  segment.header.tables[FAKE_TABLES].rows = 4; /* that of lib/a.so is the fifth */
  read_segment();
  cr_assert_eq(snapshot.budgets.count, 1);
}

Test(handler_list, is_in_the_order_of_calls, .init = fill) {
  segment.handlers[1] = segment.handlers[0];
  segment.handlers[1].number = 0;
  segment.handlers[3] = segment.handlers[0];
  segment.handlers[3].priority = INT32_MIN;
  segment.handlers[3].running_since_at = 7;
  read_segment();
  cr_assert_eq(snapshot.handlers.count, 4);
  const struct handler_facts *handlers = snapshot.handlers.handler;
  cr_assert_eq(handlers[0].priority, INT32_MIN);
  cr_assert_eq(handlers[0].running_since_at, 7);
  cr_assert_eq(handlers[1].priority, -1);
  cr_assert_not(handlers[1].is_registered);
  cr_assert(handlers[2].number == 0 && handlers[3].number == 1);
  cr_assert(handlers[3].is_registered);
  cr_assert_eq(handlers[3].claimed_bytes, 64 << 20);
  cr_assert_eq(handlers[3].freed_bytes, 3 << 20);
  cr_assert_eq(handlers[3].category_change_bytes, -(2 << 20));
  cr_assert_eq(handlers[3].longest_ns, 1500000);
}

Test(handler_list, passes_over_rows_that_make_no_sense, .init = fill) {
  const struct ration_segment_handler sound = segment.handlers[0];
  struct ration_segment_handler broken[8];
  for (size_t i = 0; i < 8; i++) broken[i] = sound;
  broken[0].state = RATION_HANDLER_FREE;
  broken[1].state = RATION_HANDLER_GONE + 1;
  broken[2].category = 0;
  broken[3].category = 5;
  broken[4].lowest_level = RATION_LEVEL_NONE;
  broken[5].lowest_level = RATION_LEVELS;
  broken[6].dispatch = 0;
  broken[7].dispatch = RATION_DISPATCH_SYNCHRONOUS + 1;
  for (size_t i = 0; i < 8; i++) {
    segment.handlers[0] = broken[i];
    read_segment();
    cr_assert_eq(snapshot.handlers.count, 1, "row %zu", i);
  }
}

Test(refusal_list, says_who_was_refused, .init = fill) {
  read_segment();
  cr_assert_eq(snapshot.refusals.count, 2);
  const struct refusal_facts *rest = &snapshot.refusals.refusal[0], *asker = &snapshot.refusals.refusal[1];
  cr_assert_eq(rest->category, 0);
  cr_assert_eq(rest->requests, 2);
  cr_assert_eq(asker->category, 4);
  cr_assert_eq(asker->budget, 4);
  cr_assert_eq(asker->address, FAKE_ASKER);
  cr_assert_str_eq(asker->module, "a.so");
  cr_assert_eq(refusal_list_find(&snapshot.refusals, FAKE_ASKER | UINT64_C(1) << 47), asker);
  cr_assert_null(refusal_list_find(&snapshot.refusals, FAKE_ASKER + 1));
  cr_assert_null(refusal_list_find(&snapshot.refusals, 0));
}

Test(refusal_list, passes_over_rows_that_make_no_sense, .init = fill) {
  const struct ration_segment_refusal sound = segment.refusals[2];
  struct ration_segment_refusal broken[5];
  for (size_t i = 0; i < 5; i++) broken[i] = sound;
  broken[0].key = 0; /* that is the first row's alone */
  broken[1].key = FAKE_ASKER | UINT64_C(5) << 48;
  broken[2].key = FAKE_ASKER | UINT64_C(4) << 48 | UINT64_C(5) << 56;
  broken[3].requests = 0; /* its key is all that has been written yet */
  memset(broken[4].module, 'x', sizeof broken[4].module);
  for (size_t i = 0; i < 5; i++) {
    segment.refusals[2] = broken[i];
    read_segment();
    cr_assert_eq(snapshot.refusals.count, 1, "row %zu", i);
    cr_assert_eq(snapshot.refusals.refusal[0].category, 0);
  }
}
