/*
 * budgeted.h: budgets and charges in a fresh segment, for the tests of them.
 */
#ifndef RATION_TESTS_MODEL_BUDGETED_H
#define RATION_TESTS_MODEL_BUDGETED_H

#include <criterion/criterion.h>

#include "model/budget.h"
#include "model/fresh_segment.h"

#define NOW UINT64_C(1000)

static inline struct budget_terms refuse_at(uint64_t limit) {
  return (struct budget_terms){
      .limit = limit, .policy = RATION_POLICY_REFUSE, .thresholds = BUDGET_THRESHOLDS};
}

static inline struct budget_terms notify_at(uint64_t limit) {
  return (struct budget_terms){
      .limit = limit, .policy = RATION_POLICY_NOTIFY, .thresholds = BUDGET_THRESHOLDS};
}

static inline void set(struct segment *segment, uint32_t category, struct budget_terms terms) {
  cr_assert_eq(budget_prepare(segment), 0);
  budget_set(segment, category, terms, NOW);
  cr_assert(budget_is_valid(&segment->budgets[category]));
}

static inline uint64_t subtree(const struct segment *segment, uint32_t category) {
  return RATION_CHARGE_BYTES(segment_category(segment, category)->subtree_charged);
}

/* A charge of its own, past all credit. */
static inline int charge_with(struct segment *segment, uint32_t category, int64_t bytes,
                              struct charge_right right, struct charge_outcome *outcome) {
  *outcome = (struct charge_outcome){0};
  return category_charge(segment, category, (struct charge_change){.bytes = bytes}, right, outcome);
}

static inline int charge(struct segment *segment, uint32_t category, int64_t bytes) {
  struct charge_outcome outcome;
  return charge_with(segment, category, bytes, (struct charge_right){0}, &outcome);
}

#define expect_bytes(found, wanted)                                                                          \
  cr_expect_eq(found, wanted, "%lu, not %lu", (unsigned long)(found), (unsigned long)(wanted))

#endif
