/*
 * sites.c: tests of src/model/sites.c.
 */
#include "model/sites.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "model/fresh_segment.h"

#define BIRTH ((struct site_birth){.now = 5, .slab = 3})
#define OWNER 3

static struct segment segment;
static uint32_t category;

static void start(uint32_t slabs) {
  segment = fresh_segment(slabs);
  category = fresh_segment_add(&segment, "a");
}

/* A stack of its own for each number. */
static struct stack_key stack_of(uint64_t number, uint64_t frames[RATION_SITE_FRAMES_MOST]) {
  uint32_t count = 1 + (uint32_t)(number % RATION_SITE_FRAMES_MOST);
  for (uint32_t i = 0; i < count; i++) frames[i] = hash_word(number * 131 + i / 4) >> 8;
  frames[0] = number;
  return (struct stack_key){.frames = frames, .count = count, .category = category};
}

static uint32_t intern(uint64_t number) {
  uint64_t frames[RATION_SITE_FRAMES_MOST];
  uint32_t site = 0;
  cr_assert_eq(sites_intern(&segment, stack_of(number, frames), BIRTH, &site), 0, "%lu",
               (unsigned long)number);
  return site;
}

Test(sites, a_stack_is_one_site_for_a_category) {
  start(1);
  uint64_t frames[RATION_SITE_FRAMES_MOST];
  uint32_t one = intern(1), two = intern(2), site;
  cr_assert_neq(one, two);
  cr_assert_eq(intern(1), one);
  cr_assert_eq(sites_category(&segment, one), category);
  struct stack_key stack = stack_of(1, frames);
  stack.category = RATION_CATEGORY_OTHER;
  cr_assert_eq(sites_intern(&segment, stack, BIRTH, &site), 0);
  cr_assert_neq(site, one);
  stack = stack_of(1, frames);
  stack.flags = RATION_SITE_TRUNCATED;
  cr_assert_eq(sites_intern(&segment, stack, BIRTH, &site), 0);
  cr_assert_neq(site, one);
  stack = stack_of(1, frames);
  stack.count = 0;
  cr_assert_eq(sites_intern(&segment, stack, BIRTH, &site), 0, "a stack may be unknown");
  const struct ration_segment_site *row = sites_row(&segment, two);
  cr_assert_eq(RATION_SITE_FRAME_COUNT(row->key), 3);
  cr_assert_eq(segment.frames[RATION_SITE_FRAMES_AT(row->key)], 2);
  cr_assert_eq(row->first_at, 5);
}

static struct stack_key longest_stack_of(uint64_t number, uint64_t frames[RATION_SITE_FRAMES_MOST]) {
  struct stack_key stack = stack_of(number, frames);
  for (; stack.count < RATION_SITE_FRAMES_MOST; stack.count++) frames[stack.count] = number;
  return stack;
}

Test(sites, there_is_room_for_32768_of_the_longest_stacks) {
  start(SEGMENT_SLABS_MOST);
  static uint32_t sites[SEGMENT_SITES_MOST];
  uint64_t frames[RATION_SITE_FRAMES_MOST];
  cr_assert_eq(SEGMENT_SITES_MOST, 32768);
  for (uint64_t i = 0; i < SEGMENT_SITES_MOST; i++)
    cr_assert_eq(sites_intern(&segment, longest_stack_of(i, frames), BIRTH, &sites[i]), 0, "%d", (int)i);
  for (uint64_t i = 0; i < SEGMENT_SITES_MOST; i++) {
    uint32_t site;
    cr_assert_eq(sites_intern(&segment, longest_stack_of(i, frames), BIRTH, &site), 0);
    cr_assert_eq(site, sites[i]);
  }
  uint32_t site = 77;
  cr_assert_eq(sites_intern(&segment, stack_of(1 << 20, frames), BIRTH, &site), -ENOSPC);
  cr_assert_eq(site, 77);
}

Test(sites, without_room_for_frames_there_is_none_for_the_site) {
  start(1);
  uint64_t frames[RATION_SITE_FRAMES_MOST];
  uint32_t site;
  segment.process->frame_count = segment_rows(&segment, RATION_TABLE_FRAMES) - 5;
  cr_assert_eq(sites_intern(&segment, stack_of(4, frames), BIRTH, &site), 0);
  cr_assert_eq(sites_intern(&segment, stack_of(1, frames), BIRTH, &site), -ENOSPC);
  cr_assert_eq(sites_intern(&segment, stack_of(4, frames), BIRTH, &site), 0);
}

/* ---- figures ------------------------------------------------------------------------------------------- */

static double double_of(uint64_t word) {
  double value;
  memcpy(&value, &word, sizeof value);
  return value;
}

/* What the owner has counted, and the others. */
#define SUM(row, member) ((row)->own.member + (row)->others.member)

static double variance_of(const struct ration_segment_site *row) {
  return double_of(row->own.variance) + double_of(row->others.variance);
}

static double freed_variance_of(const struct ration_segment_site *row) {
  return double_of(row->own.freed_variance) + double_of(row->others.freed_variance);
}

static uint64_t live_bytes_of(const struct ration_segment_site *row) {
  return SUM(row, bytes) - SUM(row, freed_bytes);
}

Test(sites, figures_add_up_and_come_back_to_nothing) {
  start(1);
  uint32_t site = intern(1);
  const struct ration_segment_site *row = sites_row(&segment, site);
  const uint64_t weights[] = {RATION_WEIGHT_ONE, 3 * RATION_WEIGHT_ONE, 1000 * RATION_WEIGHT_ONE + 77};
  double bytes = 0, variance = 0;
  for (uint64_t i = 0; i < 30; i++) {
    uint64_t weight = weights[i % 3], usable = 100 + i;
    double estimate = (double)usable * (double)weight / RATION_WEIGHT_ONE;
    bytes += round(estimate);
    variance += round(estimate) * round(estimate) * (1 - RATION_WEIGHT_ONE / (double)weight);
    struct ration_segment_sample sample = {
        .site = site, .usable = usable, .weight = weight, .slack = 10, .at = i};
    sites_count_sample(&segment, &sample, i == 7, i % 3 ? OWNER : (uint32_t)i);
  }
  cr_assert_eq(SUM(row, samples), 30);
  cr_assert_eq((double)live_bytes_of(row), bytes);
  cr_assert_float_eq(variance_of(row), variance, variance * 1e-9);
  cr_assert_eq(row->largest_bytes, 129);
  cr_assert_eq(SUM(row, reallocations), weights[7 % 3]);
  cr_assert_eq(row->last_at, 29);
  for (uint64_t i = 0; i < 30; i++) {
    struct ration_segment_sample sample = {.site = site, .usable = 100 + i, .weight = weights[i % 3]};
    struct sample_end end = {.lived_ns = 20000, .is_temporary = i < 2};
    sites_count_end(&segment, &sample, end, i % 2 ? OWNER : 0);
  }
  cr_assert_eq(SUM(row, freed_samples), 30);
  cr_assert_eq(live_bytes_of(row), 0);
  cr_assert_float_eq(freed_variance_of(row), variance, variance * 1e-9);
  cr_assert_eq(SUM(row, samples), 30);
  cr_assert_gt(row->own.samples, 0);
  cr_assert_gt(row->others.samples, 0);
  cr_assert_eq((double)row->peak_bytes, bytes);
  cr_assert_eq(SUM(row, temporary_blocks), weights[0] + weights[1]);
  cr_assert_eq(SUM(row, lifetimes[1]), SUM(row, blocks), "10 us to 100 us");
}

/* Large blocks of little slack, whose weights are hardly more than one. */
Test(sites, slack_is_not_rounded_away) {
  start(1);
  const uint64_t slack[] = {1, 4, 8}, weights[] = {RATION_WEIGHT_ONE, 71000, 77000};
  for (int s = 0; s < 3; s++)
    for (int w = 0; w < 3; w++) {
      uint32_t site = intern((uint64_t)(3 * s + w));
      const struct ration_segment_site *row = sites_row(&segment, site);
      double expected = 100000.0 * (double)slack[s] * (double)weights[w] / RATION_WEIGHT_ONE;
      struct ration_segment_sample sample = {
          .site = site, .usable = 10000, .weight = weights[w], .slack = slack[s]};
      for (; sample.at < 100000; sample.at++) sites_count_sample(&segment, &sample, 0, OWNER);
      double tolerance = w ? 4 * 0.5 * sqrt(100000) : 0; /* a bit of 0 or 1 each time */
      cr_expect_float_eq((double)SUM(row, slack_bytes), expected, tolerance + 1e-6, "%d %d: %lu, not %.0f", s,
                         w, (unsigned long)SUM(row, slack_bytes), expected);
    }
}

Test(sites, lifetimes_fall_into_decades) {
  start(1);
  uint32_t site = intern(1);
  const uint64_t lived[RATION_LIFETIMES] = {9999,      10000,      999999,      1000000,      99999999,
                                            100000000, 9999999999, 10000000000, 999999999999, UINT64_MAX};
  struct ration_segment_sample sample = {.site = site, .usable = 1, .weight = 1};
  for (int i = 0; i < RATION_LIFETIMES; i++)
    sites_count_end(&segment, &sample, (struct sample_end){.lived_ns = lived[i]}, OWNER);
  const uint64_t expected[RATION_LIFETIMES] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  cr_assert_arr_eq(sites_row(&segment, site)->own.lifetimes, expected, sizeof expected);
}

/* What a site held at a peak: charges come before samples, and go after them. */
static void hold(uint32_t site, uint64_t bytes) {
  struct tally_shared_change change = {.bytes = (int64_t)bytes, .allocations = 1, .allocated_bytes = bytes};
  cr_assert_eq(plain_shared(&segment, category, change), 0);
  struct ration_segment_sample sample = {.site = site, .usable = bytes, .weight = RATION_WEIGHT_ONE};
  sites_count_sample(&segment, &sample, 0, OWNER);
}

static void give(uint32_t site, uint64_t bytes) {
  struct tally_shared_change change = {.bytes = -(int64_t)bytes, .frees = 1};
  struct ration_segment_sample sample = {.site = site, .usable = bytes, .weight = RATION_WEIGHT_ONE};
  sites_count_end(&segment, &sample, (struct sample_end){0}, 0);
  cr_assert_eq(plain_shared(&segment, category, change), 0);
}

Test(sites, who_was_live_at_the_peak) {
  start(1);
  uint32_t a = intern(1), b = intern(2), c = intern(3);
  hold(a, 1000);
  hold(b, 500); /* a peak: 1000, 500, 0 */
  give(a, 1000);
  hold(c, 200);
  give(b, 500);
  const struct ration_segment_site *row_a = sites_row(&segment, a), *row_b = sites_row(&segment, b),
                                   *row_c = sites_row(&segment, c);
  cr_assert_eq(row_a->at_process_peak_bytes, 1000);
  cr_assert_eq(row_b->at_process_peak_bytes, 500);
  cr_assert_eq(row_c->at_process_peak_bytes, 0);
  hold(b, 3000); /* another one: 0, 3000, 200 */
  give(b, 3000);
  hold(a, 10);
  cr_assert_eq(row_a->at_process_peak_bytes, 0);
  cr_assert_eq(row_b->at_process_peak_bytes, 3000);
  cr_assert_eq(row_b->at_category_peak_bytes, 3000);
  cr_assert_neq(row_c->process_peak, 3200, "it has not changed since: what it has is what it had");
  cr_assert_eq(live_bytes_of(row_c), 200);
  cr_assert_eq(row_b->process_peak, 3200);
}

#define THREADS 8

static uint32_t found[THREADS][200];

static void *intern_all(void *thread) {
  struct random random = {.seed = (uintptr_t)thread};
  for (int i = 0; i < 20000; i++) {
    uint32_t number = (uint32_t)random_below(&random, 200), site = intern(number);
    cr_assert(found[(uintptr_t)thread][number] == 0 || found[(uintptr_t)thread][number] == site);
    found[(uintptr_t)thread][number] = site;
    struct ration_segment_sample sample = {.site = site, .usable = 8, .weight = 2 * RATION_WEIGHT_ONE};
    sites_count_sample(&segment, &sample, 0, (uint32_t)(uintptr_t)thread);
  }
  return NULL;
}

Test(sites, threads_meet_at_the_same_sites) {
  pthread_t threads[THREADS];
  start(SEGMENT_SLABS_MOST);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, intern_all, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  uint64_t bytes = 0;
  double variance = 0;
  for (uint32_t number = 0; number < 200; number++) {
    for (int i = 1; i < THREADS; i++) cr_assert_eq(found[i][number], found[0][number]);
    bytes += live_bytes_of(sites_row(&segment, found[0][number]));
    variance += variance_of(sites_row(&segment, found[0][number]));
  }
  cr_assert_eq(bytes, THREADS * 20000 * 16);
  cr_assert_float_eq(variance, THREADS * 20000 * 128.0, 1);
}
