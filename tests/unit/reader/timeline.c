/*
 * Tests of reader/timeline.c: tiers put together, and hostile ones.
 */
#include "reader/timeline.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "reader/fake_segment.h"

#define STRIPS     (RATION_TIMELINE_TIERS * RATION_TIMELINE_GROUPS * RATION_TIMELINE_POINTS)
#define CATEGORIES 20 /* two groups */
#define MS         (FAKE_SECOND / 1000)

static struct large {
  struct fake_segment segment;
  struct ration_segment_strip strips[STRIPS];
} large;
static struct timeline timeline;
static struct fault fault;

static void set_up(void) {
  fake_segment_fill(&large.segment);
  fake_segment_add_tables(&large.segment);
  large.segment.process.started_at = FAKE_STARTED_AT;
  large.segment.header.segment_bytes = sizeof large;
  large.segment.header.tables[FAKE_TABLES] =
      (struct ration_segment_table){.kind = RATION_TABLE_TIMELINE,
                                    .stride = sizeof large.strips[0],
                                    .offset = offsetof(struct large, strips),
                                    .rows = STRIPS};
}

static uint64_t *bytes_of(uint32_t tier, uint32_t place, uint32_t category) {
  size_t row = ((size_t)tier * RATION_TIMELINE_GROUPS + category / 16) * RATION_TIMELINE_POINTS + place;
  return &large.strips[row].bytes[category % 16];
}

static void put(uint32_t tier, uint32_t place, uint64_t at_ns, uint64_t bytes) {
  *bytes_of(tier, place, 0) = FAKE_STARTED_AT + at_ns;
  *bytes_of(tier, place, 4) = bytes;
  *bytes_of(tier, place, CATEGORIES) = 2 * bytes;
}

static int read_timeline(void) {
  struct segment_file file = fake_segment_file(&large, sizeof large);
  struct layout layout;
  int error = layout_read(&file, &layout, &fault);
  if (!error) error = timeline_read(&file, &layout, CATEGORIES, &timeline, &fault);
  segment_file_close(&file);
  return error;
}

static void check_point(size_t number, uint64_t at_ns, uint64_t bytes) {
  cr_expect_eq(timeline.points[number].at_ns, at_ns, "point %zu", number);
  cr_expect_eq(timeline.points[number].charged[4], bytes, "point %zu", number);
  cr_expect_eq(timeline.points[number].charged[CATEGORIES], 2 * bytes, "point %zu", number);
}

Test(timeline_reader, puts_all_tiers_into_one_order, .init = set_up) {
  put(0, 0, 7000 * MS, 70);
  put(0, 1, 7010 * MS, 71);
  put(1, 0, 5000 * MS, 50);
  put(1, 1, 7000 * MS, 70); /* the same moment */
  put(3, 0, 1000 * MS, 10);
  uint64_t *points = large.segment.process.timeline_points;
  points[0] = 2, points[1] = 2, points[3] = 1;
  cr_assert_eq(read_timeline(), 0, "%s", fault.words);
  cr_assert(timeline.is_kept);
  cr_assert_eq(timeline.count, 4);
  check_point(0, 1000 * MS, 10);
  check_point(1, 5000 * MS, 50);
  check_point(2, 7000 * MS, 70);
  check_point(3, 7010 * MS, 71);
  timeline_free(&timeline);
}

/* The place that would be next may be written just now. */
Test(timeline_reader, knows_a_tier_that_has_come_round, .init = set_up) {
  for (uint32_t k = 1000; k < 2 * RATION_TIMELINE_FINE + 500; k++)
    put(0, k % RATION_TIMELINE_FINE, k * 10 * MS, k);
  large.segment.process.timeline_points[0] = 2 * RATION_TIMELINE_FINE + 500;
  cr_assert_eq(read_timeline(), 0, "%s", fault.words);
  cr_assert_eq(timeline.count, RATION_TIMELINE_FINE - 1);
  check_point(0, 15010 * MS, 1501);
  check_point(timeline.count - 1, 24990 * MS, 2499);
  timeline_free(&timeline);
}

Test(timeline_reader, has_no_point_of_a_segment_without_the_table, .init = set_up) {
  large.segment.header.tables[FAKE_TABLES].rows = 0;
  large.segment.process.timeline_points[0] = 5;
  cr_assert_eq(read_timeline(), 0, "%s", fault.words);
  cr_assert_eq(timeline.count, 0);
  cr_assert_not(timeline.is_kept);
  timeline_free(&timeline);
}

Test(timeline_reader, refuses_a_table_that_is_too_short, .init = set_up) {
  large.segment.header.tables[FAKE_TABLES].rows = 1;
  large.segment.process.timeline_points[0] = 1;
  cr_assert_eq(read_timeline(), -EBADMSG);
  cr_assert_str_eq(fault.words, "corrupted: its timeline cannot be read");
}

/* Each point has a place in time, and no more bytes than a charge has; whatever the numbers say. */
Test(timeline_reader, survives_any_bytes, .init = set_up) {
  srand(7);
  uint64_t *words = large.strips[0].bytes;
  for (size_t i = 0; i < STRIPS * (size_t)RATION_TIMELINE_STRIP; i++)
    words[i] = (uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ (uint64_t)rand() >> 9;
  static const uint64_t counts[] = {1, 999, 1000, 1001, UINT64_MAX / 2, UINT64_MAX};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    for (size_t tier = 0; tier < RATION_TIMELINE_TIERS; tier++)
      large.segment.process.timeline_points[tier] = counts[i];
    cr_assert_eq(read_timeline(), 0, "%s", fault.words);
    cr_assert_leq(timeline.count, 1000 + 600 + 720 + 1000);
    for (size_t k = 0; k < timeline.count; k++) {
      cr_assert_lt(k ? timeline.points[k - 1].at_ns : 0, timeline.points[k].at_ns);
      for (uint32_t id = 1; id <= CATEGORIES; id++)
        cr_assert_lt(timeline.points[k].charged[id], UINT64_C(1) << RATION_CHARGE_BYTES_BITS);
    }
    timeline_free(&timeline);
  }
}
