/*
 * budget.c: tests of src/model/budget.c: limits, credit, levels. budget_tree.c has whole trees, and threads.
 */
#include "model/budget.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "model/budgeted.h"

/* ---- limits --------------------------------------------------------------------------------------------- */

Test(budget, holds_to_the_byte) {
  struct segment segment = fresh_segment(2);
  struct charge_outcome outcome;
  uint32_t a = fresh_segment_add(&segment, "a"), b = fresh_segment_add(&segment, "a/b");
  set(&segment, a, refuse_at(1000));
  cr_expect_eq(charge(&segment, b, 1001), -EDQUOT);
  cr_expect_eq(charge(&segment, b, 999), 0);
  cr_expect_eq(charge(&segment, a, 2), -EDQUOT);
  cr_expect_eq(charge(&segment, a, 1), 0);
  cr_expect_eq(charge_with(&segment, b, 1, (struct charge_right){0}, &outcome), -EDQUOT);
  cr_expect_eq(outcome.budget, a);
  cr_expect_eq(charge(&segment, b, 0), 0);
  expect_bytes(subtree(&segment, RATION_CATEGORY_TOTAL), 1000);
  expect_bytes(budget_available(&segment, b, (struct charge_right){0}), 0);
  cr_expect_eq(charge(&segment, b, -1), 0);
  expect_bytes(budget_available(&segment, b, (struct charge_right){0}), 1);
  cr_expect_eq(budget_available(&segment, RATION_CATEGORY_OTHER, (struct charge_right){0}), UINT64_MAX);
}

Test(budget, of_an_ancestor_holds_and_undoes_all) {
  struct segment segment = fresh_segment(2);
  struct charge_outcome outcome;
  uint32_t a = fresh_segment_add(&segment, "a"), b = fresh_segment_add(&segment, "a/b");
  set(&segment, RATION_CATEGORY_TOTAL, refuse_at(100));
  set(&segment, a, refuse_at(1000));
  set(&segment, b, refuse_at(500));
  cr_expect_eq(charge(&segment, b, 60), 0);
  uint64_t peaks[] = {segment_category(&segment, b)->own_peak, segment_category(&segment, b)->subtree_peak,
                      segment_category(&segment, a)->subtree_peak};
  cr_expect_eq(charge_with(&segment, b, 41, (struct charge_right){0}, &outcome), -EDQUOT);
  cr_expect_eq(outcome.budget, RATION_CATEGORY_TOTAL);
  cr_expect_eq(charge_with(&segment, b, 501, (struct charge_right){0}, &outcome), -EDQUOT);
  cr_expect_eq(outcome.budget, b, "the innermost that does not fit");
  expect_bytes(subtree(&segment, b), 60);
  expect_bytes(subtree(&segment, a), 60);
  expect_bytes(RATION_CHARGE_BYTES(segment_category(&segment, b)->own_charged), 60);
  cr_expect_eq(segment_category(&segment, b)->own_peak, peaks[0], "what was refused has never been");
  cr_expect_eq(segment_category(&segment, b)->subtree_peak, peaks[1]);
  cr_expect_eq(segment_category(&segment, a)->subtree_peak, peaks[2]);
  cr_expect(segment_is_valid(&segment));
}

Test(budget, keeps_its_reserve_for_those_with_a_right) {
  struct segment segment = fresh_segment(2);
  struct charge_outcome outcome;
  uint32_t a = fresh_segment_add(&segment, "a");
  struct budget_terms terms = refuse_at(1000);
  terms.reserve = 100;
  terms.grace = 16;
  set(&segment, a, terms);
  struct charge_right critical = {.may_use_reserve = 1}, small = {.requested = 16}, large = {.requested = 17};
  cr_expect_eq(charge(&segment, a, 901), -EDQUOT);
  cr_expect_eq(charge(&segment, a, 900), 0);
  cr_expect_eq(charge_with(&segment, a, 17, large, &outcome), -EDQUOT);
  cr_expect_eq(charge_with(&segment, a, 1, (struct charge_right){0}, &outcome), -EDQUOT, "not for a request");
  cr_expect_eq(charge_with(&segment, a, 40, small, &outcome), 0, "by what was asked for, not what it is");
  cr_expect_eq(charge_with(&segment, a, 61, critical, &outcome), -EDQUOT);
  cr_expect_eq(charge_with(&segment, a, 60, critical, &outcome), 0);
  cr_expect_eq(charge_with(&segment, a, 1, critical, &outcome), -EDQUOT, "nothing ever exceeds the limit");
  cr_expect_eq(charge_with(&segment, a, 1, small, &outcome), -EDQUOT);
  expect_bytes(budget_available(&segment, a, critical), 0);
  cr_expect_eq(charge(&segment, a, -150), 0);
  expect_bytes(budget_available(&segment, a, critical), 150);
  expect_bytes(budget_available(&segment, a, (struct charge_right){0}), 50);
}

Test(budget, that_only_notifies_counts_each_crossing) {
  struct segment segment = fresh_segment(2);
  struct charge_outcome outcome;
  uint32_t a = fresh_segment_add(&segment, "a"), b = fresh_segment_add(&segment, "a/b");
  set(&segment, a, notify_at(1000));
  cr_expect_eq(charge_with(&segment, b, 1000, (struct charge_right){0}, &outcome), 0);
  cr_expect_eq(outcome.breach, 0);
  cr_expect_eq(charge_with(&segment, b, 1, (struct charge_right){0}, &outcome), 0);
  cr_expect_eq(outcome.breach, a);
  cr_expect_eq(charge_with(&segment, b, 5000, (struct charge_right){0}, &outcome), 0);
  cr_expect_eq(outcome.breach, 0, "it is over already");
  cr_expect_eq(segment.budgets[a].breaches, 1);
  cr_expect_eq(charge(&segment, b, -5001), 0);
  cr_expect_eq(charge(&segment, b, 1), 0);
  cr_expect_eq(segment.budgets[a].breaches, 2);
  expect_bytes(segment.budgets[a].worst_bytes, 6001);
}

Test(budget, below_what_is_used_grants_nothing) {
  struct segment segment = fresh_segment(2);
  uint32_t a = fresh_segment_add(&segment, "a");
  cr_expect_eq(charge(&segment, a, 5000), 0);
  set(&segment, a, refuse_at(1000));
  cr_expect_eq(charge(&segment, a, 1), -EDQUOT);
  cr_expect_eq(charge(&segment, a, -3999), 0);
  cr_expect_eq(charge(&segment, a, 1), -EDQUOT);
  cr_expect_eq(charge(&segment, a, -2), 0);
  cr_expect_eq(charge(&segment, a, 1), 0);
  cr_expect_eq(charge(&segment, a, 1), -EDQUOT);
  budget_set(&segment, a, (struct budget_terms){0}, NOW);
  cr_expect_eq(charge(&segment, a, 100000), 0, "it was taken away");
  cr_expect_null(budget_of(&segment, a));
}

Test(budget, of_the_most_and_the_least) {
  struct segment segment = fresh_segment(2);
  uint32_t a = fresh_segment_add(&segment, "a"), b = fresh_segment_add(&segment, "b");
  set(&segment, a, refuse_at(BUDGET_LIMIT_MOST));
  cr_expect_eq(charge(&segment, a, (int64_t)BUDGET_LIMIT_MOST), 0);
  cr_expect_eq(charge(&segment, a, 1), -ENOMEM);
  cr_expect_eq(charge(&segment, a, -(int64_t)BUDGET_LIMIT_MOST), 0);
  set(&segment, b, refuse_at(1));
  cr_expect_eq(charge(&segment, b, 2), -EDQUOT);
  cr_expect_eq(charge(&segment, b, 1), 0);
  cr_expect_eq(charge(&segment, b, 1), -EDQUOT);
}

/* ---- credit --------------------------------------------------------------------------------------------- */

Test(budget, lets_credit_have_a_64th_of_it) {
  struct segment segment = fresh_segment(6);
  struct charge_outcome outcome = {0};
  uint64_t limit = 64 * 3 * RATION_CHARGE_UNIT;
  uint32_t a = fresh_segment_add(&segment, "a"), b = fresh_segment_add(&segment, "a/b");
  fresh_segment_use_slabs(&segment, 6);
  set(&segment, a, refuse_at(limit));
  for (uint32_t slab = 1; slab < 6; slab++)
    for (uint32_t id = a; id <= b; id++)
      cr_assert_eq(tally_take(&segment, id, segment_tally(&segment, slab, id), 100, (struct charge_right){0},
                              &outcome),
                   0);
  uint64_t allowance = RATION_CHARGE_ALLOWANCE(segment_category(&segment, a)->subtree_charged);
  expect_bytes(allowance, limit / 64);
  cr_expect(segment_is_valid(&segment));
}

Test(budget, lets_nobody_have_credit_of_its_last_bytes) {
  struct segment segment = fresh_segment(2);
  struct charge_outcome outcome = {0};
  uint32_t a = fresh_segment_add(&segment, "a");
  fresh_segment_use_slabs(&segment, 2);
  struct ration_segment_tally *tally = segment_tally(&segment, 1, a);
  struct budget_terms terms = refuse_at(10 << 20);
  terms.reserve = 1 << 20;
  set(&segment, a, terms);
  struct charge_right critical = {.may_use_reserve = 1};
  cr_expect_eq(charge(&segment, a, (9 << 20) - 5000), 0);
  cr_expect_eq(tally_take(&segment, a, tally, 1000, critical, &outcome), 0);
  cr_expect_eq(tally->credit, 0, "none beyond the ordinary limit: %lu", (unsigned long)tally->credit);
  expect_bytes(subtree(&segment, a), (9u << 20) - 4000);
  terms.policy = RATION_POLICY_NOTIFY;
  set(&segment, a, terms);
  cr_expect_eq(tally_take(&segment, a, tally, 1000, critical, &outcome), 0);
  cr_expect_eq(tally->credit, 0, "nor towards a crossing: %lu", (unsigned long)tally->credit);
  cr_expect_eq(charge(&segment, a, 10 << 20), 0);
  cr_expect_eq(tally_take(&segment, a, tally, 1000, critical, &outcome), 0);
  cr_expect_gt(tally->credit, 0, "beyond it there is nothing to be exact about");
}

/* Credit and what was set aside pay for a block together. */
Test(budget, needs_no_charge_for_what_is_there) {
  struct segment segment = fresh_segment(2);
  struct charge_outcome outcome = {0};
  uint32_t a = fresh_segment_add(&segment, "a");
  fresh_segment_use_slabs(&segment, 2);
  struct ration_segment_tally *tally = segment_tally(&segment, 1, a);
  cr_assert_eq(tally_take(&segment, a, tally, 96, (struct charge_right){0}, &outcome), 0);
  cr_assert_eq(tally->credit, 4096);
  cr_assert_eq(charge(&segment, a, 3000), 0);
  category_put_aside(&segment, a, 3000);
  uint64_t charged = segment_category(&segment, a)->own_charged;
  cr_assert_eq(tally_take(&segment, a, tally, 5000, (struct charge_right){0}, &outcome), 0);
  cr_expect_eq(segment_category(&segment, a)->own_charged, charged);
  expect_bytes(tally->credit, 4096 + 3000 - 5000);
  expect_bytes(segment_category(&segment, a)->set_aside, 0);
  cr_expect(segment_is_valid(&segment));
}

/* A size that no word holds is not one below zero. */
Test(budget, is_not_deceived_by_absurd_sizes) {
  struct segment segment = fresh_segment(2);
  uint32_t a = fresh_segment_add(&segment, "a");
  fresh_segment_use_slabs(&segment, 2);
  struct ration_segment_tally *tally = segment_tally(&segment, 1, a);
  set(&segment, a, refuse_at(1 << 20));
  cr_assert_eq(charge(&segment, a, 500000), 0);
  for (uint64_t less = 1; less < (1 << 21); less *= 2) {
    struct charge_outcome outcome = {0};
    uint64_t before = subtree(&segment, a) - tally->credit;
    cr_expect_lt(tally_take(&segment, a, tally, -less, (struct charge_right){0}, &outcome), 0, "-%lu",
                 (unsigned long)less);
    expect_bytes(subtree(&segment, a) - tally->credit, before);
  }
}

/* ---- levels --------------------------------------------------------------------------------------------- */

static uint32_t level_at(struct segment *segment, uint32_t category, uint64_t used) {
  uint32_t old;
  cr_assert_eq(charge(segment, category, (int64_t)used - (int64_t)subtree(segment, category)), 0);
  budget_look(segment, category, NOW, &old);
  return budget_level(&segment->budgets[category]);
}

Test(budget, has_levels_that_begin_and_end_to_the_byte) {
  struct segment segment = fresh_segment(2);
  uint32_t a = fresh_segment_add(&segment, "a");
  struct budget_terms terms = notify_at(11000);
  terms.reserve = 1000;
  set(&segment, a, terms);
  static const struct {
    uint64_t used;
    uint32_t level;
  } steps[] = {{0, 0},    {5999, 0}, {6000, 1},  {5800, 1}, {5799, 0}, {7999, 1}, {8000, 2}, {8999, 2},
               {9000, 3}, {9499, 3}, {9500, 4},  {9300, 4}, {9299, 3}, {8800, 3}, {8799, 2}, {7799, 1},
               {9500, 4}, {0, 0},    {20000, 4}, {5799, 0}, {6000, 1}, {9499, 3}, {5800, 1}, {0, 0}};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    uint32_t level = level_at(&segment, a, steps[i].used);
    cr_expect_eq(level, steps[i].level, "step %zu, used %lu: %u, not %u", i, (unsigned long)steps[i].used,
                 level, steps[i].level);
  }
}

Test(budget, has_levels_of_any_size) {
  struct segment segment = fresh_segment(2);
  uint32_t a = fresh_segment_add(&segment, "a");
  for (uint64_t limit = 1; limit < 300; limit++) {
    struct budget_terms terms = notify_at(limit);
    terms.thresholds = 0x64030201;
    set(&segment, a, terms);
    for (uint64_t used = 0; used <= limit; used++) {
      level_at(&segment, a, 0);
      uint32_t level = level_at(&segment, a, used), wanted = 0;
      static const uint64_t percent[] = {1, 2, 3, 100};
      while (wanted < 4 && used && used * 100 >= limit * percent[wanted]) wanted++;
      cr_assert_eq(level, wanted, "%lu of %lu: %u, not %u", (unsigned long)used, (unsigned long)limit, level,
                   wanted);
    }
  }
}

/* A charge that crosses an edge says so; one that crosses none does not, but for growths by 1 %. */
Test(budget, says_when_it_is_due) {
  struct segment segment = fresh_segment(2);
  struct charge_outcome outcome;
  uint32_t old, a = fresh_segment_add(&segment, "a");
  set(&segment, a, notify_at(10000));
  level_at(&segment, a, 5950);
  budget_note_growth(&segment, a);
  charge_with(&segment, a, 49, (struct charge_right){0}, &outcome);
  cr_expect_eq(outcome.is_due, 0);
  charge_with(&segment, a, 1, (struct charge_right){0}, &outcome);
  cr_expect_eq(outcome.is_due, 1, "low begins");
  cr_expect_eq(budget_look(&segment, a, NOW + 5, &old), 1);
  cr_expect_eq(old, RATION_LEVEL_NONE);
  expect_bytes(segment.budgets[a].level_ns[RATION_LEVEL_NONE], 5);
  cr_expect_eq(budget_look(&segment, a, NOW + 9, &old), 0);
  charge_with(&segment, a, 50, (struct charge_right){0}, &outcome);
  cr_expect_eq(outcome.is_due, 0);
  charge_with(&segment, a, 1, (struct charge_right){0}, &outcome);
  cr_expect_eq(outcome.is_due, 1, "grown by 1 %%");
  cr_expect_eq(budget_has_grown(&segment, a), 1);
  cr_expect_eq(budget_look(&segment, a, NOW, &old), 0);
  cr_expect_eq(budget_has_grown(&segment, a), 0);
  charge_with(&segment, a, -251, (struct charge_right){0}, &outcome);
  cr_expect_eq(outcome.is_due, 0);
  charge_with(&segment, a, -1, (struct charge_right){0}, &outcome);
  cr_expect_eq(outcome.is_due, 1, "low ends");
}

Test(budget, takes_accounts_in) {
  struct segment segment = fresh_segment(2);
  struct charge_outcome outcome = {0};
  uint32_t a = fresh_segment_add(&segment, "a"), b = fresh_segment_add(&segment, "a/b");
  budget_account(&segment, b, 100, &outcome);
  cr_expect_eq(segment.budgets[a].accounted_bytes, 0, "where there is no table, nothing is written");
  set(&segment, a, refuse_at(1000));
  budget_account(&segment, b, 400, &outcome);
  expect_bytes(budget_used(&segment, a), 400);
  cr_expect_eq(charge(&segment, a, 601), -EDQUOT);
  cr_expect_eq(charge(&segment, a, 600), 0);
  budget_account(&segment, b, 5000, &outcome);
  expect_bytes(budget_used(&segment, a), 6000);
  cr_expect_eq(charge(&segment, a, 1), -EDQUOT);
  cr_expect_eq(charge(&segment, a, -600), 0);
  budget_account(&segment, b, -5000, &outcome);
  cr_expect_eq(charge(&segment, a, 600), 0);
}

/* Two threads account for the same bytes, and the one that takes them off comes by first. */
Test(budget, is_not_misled_by_accounts_that_end_before_they_begin) {
  struct segment segment = fresh_segment(2);
  struct charge_outcome outcome = {0};
  uint32_t a = fresh_segment_add(&segment, "a");
  set(&segment, a, refuse_at(1000));
  cr_expect_eq(charge(&segment, a, 10), 0);
  budget_account(&segment, a, -5000, &outcome);
  cr_expect_eq(charge(&segment, a, 991), -EDQUOT);
  cr_expect_eq(charge(&segment, a, 990), 0);
  expect_bytes(budget_used(&segment, a), 1000);
  expect_bytes(segment.budgets[a].worst_bytes, 1000);
  budget_account(&segment, a, 5000, &outcome);
  expect_bytes(budget_used(&segment, a), 1000);
  expect_bytes(segment.budgets[a].worst_bytes, 1000);
}

Test(budget, injects_faults) {
  struct segment segment = fresh_segment(2);
  uint32_t a = fresh_segment_add(&segment, "a"), b = fresh_segment_add(&segment, "a/b");
  cr_assert_eq(budget_prepare(&segment), 0);
  budget_set_fail(&segment, a, 3, 0);
  for (int i = 1; i <= 30; i++)
    cr_expect_eq(budget_inject_fault(&segment, i % 2 ? a : b), i % 3 == 0, "%d", i);
  cr_expect_eq(budget_inject_fault(&segment, RATION_CATEGORY_OTHER), 0);
  struct charge_outcome outcome = {0};
  fresh_segment_use_slabs(&segment, 2);
  cr_expect_eq(tally_take(&segment, b, segment_tally(&segment, 1, b), 10, (struct charge_right){0}, &outcome),
               0);
  cr_expect_eq(segment_tally(&segment, 1, b)->credit, 0, "each request is to be asked");
  int failed = 0;
  budget_set_fail(&segment, a, 0, 2500);
  for (int i = 0; i < 10000; i++) failed += budget_inject_fault(&segment, b);
  cr_expect(failed > 2300 && failed < 2700, "%d of 10000", failed);
  budget_set_fail(&segment, a, 0, 10000);
  for (int i = 0; i < 100; i++) cr_expect_eq(budget_inject_fault(&segment, b), 1);
  budget_set_fail(&segment, a, 0, 0);
  for (int i = 0; i < 100; i++) cr_expect_eq(budget_inject_fault(&segment, b), 0);
}
