/*
 * budget.c: tests of src/model/budget.c, and of charging along a tree that has budgets: against a plain model of it.
 */
#include "model/budget.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "base/random.h"
#include "model/fresh_segment.h"

#define NOW UINT64_C(1000)

static struct budget_terms refuse_at(uint64_t limit) {
  return (struct budget_terms){
      .limit = limit, .policy = RATION_POLICY_REFUSE, .thresholds = BUDGET_THRESHOLDS};
}

static struct budget_terms notify_at(uint64_t limit) {
  return (struct budget_terms){
      .limit = limit, .policy = RATION_POLICY_NOTIFY, .thresholds = BUDGET_THRESHOLDS};
}

static void set(struct segment *segment, uint32_t category, struct budget_terms terms) {
  cr_assert_eq(budget_prepare(segment), 0);
  budget_set(segment, category, terms, NOW);
  cr_assert(budget_is_valid(&segment->budgets[category]));
}

static uint64_t subtree(const struct segment *segment, uint32_t category) {
  return RATION_CHARGE_BYTES(segment_category(segment, category)->subtree_charged);
}

/* A charge of its own, past all credit. */
static int charge_with(struct segment *segment, uint32_t category, int64_t bytes, struct charge_right right,
                       struct charge_outcome *outcome) {
  *outcome = (struct charge_outcome){0};
  return category_charge(segment, category, (struct charge_change){.bytes = bytes}, right, outcome);
}

static int charge(struct segment *segment, uint32_t category, int64_t bytes) {
  struct charge_outcome outcome;
  return charge_with(segment, category, bytes, (struct charge_right){0}, &outcome);
}

#define expect_bytes(found, wanted)                                                                          \
  cr_expect_eq(found, wanted, "%lu, not %lu", (unsigned long)(found), (unsigned long)(wanted))

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

/* ---- against a plain model ------------------------------------------------------------------------------ */

#define NODES 10
#define SLABS 5 /* 1 to 4 are used */

struct node {
  uint32_t id, parent;     /* of the tree; parent as an index, NODES: none */
  uint64_t limit, reserve; /* 0: none */
  uint64_t held, aside;    /* by blocks of its own; set aside in it */
  uint64_t slabs[SLABS];   /* of held, by the slab whose thread holds them */
};

static struct node nodes[NODES];
static const char *const paths[NODES] = {"total", "a",   "a/b",   "a/b/c", "a/d",
                                         "e",     "e/f", "e/f/g", "e/f/h", "i"};
static const uint32_t parents[NODES] = {NODES, 0, 1, 2, 1, 0, 5, 6, 6, 0};

static int is_below(uint32_t node, uint32_t ancestor) {
  while (node != NODES && node != ancestor) node = nodes[node].parent;
  return node == ancestor;
}

static uint64_t held_below(uint32_t ancestor) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < NODES; i++)
    if (is_below(i, ancestor)) sum += nodes[i].held + nodes[i].aside;
  return sum;
}

static void plant(struct segment *segment, struct random *random) {
  for (uint32_t i = 0; i < NODES; i++) {
    uint32_t id = i ? fresh_segment_add(segment, paths[i]) : RATION_CATEGORY_TOTAL;
    nodes[i] = (struct node){.id = id, .parent = parents[i]};
    if (random_below(random, 3) == 0) continue;
    struct budget_terms terms = refuse_at(1 + random_below(random, i ? 4 << 20 : 8 << 20));
    terms.reserve = random_below(random, 2) ? random_below(random, terms.limit / 4 + 1) : 0;
    nodes[i].limit = terms.limit;
    nodes[i].reserve = terms.reserve;
    set(segment, id, terms);
  }
}

static void close_credit(struct segment *segment) {
  struct charge_outcome outcome = {0};
  for (uint32_t slab = 1; slab < SLABS; slab++)
    for (uint32_t i = 0; i < NODES; i++)
      tally_close(segment, nodes[i].id, segment_tally(segment, slab, nodes[i].id), &outcome);
}

/* The first node from here up that has no room; NODES: all have. */
static uint32_t full_node(uint32_t node, uint64_t bytes, struct charge_right right) {
  for (; node != NODES; node = nodes[node].parent) {
    uint64_t most = nodes[node].limit - (right.may_use_reserve ? 0 : nodes[node].reserve);
    if (nodes[node].limit && held_below(node) + bytes > most) return node;
  }
  return NODES;
}

/* As a thread does it: its credit goes back before a refusal. Here everybody's, so that refusals are exact. */
static void take(struct segment *segment, struct random *random, int step) {
  uint32_t i = (uint32_t)random_below(random, NODES), slab = 1 + (uint32_t)random_below(random, SLABS - 1);
  struct charge_right right = {.may_use_reserve = random_below(random, 4) == 0};
  struct charge_outcome outcome = {0};
  uint64_t bytes = random_size(random, 1 << 20), before = nodes[i].aside;
  struct ration_segment_tally *tally = segment_tally(segment, slab, nodes[i].id);
  uint64_t aside = before < bytes ? before : bytes;
  int result = tally_take(segment, nodes[i].id, tally, bytes, right, &outcome);
  if (result == -EDQUOT) {
    close_credit(segment);
    outcome = (struct charge_outcome){0};
    result = tally_take(segment, nodes[i].id, tally, bytes, right, &outcome);
    uint32_t full = full_node(i, bytes - aside, right);
    cr_assert_eq(result, full == NODES ? 0 : -EDQUOT, "step %d: %d", step, result);
    if (full != NODES) cr_assert_eq(outcome.budget, nodes[full].id, "step %d", step);
  }
  nodes[i].aside = segment_category(segment, nodes[i].id)->set_aside;
  if (result == 0) nodes[i].held += bytes, nodes[i].slabs[slab] += bytes;
  cr_assert(nodes[i].aside == before || (result == 0 && before - nodes[i].aside <= bytes), "step %d", step);
}

static void give(struct segment *segment, struct random *random) {
  uint32_t i = (uint32_t)random_below(random, NODES), slab = 1 + (uint32_t)random_below(random, SLABS - 1);
  struct charge_outcome outcome = {0};
  uint64_t bytes =
      random_below(random, 2) ? nodes[i].slabs[slab] : random_below(random, nodes[i].slabs[slab] + 1);
  uint32_t other = 1 + (uint32_t)random_below(random, SLABS - 1); /* whoever frees */
  tally_give(segment, nodes[i].id, segment_tally(segment, other, nodes[i].id), bytes, &outcome);
  nodes[i].held -= bytes, nodes[i].slabs[slab] -= bytes;
}

static void set_aside(struct segment *segment, struct random *random) {
  uint32_t i = (uint32_t)random_below(random, NODES);
  uint64_t bytes = random_size(random, 100000);
  if (random_below(random, 2) && charge(segment, nodes[i].id, (int64_t)bytes) == 0) {
    category_put_aside(segment, nodes[i].id, bytes);
    nodes[i].aside += bytes;
    return;
  }
  uint64_t dropped = category_take_aside(segment, nodes[i].id, bytes);
  cr_assert_eq(dropped, bytes < nodes[i].aside ? bytes : nodes[i].aside);
  nodes[i].aside -= dropped;
  cr_assert_eq(charge(segment, nodes[i].id, -(int64_t)dropped), 0);
}

static void check_tree(const struct segment *segment, int step) {
  for (uint32_t i = 0; i < NODES; i++) {
    const struct ration_segment_category *row = segment_category(segment, nodes[i].id);
    uint64_t charged = subtree(segment, nodes[i].id), credit = 0;
    for (uint32_t j = 0; j < NODES; j++)
      for (uint32_t slab = 1; slab < SLABS && is_below(j, i); slab++)
        credit += segment_tally(segment, slab, nodes[j].id)->credit;
    cr_assert_eq(charged - credit, held_below(i), "step %d, %s: %lu, not %lu", step, paths[i],
                 (unsigned long)(charged - credit), (unsigned long)held_below(i));
    if (!nodes[i].limit) continue;
    uint64_t pool = RATION_CHARGE_ALLOWANCE(row->subtree_charged);
    cr_assert_leq(charged, nodes[i].limit, "step %d", step);
    cr_assert_leq(RATION_CHARGE_BYTES(row->subtree_peak), nodes[i].limit, "step %d", step);
    cr_assert_leq(pool, nodes[i].limit / BUDGET_POOL_SHARE, "step %d: %lu of %lu", step, (unsigned long)pool,
                  (unsigned long)nodes[i].limit);
    cr_assert_geq(segment->budgets[nodes[i].id].worst_bytes, charged);
  }
  cr_assert(segment_is_valid(segment), "step %d", step);
}

Test(budget, follows_a_plain_tree_at_random, .timeout = 120) {
  for (uint64_t seed = 1; seed <= 12; seed++) {
    struct random random = {.seed = seed};
    struct segment segment = fresh_segment(SLABS);
    fresh_segment_use_slabs(&segment, SLABS);
    plant(&segment, &random);
    for (int step = 0; step < 6000; step++) {
      uint64_t choice = random_below(&random, 16);
      if (choice == 0)
        set_aside(&segment, &random);
      else if (choice == 1 && random_below(&random, 8) == 0)
        close_credit(&segment);
      else if (choice < 9)
        take(&segment, &random, step);
      else
        give(&segment, &random);
      check_tree(&segment, step);
    }
  }
}

/* ---- threads -------------------------------------------------------------------------------------------- */

#define THREADS 4
#define ROUNDS  20000
#define LIMIT   (UINT64_C(2) << 20)

static struct segment shared;
static uint32_t leaves[3], running;
static uint64_t granted[THREADS], refused[THREADS];

/* Holds as much as it is let, in two categories; then gives all back, credit too. */
static void *hold_and_give(void *number) {
  struct random random = {.seed = (uintptr_t)number};
  uint32_t slab = (uint32_t)(uintptr_t)number;
  uint64_t held[2] = {0, 0};
  struct charge_outcome outcome;
  for (int i = 0; i < ROUNDS; i++) {
    uint32_t which = (uint32_t)random_below(&random, 2), id = leaves[which];
    uint64_t bytes = random_size(&random, 1 << 18);
    struct ration_segment_tally *tally = segment_tally(&shared, slab, id);
    outcome = (struct charge_outcome){0};
    if (random_below(&random, 2)) {
      if (bytes > held[which]) bytes = held[which];
      tally_give(&shared, id, tally, bytes, &outcome);
      held[which] -= bytes;
    } else if (tally_take(&shared, id, tally, bytes, (struct charge_right){0}, &outcome) == 0) {
      held[which] += bytes;
      granted[slab - 1]++;
    } else {
      refused[slab - 1]++;
    }
  }
  for (uint32_t i = 0; i < 2; i++) {
    struct ration_segment_tally *tally = segment_tally(&shared, slab, leaves[i]);
    tally_give(&shared, leaves[i], tally, held[i], &outcome);
    tally_close(&shared, leaves[i], tally, &outcome);
  }
  add_relaxed(&running, UINT32_MAX);
  return NULL;
}

Test(budget, holds_while_threads_run, .timeout = 120) {
  pthread_t threads[THREADS];
  shared = fresh_segment(THREADS + 1);
  fresh_segment_use_slabs(&shared, THREADS + 1);
  leaves[0] = fresh_segment_add(&shared, "a/b");
  leaves[1] = fresh_segment_add(&shared, "a/c");
  leaves[2] = segment_category(&shared, leaves[0])->parent;
  set(&shared, leaves[2], refuse_at(LIMIT));
  set(&shared, leaves[0], refuse_at(LIMIT / 2));
  running = THREADS;
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, hold_and_give, (void *)(i + 1)), 0);
  while (load_relaxed(&running)) {
    uint64_t parent = load_relaxed(&segment_category(&shared, leaves[2])->subtree_charged);
    uint64_t child = load_relaxed(&segment_category(&shared, leaves[0])->subtree_charged);
    uint32_t old;
    cr_assert_leq(RATION_CHARGE_BYTES(parent), LIMIT);
    cr_assert_leq(RATION_CHARGE_BYTES(child), LIMIT / 2);
    cr_assert_leq(RATION_CHARGE_ALLOWANCE(parent), LIMIT / BUDGET_POOL_SHARE);
    budget_look(&shared, leaves[2], NOW, &old);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < THREADS; i++) cr_expect(granted[i] && refused[i], "thread %d met no limit", i);
  cr_expect_eq(subtree(&shared, RATION_CATEGORY_TOTAL), 0);
  cr_expect_leq(RATION_CHARGE_BYTES(segment_category(&shared, leaves[2])->subtree_peak), LIMIT);
  cr_expect_leq(shared.budgets[leaves[2]].worst_bytes, LIMIT);
  cr_expect(segment_is_valid(&shared));
}

/* Always at the limit: takes until it is refused, then gives some back. */
static void *hold_all(void *number) {
  uint32_t slab = (uint32_t)(uintptr_t)number, id = leaves[0];
  struct ration_segment_tally *tally = segment_tally(&shared, slab, id);
  struct charge_outcome outcome;
  uint64_t held = 0;
  for (int i = 0; i < 10 * ROUNDS; i++) {
    outcome = (struct charge_outcome){0};
    if (tally_take(&shared, id, tally, 3000, (struct charge_right){0}, &outcome) == 0) {
      held += 3000;
    } else if (held) {
      tally_give(&shared, id, tally, 3000, &outcome);
      held -= 3000;
    }
  }
  add_relaxed(&running, UINT32_MAX);
  return NULL;
}

/* Between two budgets one of them holds, and never more than both. */
static void *change_to_and_fro(void *unused) {
  struct budget_terms tight = refuse_at(LIMIT), wide = refuse_at(4 * LIMIT);
  wide.reserve = 3 * LIMIT + 4096;
  while (load_relaxed(&running)) {
    budget_set(&shared, leaves[2], wide, NOW);
    budget_set(&shared, leaves[2], tight, NOW);
  }
  return unused;
}

Test(budget, lets_nothing_pass_while_it_is_changed, .timeout = 120) {
  pthread_t threads[3];
  shared = fresh_segment(3);
  fresh_segment_use_slabs(&shared, 3);
  leaves[0] = fresh_segment_add(&shared, "a/b");
  leaves[2] = segment_category(&shared, leaves[0])->parent;
  set(&shared, leaves[2], refuse_at(LIMIT));
  running = 2;
  cr_assert_eq(pthread_create(&threads[0], NULL, change_to_and_fro, NULL), 0);
  for (uintptr_t i = 1; i < 3; i++) cr_assert_eq(pthread_create(&threads[i], NULL, hold_all, (void *)i), 0);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  uint64_t peak = RATION_CHARGE_BYTES(segment_category(&shared, leaves[2])->subtree_peak);
  cr_expect_leq(peak, LIMIT, "%lu, over %lu", (unsigned long)peak, (unsigned long)LIMIT);
}
