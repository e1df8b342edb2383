/*
 * charge.c: tests of src/model/charge.c.
 */
#include "model/charge.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "base/random.h"

#define BYTES_MOST ((INT64_C(1) << 47) - 1)
#define UNITS_MOST ((INT64_C(1) << 17) - 1)
#define UNIT       ((int64_t)RATION_CHARGE_UNIT)

/* As the tree does it: within its bounds, and the peak afterwards. */
static int apply_within(uint64_t *charge, uint64_t *peak, struct charge_change change,
                        struct charge_bounds bounds) {
  uint64_t after;
  int result = charge_apply(charge, change, bounds, &after);
  if (result == 0) charge_raise_peak(peak, after);
  return result;
}

static int apply(uint64_t *charge, uint64_t *peak, struct charge_change change) {
  return apply_within(charge, peak, change, CHARGE_UNBOUNDED);
}

Test(charge, packs_bytes_and_allowance) {
  uint64_t charge = 0, peak = 0;
  cr_assert_eq(apply(&charge, &peak, (struct charge_change){.bytes = 12345, .allowance = 3 * UNIT}), 0);
  cr_assert_eq(RATION_CHARGE_BYTES(charge), 12345);
  cr_assert_eq(RATION_CHARGE_ALLOWANCE(charge), 3 * UNIT);
  cr_assert_eq(peak, charge, "the peak keeps the allowance of its moment");
}

Test(charge, falls_without_its_peak) {
  uint64_t charge = 0, peak = 0;
  apply(&charge, &peak, (struct charge_change){.bytes = 1000, .allowance = UNIT});
  cr_assert_eq(apply(&charge, &peak, (struct charge_change){.bytes = -1000, .allowance = -UNIT}), 0);
  cr_assert_eq(charge, 0);
  cr_assert_eq(RATION_CHARGE_BYTES(peak), 1000);
  apply(&charge, &peak, (struct charge_change){.bytes = 1000});
  cr_assert_eq(RATION_CHARGE_ALLOWANCE(peak), UNIT, "an equal charge is no new peak");
}

static void expect_refused(uint64_t charge, struct charge_change change) {
  uint64_t peak = charge, before = charge;
  cr_expect_eq(apply(&charge, &peak, change), -ENOMEM);
  cr_expect_eq(charge, before);
  cr_expect_eq(peak, before);
}

Test(charge, refuses_what_does_not_fit_its_part_of_the_word) {
  uint64_t charge = 0, peak = 0;
  struct charge_change most = {.bytes = BYTES_MOST, .allowance = UNITS_MOST * UNIT};
  cr_assert_eq(apply(&charge, &peak, most), 0);
  cr_assert_eq(charge, UINT64_MAX);
  expect_refused(charge, (struct charge_change){.bytes = 1});
  expect_refused(charge, (struct charge_change){.allowance = UNIT});
  expect_refused(charge, (struct charge_change){.bytes = -1, .allowance = UNIT});
  expect_refused(charge, (struct charge_change){.bytes = INT64_MAX - BYTES_MOST});
  expect_refused(0, (struct charge_change){.bytes = -1});
  expect_refused(0, (struct charge_change){.allowance = -UNIT});
  cr_assert_eq(apply(&charge, &peak, (struct charge_change){-most.bytes, -most.allowance}), 0);
  cr_assert_eq(charge, 0);
}

Test(charge, stays_within_its_bounds) {
  uint64_t charge = 0, peak = 0;
  struct charge_bounds bounds = {.bytes = 100, .units = 2};
  cr_assert_eq(apply_within(&charge, &peak, (struct charge_change){.bytes = 100}, bounds), 0, "to the byte");
  cr_assert_eq(apply_within(&charge, &peak, (struct charge_change){.bytes = 1}, bounds), -EDQUOT);
  cr_assert_eq(apply_within(&charge, &peak, (struct charge_change){.allowance = 2 * UNIT}, bounds), 0);
  cr_assert_eq(apply_within(&charge, &peak, (struct charge_change){.allowance = UNIT}, bounds), -EDQUOT);
  cr_assert_eq(peak, charge - ((uint64_t)2 << 47), "what was refused raises no peak");
  bounds = (struct charge_bounds){.bytes = 10, .units = 0};
  cr_assert_eq(apply_within(&charge, &peak, (struct charge_change){.bytes = -1, .allowance = -UNIT}, bounds),
               0, "down it goes also above them");
  bounds.bytes = -5;
  cr_assert_eq(apply_within(&charge, &peak, (struct charge_change){.bytes = 1}, bounds), -EDQUOT);
}

Test(charge, follows_a_plain_sum_at_random) {
  struct random random = {.seed = 1};
  int64_t bytes = 0, units = 0, highest = 0;
  uint64_t charge = 0, peak = 0;
  for (int i = 0; i < 200000; i++) {
    int64_t change = (int64_t)random_size(&random, BYTES_MOST) * (random_below(&random, 2) ? 1 : -1);
    int64_t steps = (int64_t)random_size(&random, UNITS_MOST) * (random_below(&random, 2) ? 1 : -1);
    int is_fitting = bytes + change >= 0 && bytes + change <= BYTES_MOST && units + steps >= 0 &&
                     units + steps <= UNITS_MOST;
    struct charge_change both = {.bytes = change, .allowance = steps * UNIT};
    cr_assert_eq(apply(&charge, &peak, both), is_fitting ? 0 : -ENOMEM, "step %d", i);
    if (is_fitting) bytes += change, units += steps;
    if (bytes > highest) highest = bytes;
    cr_assert_eq((int64_t)RATION_CHARGE_BYTES(charge), bytes, "step %d", i);
    cr_assert_eq((int64_t)RATION_CHARGE_ALLOWANCE(charge), units * UNIT, "step %d", i);
    cr_assert_eq((int64_t)RATION_CHARGE_BYTES(peak), highest, "step %d", i);
    cr_assert(charge_is_valid(charge, peak));
  }
}

Test(charge, with_a_peak_below_it_is_not_valid) {
  cr_assert_not(charge_is_valid(2, 1));
  cr_assert(charge_is_valid(2, 2));
}

#define THREADS 4
#define ROUNDS  50000

static uint64_t shared_charge, shared_peak;

static void *charge_and_give_back(void *start) {
  for (int i = 0; i < ROUNDS; i++) {
    struct charge_change up = {.bytes = 100 + (int64_t)(uintptr_t)start, .allowance = UNIT};
    struct charge_change down = {.bytes = -up.bytes, .allowance = -UNIT};
    apply(&shared_charge, &shared_peak, up);
    if (i) apply(&shared_charge, &shared_peak, down); /* one is left */
  }
  return NULL;
}

Test(charge, loses_nothing_between_threads) {
  pthread_t threads[THREADS];
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, charge_and_give_back, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_assert_eq(RATION_CHARGE_BYTES(shared_charge), 100 + 101 + 102 + 103);
  cr_assert_eq(RATION_CHARGE_ALLOWANCE(shared_charge), THREADS * UNIT);
  cr_assert_geq(RATION_CHARGE_BYTES(shared_peak), RATION_CHARGE_BYTES(shared_charge));
  cr_assert_leq(RATION_CHARGE_BYTES(shared_peak), 2 * (100 + 101 + 102 + 103));
}
