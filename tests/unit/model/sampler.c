/*
 * sampler.c: tests of src/model/sampler.c: the chance of a block to be a sample, along a countdown and by itself.
 */
#include "model/sampler.h"

#include <criterion/criterion.h>
#include <math.h>
#include <ration/segment.h>
#include <stdio.h>

/* One thread draws: where threads are watched, there is nothing to see, and each draw takes twenty times as long. */
#ifdef __SANITIZE_THREAD__
#define DRAWS 20000
#else
#define DRAWS 400000
#endif
#define STEP 1049 /* a stretch that hits nothing, before each block */

/* Whether the next block of a thread is a sample, as heartbeats ask. */
static int next_is_sample(struct sampler *sampler, uint64_t usable) {
  sampler->left -= (int64_t)(usable + STEP);
  return sampler->left < 0 && sampler_choose(sampler, usable);
}

static double chance_of(double usable, double mean) {
  return -expm1(-usable / mean);
}

/* A count of independent draws lies within 4 standard deviations: 1 of 16,000 tests of this kind does not. */
static void expect_share(uint64_t hits, uint64_t draws, double chance, const char *what) {
  double deviation = sqrt((double)draws * chance * (1 - chance));
  double distance = fabs((double)hits - (double)draws * chance);
  cr_expect_leq(distance, 4 * deviation + 0.5, "%s: %lu of %lu, chance %g", what, (unsigned long)hits,
                (unsigned long)draws, chance);
}

Test(sampler, chooses_each_block_with_its_chance) {
  static const uint64_t sizes[] = {1, 24, 1000, 4096, 100000, 524288, 3000000};
  static const uint64_t means[] = {2, 100, 4096, 524288};
  for (size_t m = 0; m < sizeof means / sizeof *means; m++)
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      struct sampler sampler = {0};
      uint64_t hits = 0, alone = 0, random = m * 100 + s;
      char what[64];
      sampler_start(&sampler, means[m], m * 31 + s);
      for (int i = 0; i < DRAWS; i++) {
        hits += (uint64_t)next_is_sample(&sampler, sizes[s]);
        alone += (uint64_t)sampler_choose_alone(&random, means[m], sizes[s]);
      }
      snprintf(what, sizeof what, "%lu bytes at %lu", (unsigned long)sizes[s], (unsigned long)means[m]);
      expect_share(hits, DRAWS, chance_of((double)sizes[s], (double)means[m]), what);
      expect_share(alone, DRAWS, chance_of((double)sizes[s], (double)means[m]), what);
    }
}

/* One block's fate says nothing of the next one's, whatever their sizes. */
Test(sampler, draws_are_independent) {
  struct sampler sampler = {0};
  uint64_t both = 0, first_alone = 0;
  sampler_start(&sampler, 4096, 7);
  for (int i = 0; i < DRAWS; i++) {
    int first = next_is_sample(&sampler, 3000), second = next_is_sample(&sampler, 100);
    both += first && second;
    first_alone += first && !second;
  }
  double first = chance_of(3000, 4096), second = chance_of(100, 4096);
  expect_share(both, DRAWS, first * second, "both");
  expect_share(first_alone, DRAWS, first * (1 - second), "the first alone");
}

Test(sampler, a_change_of_the_mean_holds_from_the_next_block_on) {
  struct sampler sampler = {0};
  uint64_t hits = 0, draws = 0;
  sampler_start(&sampler, 1 << 20, 3);
  for (int i = 0; i < DRAWS; i++) {
    sampler_set_mean(&sampler, i % 2 ? 5000 : 50000);
    int is_sample = next_is_sample(&sampler, 1000);
    if (i % 2 == 0) continue;
    hits += (uint64_t)is_sample;
    draws++;
  }
  expect_share(hits, draws, chance_of(1000, 5000), "at the shorter mean");
}

Test(sampler, takes_all_or_nothing) {
  struct sampler all = {0}, none = {0};
  uint64_t random = 0;
  sampler_start(&all, 1, 5);
  sampler_start(&none, 0, 5);
  for (int i = 0; i < 100000; i++) {
    cr_assert(next_is_sample(&all, 1 + (uint64_t)i % 50));
    cr_assert_not(next_is_sample(&none, UINT64_C(1) << 30));
    cr_assert(sampler_choose_alone(&random, 1, 1));
    cr_assert_not(sampler_choose_alone(&random, 0, UINT64_C(1) << 40));
  }
}

/* Against libm, over all that sizes and means can be. */
Test(sampler, weighs_what_it_has_chosen) {
  cr_assert_eq(sampler_weight(1, 1), RATION_WEIGHT_ONE);
  for (uint64_t mean = 2; mean < UINT64_C(1) << 40; mean = mean * 3 + 1)
    for (uint64_t usable = 1; usable < UINT64_C(1) << 46; usable = usable * 2 + 1) {
      double exact = RATION_WEIGHT_ONE / chance_of((double)usable, (double)mean);
      double weight = (double)sampler_weight(mean, usable);
      cr_assert_leq(fabs(weight - exact), 0.51 + exact * 1e-12, "%lu at %lu", (unsigned long)usable,
                    (unsigned long)mean);
      cr_assert_geq(weight, RATION_WEIGHT_ONE);
    }
}
