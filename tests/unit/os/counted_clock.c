/*
 * counted_clock.c: a clock that reads a counter is never off by more than the stretch between two settings.
 */
#include "os/counted_clock.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "os/clock.h"

#define OFF_MOST 20000000 /* ns: 2^21 ticks of the slowest counter that there is */

/* Reads it so often that a setting comes of it, and a rate. */
static struct counted_clock started(void) {
  struct counted_clock clock = {0, 0, 0};
  clock_prepare();
  uint64_t begun = clock_ns(), least = begun + 60000000, most = begun + UINT64_C(20000000000), now = begun;
  /* A thread that others keep waiting for a second has no rate for a while. */
  for (; now < least || (clock.ns && !clock.rate && now < most); now = clock_ns()) counted_clock_ns(&clock);
  return clock;
}

static void expect_true(struct counted_clock *clock) {
  uint64_t before = clock_ns(), now = counted_clock_ns(clock), after = clock_ns();
  cr_expect(now + OFF_MOST >= before, "%lu ns behind", (unsigned long)(before - now));
  cr_expect(now <= after + OFF_MOST, "%lu ns ahead", (unsigned long)(now - after));
}

Test(counted_clock, tells_the_time) {
  struct counted_clock clock = started();
  for (int i = 0; i < 100000; i++) expect_true(&clock);
}

Test(counted_clock, is_set_anew_when_the_counter_was_set_back_or_ran_on) {
  static const uint64_t steps[] = {1, 1000, UINT64_C(1) << 30, UINT64_C(1) << 40, UINT64_C(1) << 62};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    struct counted_clock back = started(), on = back;
    back.ticks += steps[i];
    on.ticks -= steps[i];
    expect_true(&back);
    expect_true(&on);
  }
}

Test(counted_clock, has_no_rate_at_first_nor_after_a_long_pause) {
  struct counted_clock clock = {0, 0, 0};
  clock_prepare();
  expect_true(&clock);
  cr_expect_eq(clock.rate, 0);
  clock = started();
  if (!clock.ns) return; /* the counter is not steady: there is no more to it */
  cr_expect_neq(clock.rate, 0);
  clock.ns -= UINT64_C(3600000000000);
  clock.ticks -= UINT64_C(1) << 40;
  expect_true(&clock);
  cr_expect_eq(clock.rate, 0, "the machine may have slept meanwhile");
}
