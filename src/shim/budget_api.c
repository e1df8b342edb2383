/*
 * budget_api.c: the functions of ration/ration.h for budgets, reservations and critical scopes.
 */
#include <errno.h>
#include <ration/ration.h>
#include <string.h>

#include "shim/surface.h"
#include "track/budgets.h"
#include "track/charging.h"
#include "track/pressure.h"

/* The figures of a budget, as far as the caller's struct goes. */
EXPORT int ration_budget_get(ration_category_id category, struct ration_budget *ret_budget) {
  size_t room = ret_budget->size;
  struct ration_budget found = {.size = room};
  if (room < sizeof room || !segment_category(&segment, category)) return -EINVAL;
  const struct ration_segment_budget *budget = budget_of(&segment, category);
  if (budget) {
    found.limit_bytes = load_relaxed(&budget->limit_bytes); /* words that are each right by themselves */
    found.reserve_bytes = load_relaxed(&budget->reserve_bytes);
    found.grace_bytes = load_relaxed(&budget->grace_bytes);
    found.policy = (int)load_relaxed(&budget->policy);
    found.level = (int)pressure_own_level(category);
  }
  found.used_bytes = budget_used(&segment, category);
  memset(ret_budget, 0, room);
  memcpy(ret_budget, &found, room < sizeof found ? room : sizeof found);
  return 0;
}

static int is_sound(const struct ration_budget *budget) {
  if (budget->size < sizeof *budget || budget->limit_bytes > BUDGET_LIMIT_MOST) return 0;
  return budget->policy >= 0 && budget->policy <= RATION_POLICY_ABORT;
}

EXPORT int ration_budget_set(ration_category_id category, const struct ration_budget *budget) {
  int kept_errno = errno;
  if (process_ready() != PROCESS_TRACKING) return -ENOTSUP;
  if (!segment_category(&segment, category) || !is_sound(budget)) return -EINVAL;
  struct budget_spec spec = {
      .category = category,
      .policy = (uint32_t)budget->policy,
      .limit = {budget->limit_bytes ? LIMIT_BYTES : LIMIT_NONE, budget->limit_bytes},
      .reserve = {budget->reserve_bytes ? LIMIT_BYTES : LIMIT_NONE, budget->reserve_bytes},
      .grace = budget->grace_bytes,
      .said = BUDGET_SAID_GRACE};
  const char *why = budgets_change_one(&spec);
  errno = kept_errno;
  return !why ? 0 : why == budgets_busy ? -EBUSY : why == budgets_full ? -ENOSPC : -EINVAL;
}

/* What the thread holds as credit is its own to use. */
EXPORT uint64_t ration_available(ration_category_id category) {
  if (!segment_category(&segment, category)) return 0;
  struct charge_right right = {.may_use_reserve = thread.critical != 0};
  uint64_t available = budget_available(&segment, category, right);
  const struct ration_segment_tally *tallies = thread.record->tallies;
  uint64_t own = load_relaxed(&segment_category(&segment, category)->set_aside);
  if (tallies) own += tallies[category].credit;
  return available == UINT64_MAX ? available : available + own;
}

EXPORT int ration_reserve(ration_category_id category, uint64_t bytes) {
  int kept_errno = errno;
  enum process_state state = process_ready();
  if (state == PROCESS_NEW || state == PROCESS_STARTING) return -EAGAIN;
  if (!segment_category(&segment, category)) return -EINVAL;
  int result = state == PROCESS_TRACKING ? charging_set_aside(category, bytes) : 0;
  errno = kept_errno;
  return result < 0 ? -ENOMEM : 0;
}

EXPORT uint64_t ration_unreserve(ration_category_id category, uint64_t bytes) {
  int kept_errno = errno;
  int is_there = process_ready() == PROCESS_TRACKING && segment_category(&segment, category);
  uint64_t dropped = is_there ? charging_drop_aside(category, bytes) : 0;
  errno = kept_errno;
  return dropped;
}

EXPORT void ration_critical_enter(void) {
  thread.critical++;
}

EXPORT void ration_critical_leave(void) {
  if (thread.critical) thread.critical--;
}
