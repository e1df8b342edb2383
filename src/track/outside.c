/*
 * outside.c: see outside.h.
 *
 * cgroup   the shares of memory.high, or where that is not set of memory.max, that memory.current is: low, medium, high
 *          and critical begin where a budget's levels do by default.
 * psi      the share of the last ten seconds in which tasks stalled for memory (avg10): some 1 %, 10 %, all 1 %, 10 %.
 */
#include "track/outside.h"

#include "base/atomics.h"
#include "os/limits.h"
#include "os/process.h"
#include "track/budgets.h"
#include "track/pressure.h"
#include "track/process.h"

#define SECOND_NS UINT64_C(1000000000)

static uint64_t next_look;

static uint32_t level_of_share(uint64_t used, uint64_t limit) {
  static const uint32_t edges[] = {60, 80, 90, 95};
  uint32_t level = RATION_LEVEL_NONE;
  while (limit && level < RATION_LEVEL_CRITICAL && used / edges[level] >= limit / 100) level++;
  return level;
}

/* In hundredths of a percent. */
static uint32_t level_of_stalls(struct limits_stalls stalls) {
  if (stalls.full >= 1000) return RATION_LEVEL_CRITICAL;
  if (stalls.full >= 100) return RATION_LEVEL_HIGH;
  if (stalls.some >= 1000) return RATION_LEVEL_MEDIUM;
  return stalls.some >= 100 ? RATION_LEVEL_LOW : RATION_LEVEL_NONE;
}

static int is_wanted(void) {
  return settings.outside != OUTSIDE_OFF || budgets_have_sources();
}

static void look(void) {
  struct limits_cgroup cgroup;
  struct limits_stalls stalls;
  if (budgets_have_sources()) budgets_follow_sources();
  if (settings.outside == OUTSIDE_CGROUP && limits_read_cgroup(&cgroup) == 0)
    pressure_set_outside(level_of_share(cgroup.current, cgroup.high ? cgroup.high : cgroup.limit));
  if (settings.outside == OUTSIDE_PSI && limits_read_stalls(&stalls) == 0)
    pressure_set_outside(level_of_stalls(stalls));
}

void outside_look(void) {
  uint64_t at = load_relaxed(&next_look); /* compared again by the swap */
  if (!is_wanted()) return;
  uint64_t now = process_monotonic_ns();
  if (now < at || !cas_relaxed(&next_look, &at, now + SECOND_NS)) return;
  look();
}

int outside_wait_ms(void) {
  return is_wanted() ? 1000 : -1;
}
