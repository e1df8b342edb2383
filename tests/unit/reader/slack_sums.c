/*
 * Tests of reader/slack_sums.c: what samples add up to, by their sites' categories.
 */
#include "reader/slack_sums.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "reader/fake_segment.h"

static struct fake_segment segment;
static struct slack_sums sums;
static struct fault fault;

static uint64_t site_of(uint64_t category) {
  return category << 40 | UINT64_C(1) << 32;
}

static void set_up(void) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  fake_segment_add_sites(&segment);
  memset(segment.samples, 0, sizeof segment.samples);
  segment.process.sample_count = 4;
  for (uint32_t i = 1; i < 4; i++)
    segment.samples[i] = (struct ration_segment_sample){
        .address = 16 * i, .usable = 100, .slack = 10 * i, .weight = 5 * RATION_WEIGHT_ONE, .site = i};
  for (uint32_t i = 1; i < 4; i++) segment.sites[i].key = site_of(i < 3 ? 4 : 2);
}

static int read_sums(void) {
  char path[64];
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  snprintf(path, sizeof path, "/proc/self/fd/%d", file.fd);
  int error = slack_sums_read(path, true, 4, &sums, &fault);
  segment_file_close(&file);
  return error;
}

Test(slack_sums, are_of_the_categories_of_sites, .init = set_up) {
  cr_assert_eq(read_sums(), 0, "%s", fault.words);
  cr_expect_eq(sums.bytes[4], 5 * 10 + 5 * 20);
  cr_expect_eq(sums.bytes[2], 5 * 30);
  cr_expect_eq(sums.bytes[1], 0);
}

Test(slack_sums, leave_out_what_makes_no_sense, .init = set_up) {
  segment.samples[1].site = FAKE_SITES + 7;
  segment.samples[2].address = 0;
  segment.samples[3].slack = UINT32_MAX;
  segment.sites[3].key = site_of(5);
  cr_assert_eq(read_sums(), 0, "%s", fault.words);
  for (uint32_t id = 0; id < RATION_CATEGORY_IDS; id++) cr_expect_eq(sums.bytes[id], 0, "category %u", id);
  segment.sites[3].key = site_of(4);
  cr_assert_eq(read_sums(), 0, "%s", fault.words);
  cr_expect_eq(sums.bytes[4], 5 * 100, "no more than it has");
  segment.sites[3].key = 0;
  segment.process.site_count = UINT64_MAX;
  segment.process.sample_count = UINT64_MAX;
  cr_assert_eq(read_sums(), 0, "%s", fault.words);
  cr_expect_eq(sums.bytes[4], 0);
}

Test(slack_sums, are_none_without_samples, .init = set_up) {
  segment.process.sample_count = 0;
  cr_assert_eq(read_sums(), 0, "%s", fault.words);
  cr_expect_eq(sums.bytes[4], 0);
}

Test(slack_sums, of_no_segment_are_none) {
  memset(&segment, 0, sizeof segment);
  cr_assert_eq(read_sums(), -EAGAIN);
}
