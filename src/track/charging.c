/*
 * charging.c: see charging.h.
 */
#include "track/charging.h"

#include <errno.h>

#include "base/test_point.h"
#include "model/category.h"
#include "model/timeline.h"
#include "os/clock.h"
#include "track/budgets.h"
#include "track/dump.h"
#include "track/handlers.h"
#include "track/heartbeat.h"
#include "track/pressure.h"
#include "track/refusals.h"

/* One try after another at the same demand. */
struct attempt {
  struct demand demand;
  const struct tally_shared_change *shared; /* NULL: the thread has a slab */
};

static int take(struct attempt attempt);
static int take_in_need(struct attempt attempt, struct charge_outcome outcome);
static int refuse(struct demand demand, uint32_t budget);

int charging_take(struct demand demand) {
  return take((struct attempt){.demand = demand});
}

int charging_take_shared(struct demand demand, struct tally_shared_change shared) {
  return take((struct attempt){.demand = demand, .shared = &shared});
}

static int try_now(struct attempt attempt, struct charge_outcome *outcome) {
  struct demand demand = attempt.demand;
  struct charge_right right = {
      .may_use_reserve = thread.critical != 0, .is_there = demand.is_there, .requested = demand.requested};
  if (attempt.shared) return tally_shared(&segment, demand.category, *attempt.shared, right, outcome);
  return tally_take(&segment, demand.category, &thread.record->tallies[demand.category], demand.bytes, right,
                    outcome);
}

/* Of a handler that has forked, this may be the child. */
static int try_once(struct attempt attempt, struct charge_outcome *outcome) {
  *outcome = (struct charge_outcome){0};
  thread_begin_steps();
  int may_try = !process_has_forked() && (attempt.shared || thread.record->tallies);
  int result = LIKELY(may_try) ? try_now(attempt, outcome) : -ENOMEM;
  thread_end_steps();
  return result;
}

/* What a change of charges has led to. */
static void follow(uint32_t category, const struct charge_outcome *outcome) {
  if (UNLIKELY(outcome->is_due)) pressure_follow(category, outcome->breach);
  thread_begin_steps();
  if (!process_has_forked()) timeline_note(&segment, category, clock_coarse_ns());
  thread_end_steps();
}

static int take(struct attempt attempt) {
  struct charge_outcome outcome;
  int may_fail = !attempt.demand.is_there;
  if (may_fail && UNLIKELY(budgets_inject_fault(attempt.demand.category))) {
    heartbeat_when_refused();
    return refuse(attempt.demand, 0);
  }
  int result = try_once(attempt, &outcome);
  if (UNLIKELY(result == -EDQUOT)) return take_in_need(attempt, outcome);
  if (outcome.has_charged) follow(attempt.demand.category, &outcome);
  return result;
}

/* The thread's own credit goes back below the budget that does not fit, and then below those above it, one by one. */
static int try_without_credit(struct attempt attempt, struct charge_outcome *outcome) {
  int result = -EDQUOT;
  for (uint32_t last = UINT32_MAX; result == -EDQUOT && outcome->budget < last;) {
    last = outcome->budget; /* those above have lower ids */
    charging_return_credit(last);
    result = try_once(attempt, outcome);
  }
  return result;
}

/* What may help, one after the other. The budgets may be others by now: who is refused all has no other heartbeat. */
static SLOW_PATH int try_in_need(struct attempt attempt, struct charge_outcome *outcome) {
  int result = thread.record->tallies ? try_without_credit(attempt, outcome) : -EDQUOT;
  if (result == -EDQUOT) {
    heartbeat_when_refused();
    result = try_once(attempt, outcome);
  }
  if (result == -EDQUOT && handlers_run_before_refusal(outcome->budget, attempt.demand))
    result = try_once(attempt, outcome);
  return result;
}

static SLOW_PATH int take_in_need(struct attempt attempt, struct charge_outcome outcome) {
  int result = try_in_need(attempt, &outcome);
  if (result == -EDQUOT) return refuse(attempt.demand, outcome.budget);
  follow(attempt.demand.category, &outcome);
  return result;
}

/* `budget` 0: by `fail`. */
static int refuse(struct demand demand, uint32_t budget) {
  if (thread.record->tallies)
    add_owned(&thread.record->tallies[demand.category].refused, 1);
  else
    add_relaxed(&segment_tally(&segment, 0, demand.category)->refused, 1); /* a sum */
  refusals_count(demand, budget);
  if (budget && load_relaxed(&segment.budgets[budget].policy) == RATION_POLICY_ABORT)
    dump_and_abort(demand, budget);
  return -EDQUOT;
}

int charging_may_take(struct demand demand) {
  struct charge_outcome outcome;
  if (segment.has_faults || try_once((struct attempt){.demand = demand}, &outcome) < 0) return 0;
  follow(demand.category, &outcome);
  return 1;
}

static void give(uint32_t category, uint64_t bytes) {
  struct charge_outcome outcome = {0};
  thread_begin_steps();
  if (LIKELY(!process_has_forked() && thread.record->tallies)) /* see try_once */
    tally_give(&segment, category, &thread.record->tallies[category], bytes, &outcome);
  thread_end_steps();
  if (outcome.has_charged) follow(category, &outcome);
}

/* What was charged too much goes back; too little is taken as if asked for anew, but by no fault. */
int charging_settle(struct demand demand, uint64_t bytes) {
  if (bytes <= demand.bytes) {
    if (bytes < demand.bytes) give(demand.category, demand.bytes - bytes);
    return 0;
  }
  struct charge_outcome outcome;
  struct demand rest = demand;
  rest.bytes = bytes - demand.bytes;
  int result = try_once((struct attempt){.demand = rest}, &outcome);
  if (result == -EDQUOT) result = try_in_need((struct attempt){.demand = rest}, &outcome);
  if (result == 0) follow(demand.category, &outcome);
  if (result == 0 || demand.is_there) return result;
  give(demand.category, demand.bytes);
  return result == -EDQUOT ? refuse(demand, outcome.budget) : result;
}

static int charge_alone(uint32_t category, int64_t bytes) {
  struct charge_outcome outcome = {0};
  struct charge_right right = {.may_use_reserve = thread.critical != 0};
  struct charge_change change = {.bytes = bytes};
  int result = category_charge(&segment, category, change, right, &outcome);
  for (uint32_t last = UINT32_MAX; result == -EDQUOT && outcome.budget < last;) {
    last = outcome.budget; /* see try_without_credit */
    charging_return_credit(last);
    outcome = (struct charge_outcome){0};
    result = category_charge(&segment, category, change, right, &outcome);
  }
  if (result == 0) follow(category, &outcome);
  return result;
}

/* What is set aside is charged before it is known as such, and is no longer before that goes. NULL: the slab is many threads'. */
static struct ration_segment_slab_head *own_head(void) {
  return (struct ration_segment_slab_head *)(void *)thread.record->tallies;
}

int charging_set_aside(uint32_t category, uint64_t bytes) {
  if (bytes > BUDGET_LIMIT_MOST) return -ENOMEM;
  struct ration_segment_slab_head *head = own_head();
  uint32_t before = head ? tally_begin_change(head, (int64_t)bytes) : 0;
  int result = charge_alone(category, (int64_t)bytes);
  TEST_POINT("charging:aside_charged");
  if (result == 0) category_put_aside(&segment, category, bytes);
  if (head) tally_end_change(head, before);
  return result;
}

uint64_t charging_drop_aside(uint32_t category, uint64_t bytes) {
  struct ration_segment_slab_head *head = own_head();
  uint32_t before = head ? tally_begin_change(head, -(int64_t)bytes) : 0;
  uint64_t dropped = category_take_aside(&segment, category, bytes);
  TEST_POINT("charging:aside_dropped");
  if (dropped) charge_alone(category, -(int64_t)dropped); /* down it never fails */
  if (head) tally_end_change(head, before);
  return dropped;
}

static void note_freed(uint32_t category, uint64_t bytes) {
  if (UNLIKELY(thread.handling != NULL)) handlers_note_freed(category, bytes);
}

void charging_give_slow(uint32_t category, uint64_t bytes) {
  give(category, bytes);
  note_freed(category, bytes);
}

void charging_give_shared(uint32_t category, struct tally_shared_change shared) {
  struct charge_outcome outcome = {0};
  thread_begin_steps();
  if (!process_has_forked())
    tally_shared(&segment, category, shared, (struct charge_right){.may_use_reserve = 1},
                 &outcome); /* cannot fail */
  thread_end_steps();
  follow(category, &outcome);
  note_freed(category, (uint64_t)-shared.bytes);
}

void charging_return_credit(uint32_t category) {
  struct ration_segment_tally *tallies = thread.record->tallies;
  if (!tallies || process_has_forked()) return;
  uint32_t last = category_count(&segment);
  for (uint32_t id = category; id <= last; id++) { /* children have higher ids than their parents */
    if (!tallies[id].allowance || !category_is_below(&segment, id, category)) continue;
    struct charge_outcome outcome = {0};
    tally_close(&segment, id, &tallies[id], &outcome);
    follow(id, &outcome);
  }
}
