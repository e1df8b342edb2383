/*
 * interval.c: tests of tools/ration/sites/interval.c: estimates from samples are unbiased, and their intervals hold as
 * often as they say. Thousands of programs are run through the shim's own sampler.
 */
#include "sites/interval.h"

#include <criterion/criterion.h>
#include <math.h>
#include <ration/segment.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/random.h"
#include "model/sampler.h"

/* Where threads are watched, one thread's arithmetic takes twenty times as long, and there is nothing to see. */
#ifdef __SANITIZE_THREAD__
#define RUNS 100
#else
#define RUNS 4000 /* so that a share of 95 % has a standard error of 0.35 % */
#endif
#define STEP 1049 /* see track/heartbeat.h */
#define MEAN 65536

/* A site of a program: blocks of these sizes in turn, so many in all. */
struct site {
  const char *what;
  uint64_t sizes[4]; /* 0: no further one */
  uint32_t blocks;
};

struct outcome {
  double bytes;
  double variance;
};

static double truth_of(const struct site *site) {
  double bytes = 0;
  uint32_t kinds = 0;
  while (kinds < 4 && site->sizes[kinds]) kinds++;
  for (uint32_t i = 0; i < site->blocks; i++) bytes += (double)site->sizes[i % kinds];
  return bytes;
}

/* What the shim adds up for a block that is chosen: see model/sites.c. */
static void take(struct outcome *outcome, uint64_t usable, uint64_t mean) {
  uint64_t weight = sampler_weight(mean, usable);
  double bytes = (double)usable * (double)weight / RATION_WEIGHT_ONE;
  outcome->bytes += bytes;
  outcome->variance += bytes * bytes * (1 - RATION_WEIGHT_ONE / (double)weight);
}

/* One run: the site's blocks between those of others, so that a hit may be anybody's. */
static struct outcome run(const struct site *site, uint64_t seed, uint64_t mean) {
  struct sampler sampler = {0};
  struct random random = {.seed = seed};
  struct outcome outcome = {0};
  uint32_t kinds = 0;
  while (kinds < 4 && site->sizes[kinds]) kinds++;
  sampler_start(&sampler, mean, hash_word(seed)); /* streams that do not overlap */
  for (uint32_t i = 0; i < site->blocks; i++) {
    uint64_t sizes[2] = {random_below(&random, 500) + 1, site->sizes[i % kinds]};
    for (int k = 0; k < 2; k++) {
      sampler.left -= (int64_t)(sizes[k] + STEP);
      int is_chosen = sampler.left < 0 && sampler_choose(&sampler, sizes[k]);
      if (is_chosen && k == 1) take(&outcome, sizes[k], mean);
    }
  }
  return outcome;
}

static void check_site(const struct site *site, uint64_t mean) {
  double truth = truth_of(site), sum = 0, squares = 0;
  uint32_t held = 0;
  for (uint64_t seed = 1; seed <= RUNS; seed++) {
    struct outcome outcome = run(site, seed, mean);
    struct interval interval = interval_of(outcome.bytes, outcome.variance);
    sum += outcome.bytes;
    squares += outcome.bytes * outcome.bytes;
    held += interval.low <= truth && truth <= interval.high;
  }
  double average = sum / RUNS, error = sqrt((squares / RUNS - average * average) / (RUNS - 1));
  double coverage = 100.0 * held / RUNS;
  cr_expect_leq(fabs(average - truth), 3 * error, "%s: %.0f on average, of %.0f, error %.0f", site->what,
                average, truth, error);
  double most = RUNS < 4000 ? 100 : 2; /* too few to tell */
  cr_expect_leq(fabs(coverage - 95), most, "%s: held in %.2f %%", site->what, coverage);
}

/* Each with 10 expected samples or more. */
Test(interval, estimates_are_unbiased_and_intervals_hold) {
  static const struct site sites[] = {
      {"10 samples of small blocks", {64}, 10240},
      {"30 samples", {1000}, 1966},
      {"100 samples", {4096}, 1600},
      {"blocks of half the mean", {32768}, 60},
      {"blocks of the mean", {65536}, 40},
      {"small and large ones", {100, 30000}, 100},
      {"many sizes", {24, 500, 8000, 20000}, 300},
  };
  for (size_t i = 0; i < sizeof sites / sizeof *sites; i++) check_site(&sites[i], MEAN);
}

Test(interval, where_every_block_is_a_sample_there_is_no_doubt) {
  static const struct site site = {"all", {100, 7}, 1000};
  struct outcome outcome = run(&site, 1, 1);
  struct interval interval = interval_of(outcome.bytes, outcome.variance);
  cr_expect_eq(outcome.bytes, truth_of(&site));
  cr_expect_eq(interval.low, outcome.bytes);
  cr_expect_eq(interval.high, outcome.bytes);
}

Test(interval, of_nothing_is_nothing) {
  struct interval interval = interval_of(0, 0);
  cr_expect_eq(interval.low, 0);
  cr_expect_eq(interval.high, 0);
}

/* By Poisson, not normal, for few samples: one sample of a small block stands for 0.1 to 4.7 means. */
Test(interval, of_one_sample_is_wide_upward) {
  struct interval interval = interval_of(1000, 1000.0 * 1000);
  cr_expect_float_eq(interval.low, 107.9, 1);
  cr_expect_float_eq(interval.high, 4674.2, 2);
}

/* Limits grow with the shape, and where they are worked out in another way they go on. */
Test(interval, of_many_samples_goes_on) {
  struct interval before = {0};
  for (double shape = 1; shape < 1e7; shape *= 1.01) {
    struct interval interval = interval_of(shape, shape);
    cr_assert_gt(interval.low, before.low, "%g", shape);
    cr_assert_gt(interval.high, before.high, "%g", shape);
    cr_assert(interval.low < shape && shape < interval.high, "%g", shape);
    if (shape > 900)
      cr_assert_float_eq(interval.high - interval.low, 2 * 1.96 * sqrt(shape), 0.01 * sqrt(shape), "%g",
                         shape);
    before = interval;
  }
}

/* A site of so many bytes in small blocks has no sample in exp(-bytes / mean) of all cases: 2.5 % at 3.7 times the mean,
 * 8 % at 2.5, which is where those of one sample begin to be likelier. */
Test(interval, of_nothing_reaches_to_where_a_sample_is_expected) {
  struct interval interval = interval_of_nothing(MEAN);
  cr_expect_eq(interval.low, 0);
  cr_expect_gt(interval.high, 2.5 * MEAN);
  cr_expect_lt(interval.high, 2.52 * MEAN);
  cr_expect_eq(interval_of_nothing(1).high, 0);
}
