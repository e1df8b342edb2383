/*
 * budget.c: bounds, levels, and what is counted of a budget.
 */
#include "model/budget.h"

#include <errno.h>

#include "base/hash.h"
#include "base/test_point.h"
#include "model/category.h"

#define SHARE_ONE 10000

static void raise(uint64_t *figure, uint64_t value);
static uint32_t parent_of(const struct segment *segment, uint32_t category);
static int has_ended(const struct ration_segment_budget *budget, uint32_t level, uint64_t used);

/* ---- setting ------------------------------------------------------------------------------------------- */

static void set_levels(struct ration_segment_budget *budget, struct budget_terms terms) {
  uint64_t ordinary = terms.limit - terms.reserve;
  for (uint32_t i = 0; i + 1 < RATION_LEVELS; i++) {
    uint64_t percent = terms.thresholds >> 8 * i & 0xff;
    uint64_t bytes = ordinary / 100 * percent + (ordinary % 100 * percent + 99) / 100;
    store_relaxed(&budget->level_bytes[i], bytes ? bytes : 1);
  }
  store_relaxed(&budget->fall_bytes, ordinary / 100 * BUDGET_FALL_POINTS);
  store_relaxed(&budget->thresholds, terms.thresholds);
}

int budget_prepare(struct segment *segment) {
  if (segment_make_present(segment, segment->budgets, RATION_CATEGORY_IDS * sizeof *segment->budgets) < 0)
    return -ENOMEM;
  store_relaxed(&segment->has_budgets, 1); /* the pages are the kernel's affair: nothing to order */
  return 0;
}

/* A charge may come between any two words, and each is right by itself; one that is taken away ends first. */
void budget_set(struct segment *segment, uint32_t category, struct budget_terms terms, uint64_t now) {
  struct ration_segment_budget *budget = &segment->budgets[category];
  if (terms.limit)
    set_levels(budget, terms);
  else
    store_relaxed(&budget->limit_bytes, 0);
  store_relaxed(&budget->ordinary_bytes, terms.limit - terms.reserve);
  store_relaxed(&budget->reserve_bytes, terms.reserve);
  store_relaxed(&budget->grace_bytes, terms.grace);
  TEST_POINT("budget:bounded");
  store_relaxed(&budget->policy, terms.policy);
  store_relaxed(&budget->limit_bytes, terms.limit);
  TEST_POINT("budget:limited");
  store_relaxed(&budget->note_bytes, 0);
  store_relaxed(&budget->growth_bytes, terms.growth ? terms.growth : terms.limit / BUDGET_GROWTH_STEPS + 1);
  if (!load_relaxed(&budget->level_since_at)) store_relaxed(&budget->level_since_at, now);
}

/* An account that is taken off by another thread than added it may be so a moment too early. */
static uint64_t accounted(const struct ration_segment_budget *budget) {
  uint64_t bytes = load_relaxed(&budget->accounted_bytes);
  return bytes >> 63 ? 0 : bytes;
}

/* ---- charging ------------------------------------------------------------------------------------------- */

static uint64_t most_for(const struct ration_segment_budget *budget, struct charge_right right) {
  int has_grace = right.requested && right.requested <= load_relaxed(&budget->grace_bytes);
  return right.may_use_reserve || has_grace ? load_relaxed(&budget->limit_bytes)
                                            : load_relaxed(&budget->ordinary_bytes);
}

struct charge_bounds budget_bounds(const struct segment *segment, uint32_t category,
                                   struct charge_right right) {
  struct charge_bounds bounds = CHARGE_UNBOUNDED;
  if (!load_relaxed(&segment->has_budgets) || right.is_there) return bounds;
  const struct ration_segment_budget *budget = &segment->budgets[category];
  if (right.is_credit && load_relaxed(&budget->fail)) return (struct charge_bounds){-1, -1};
  uint64_t limit = load_relaxed(&budget->limit_bytes);
  if (!limit) return bounds;
  int only_notifies = load_relaxed(&budget->policy) == RATION_POLICY_NOTIFY;
  if (right.is_credit) bounds.units = (int64_t)(limit / BUDGET_POOL_SHARE / RATION_CHARGE_UNIT);
  if (only_notifies && (!right.is_credit || budget_used(segment, category) > limit)) return bounds;
  bounds.bytes =
      (int64_t)(right.is_credit ? load_relaxed(&budget->ordinary_bytes) : most_for(budget, right)) -
      (int64_t)accounted(budget);
  return bounds;
}

/* Rises over the limit are told apart by the charge's own swap: each is one thread's. */
static void note_rise(struct segment *segment, uint32_t category, uint64_t before, uint64_t used,
                      struct charge_outcome *outcome) {
  struct ration_segment_budget *budget = &segment->budgets[category];
  uint64_t limit = load_relaxed(&budget->limit_bytes);
  raise(&budget->worst_bytes, used);
  if (used >= load_relaxed(&budget->note_bytes)) outcome->is_due = 1;
  uint32_t level = load_relaxed(&budget->level);
  if (level < RATION_LEVEL_CRITICAL && used >= load_relaxed(&budget->level_bytes[level])) outcome->is_due = 1;
  if (load_relaxed(&budget->policy) != RATION_POLICY_NOTIFY || before > limit || used <= limit) return;
  add_relaxed(&budget->breaches, 1); /* a sum */
  outcome->breach = category;
  outcome->is_due = 1;
}

void budget_note(struct segment *segment, uint32_t category, int64_t change, uint64_t charge,
                 struct charge_outcome *outcome) {
  struct ration_segment_budget *budget = budget_of(segment, category);
  if (!budget || !change) return;
  uint64_t used = RATION_CHARGE_BYTES(charge) + accounted(budget);
  if (change > 0) {
    note_rise(segment, category, used - (uint64_t)change, used, outcome);
    return;
  }
  uint32_t level = load_relaxed(&budget->level);
  if (level != RATION_LEVEL_NONE && has_ended(budget, level, used)) outcome->is_due = 1;
}

int budget_has_room(const struct segment *segment, uint32_t category, uint64_t allowance) {
  struct charge_right right = {.is_credit = 1};
  if (!load_relaxed(&segment->has_budgets)) return 1;
  for (; category; category = parent_of(segment, category)) {
    struct charge_bounds bounds = budget_bounds(segment, category, right);
    uint64_t charge = load_relaxed(&segment_category(segment, category)->subtree_charged);
    if ((int64_t)RATION_CHARGE_BYTES(charge) > bounds.bytes) return 0;
    if ((int64_t)((RATION_CHARGE_ALLOWANCE(charge) + allowance) / RATION_CHARGE_UNIT) > bounds.units)
      return 0;
  }
  return 1;
}

/* ---- faults --------------------------------------------------------------------------------------------- */

#define FAIL_SHARE (UINT64_C(1) << 63)

void budget_set_fail(struct segment *segment, uint32_t category, uint64_t every, uint64_t share) {
  struct ration_segment_budget *budget = &segment->budgets[category];
  store_relaxed(&budget->fail_requests, 0);
  store_relaxed(&budget->fail, share ? FAIL_SHARE + share : every);
}

/* A share's choice is a hash of the request's number: at random to look at, and the same in each run. */
int budget_inject_fault(struct segment *segment, uint32_t category) {
  int is_due = 0;
  for (; category; category = parent_of(segment, category)) {
    struct ration_segment_budget *budget = &segment->budgets[category];
    uint64_t fail = load_relaxed(&budget->fail);
    if (!fail) continue;
    uint64_t number = add_relaxed(&budget->fail_requests, 1) + 1; /* each request has its own */
    is_due |= fail & FAIL_SHARE ? hash_word(number) % SHARE_ONE < fail - FAIL_SHARE : number % fail == 0;
  }
  return is_due;
}

/* ---- levels --------------------------------------------------------------------------------------------- */

uint64_t budget_used(const struct segment *segment, uint32_t category) {
  uint64_t charge = load_relaxed(&segment_category(segment, category)->subtree_charged);
  const struct ration_segment_budget *budget = budget_of(segment, category);
  return RATION_CHARGE_BYTES(charge) + (budget ? accounted(budget) : 0);
}

uint32_t budget_level(const struct ration_segment_budget *budget) {
  uint32_t simulated = load_relaxed(&budget->simulated);
  return simulated ? simulated - 1 : load_relaxed(&budget->level);
}

/* Nothing used is no level, also where one begins below the points that it falls by. */
static int has_ended(const struct ration_segment_budget *budget, uint32_t level, uint64_t used) {
  return !used || used + load_relaxed(&budget->fall_bytes) < load_relaxed(&budget->level_bytes[level - 1]);
}

/* From `level`: up to the highest that begins at or below `used`, or down past all that have ended. */
static uint32_t level_for(const struct ration_segment_budget *budget, uint32_t level, uint64_t used) {
  while (level < RATION_LEVEL_CRITICAL && used >= load_relaxed(&budget->level_bytes[level])) level++;
  while (level > RATION_LEVEL_NONE && has_ended(budget, level, used)) level--;
  return level;
}

static void count_time(struct ration_segment_budget *budget, uint32_t level, uint64_t now) {
  uint64_t since = exchange_relaxed(&budget->level_since_at, now);
  if (since && now > since) add_relaxed(&budget->level_ns[level], now - since); /* a sum */
}

int budget_has_grown(const struct segment *segment, uint32_t category) {
  const struct ration_segment_budget *budget = budget_of(segment, category);
  return budget && budget_used(segment, category) >= load_relaxed(&budget->note_bytes);
}

void budget_note_growth(const struct segment *segment, uint32_t category) {
  struct ration_segment_budget *budget = budget_of(segment, category);
  if (!budget) return;
  uint64_t growth = load_relaxed(&budget->growth_bytes);
  store_relaxed(&budget->note_bytes, budget_used(segment, category) + growth); /* the last is right enough */
}

int budget_look(const struct segment *segment, uint32_t category, uint64_t now, uint32_t *ret_old) {
  struct ration_segment_budget *budget = budget_of(segment, category);
  if (!budget) return 0;
  uint64_t used = budget_used(segment, category);
  if (used >= load_relaxed(&budget->worst_bytes)) store_relaxed(&budget->worst_at, now);
  raise(&budget->worst_bytes, used);
  if (budget_has_grown(segment, category)) budget_note_growth(segment, category);
  uint32_t level = load_relaxed(&budget->level), next;
  do {
    next = level_for(budget, level, used);
    if (next == level) return 0;
  } while (!cas_relaxed(&budget->level, &level, next));
  TEST_POINT("budget:levelled");
  count_time(budget, level, now);
  *ret_old = level;
  return 1;
}

/* ---- beside the heap ------------------------------------------------------------------------------------ */

void budget_account(struct segment *segment, uint32_t category, int64_t bytes,
                    struct charge_outcome *outcome) {
  if (!load_relaxed(&segment->has_budgets)) return;
  const struct ration_segment_category *row;
  for (; (row = segment_category(segment, category)); category = row->parent) {
    add_relaxed(&segment->budgets[category].accounted_bytes, (uint64_t)bytes); /* a sum */
    budget_note(segment, category, bytes, load_relaxed(&row->subtree_charged), outcome);
  }
}

uint64_t budget_available(const struct segment *segment, uint32_t category, struct charge_right right) {
  uint64_t available = UINT64_MAX;
  for (; category; category = parent_of(segment, category)) {
    const struct ration_segment_budget *budget = budget_of(segment, category);
    if (!budget) continue;
    uint64_t used = budget_used(segment, category), most = most_for(budget, right);
    uint64_t left = most > used ? most - used : 0;
    if (left < available) available = left;
  }
  return available;
}

static void raise(uint64_t *figure, uint64_t value) {
  uint64_t highest = load_relaxed(figure); /* compared again by the swap */
  while (value > highest)
    if (cas_relaxed(figure, &highest, value)) break;
}

static uint32_t parent_of(const struct segment *segment, uint32_t category) {
  return segment_category(segment, category)->parent;
}

int budget_is_valid(const struct ration_segment_budget *budget) {
  if (!budget->limit_bytes) return 1;
  if (budget->reserve_bytes >= budget->limit_bytes || budget->limit_bytes > BUDGET_LIMIT_MOST) return 0;
  if (budget->ordinary_bytes != budget->limit_bytes - budget->reserve_bytes) return 0;
  if (budget->policy < RATION_POLICY_NOTIFY || budget->policy > RATION_POLICY_ABORT) return 0;
  for (uint32_t i = 1; i + 1 < RATION_LEVELS; i++)
    if (budget->level_bytes[i - 1] > budget->level_bytes[i]) return 0;
  return budget->level < RATION_LEVELS;
}
