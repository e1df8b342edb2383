/*
 * budget.h: the limit of a category's subtree: how far a charge may go, and what a charge has led to.
 *
 *   used     = bytes charged to the subtree + accounted_bytes
 *   ordinary = limit - reserve: what ordinary requests may use, and what levels are shares of
 *   reserve  < limit;  level_bytes rise;  worst >= used at rest
 *
 * Charges of one budget hold at most limit / 64 of credit, whatever the number of threads and categories. Credit is
 * never taken from the reserve, nor across the limit of a budget that only notifies, so the crossing is exact.
 *
 * Pure: the table lies in a segment. All words are relaxed: each is exact by itself, and a charge that meets a budget
 * while it is changed meets the old one or the new.
 */
#ifndef RATION_MODEL_BUDGET_H
#define RATION_MODEL_BUDGET_H

#include "model/charge.h"
#include "model/segment.h"

#define BUDGET_LIMIT_LEAST  1
#define BUDGET_LIMIT_MOST   ((uint64_t)CHARGE_BYTES_MOST)
#define BUDGET_POOL_SHARE   64                   /* of the limit: credit that all threads together may hold */
#define BUDGET_GROWTH_STEPS 100                  /* of the limit: by one of them used has grown */
#define BUDGET_FALL_POINTS  2                    /* percent: a level ends so far below its beginning */
#define BUDGET_THRESHOLDS   UINT32_C(0x5f5a503c) /* 60, 80, 90, 95 */

/* What a budget is to be. */
struct budget_terms {
  uint64_t limit; /* 0: none */
  uint64_t reserve;
  uint64_t grace;
  uint32_t policy;
  uint32_t thresholds;
  uint64_t growth; /* a rise by so much is noted; 0: 1 % of the limit */
};

/* On whose behalf something is charged. */
struct charge_right {
  int is_credit;       /* ahead of what is needed: only where there is plenty */
  int may_use_reserve; /* a handler, or a critical scope */
  int is_there;        /* the block was resized already: no budget can refuse it */
  uint64_t
      requested; /* bytes of the request, which may be small enough for the grace; 0: not for a request */
};

/* What a charge has led to, for who looks after levels. */
struct charge_outcome {
  uint32_t budget; /* -EDQUOT: the category whose budget did not fit; else 0 */
  uint32_t breach; /* the outermost category whose budget was crossed; else 0 */
  int has_charged; /* a charge has changed: it was not paid by credit alone */
  int is_due;      /* a budget on the way should be looked at: see budget_look */
};

/* The row of a category that has a budget; NULL: it has none. */
static inline struct ration_segment_budget *budget_of(const struct segment *segment, uint32_t category) {
  if (!load_relaxed(&segment->has_budgets)) return NULL;
  struct ration_segment_budget *budget = &segment->budgets[category];
  return load_relaxed(&budget->limit_bytes) ? budget : NULL;
}

/* Makes the table present, before anything is set. Returns 0 or -ENOMEM. */
int budget_prepare(struct segment *segment);

/*
 * Sets, changes or takes away (limit 0) the budget of a category. What was counted stays; `now` is the time. One thread at a
 * time, after budget_prepare.
 */
void budget_set(struct segment *segment, uint32_t category, struct budget_terms terms, uint64_t now);

/* Is it the turn of a request in this category, or below it, to be refused by `fail`? Counts it. */
int budget_inject_fault(struct segment *segment, uint32_t category);
void budget_set_fail(struct segment *segment, uint32_t category, uint64_t every, uint64_t share);

/* Bounds for a charge on the subtree of this category. */
struct charge_bounds budget_bounds(const struct segment *segment, uint32_t category,
                                   struct charge_right right);

/* The subtree's charge has changed by so many bytes, and is this now. */
void budget_note(struct segment *segment, uint32_t category, int64_t change, uint64_t charge,
                 struct charge_outcome *outcome);

/* No budget of this category or above it is near its ordinary limit or out of credit: credit may be held. */
int budget_has_room(const struct segment *segment, uint32_t category, uint64_t allowance);

uint64_t budget_used(const struct segment *segment, uint32_t category);

/* The level that the category's own budget is at, as the program is to see it. */
uint32_t budget_level(const struct ration_segment_budget *budget);

/* Has used grown by a step since the last growth that was noted? And: from here on anew. */
int budget_has_grown(const struct segment *segment, uint32_t category);
void budget_note_growth(const struct segment *segment, uint32_t category);

/*
 * Takes the level to where `used` says; `now` is the time. Returns whether it has changed, with the one before in
 * *ret_old. Of threads that look at the same moment one gets the change.
 */
int budget_look(const struct segment *segment, uint32_t category, uint64_t now, uint32_t *ret_old);

/* Accounts count: so many bytes more or less in this category, and all above it. */
void budget_account(struct segment *segment, uint32_t category, int64_t bytes,
                    struct charge_outcome *outcome);

/* Bytes that a request with this right could still have in this category; UINT64_MAX: no budget holds it. */
uint64_t budget_available(const struct segment *segment, uint32_t category, struct charge_right right);

int budget_is_valid(const struct ration_segment_budget *budget);

#endif
