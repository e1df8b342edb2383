/*
 * Tests of reader/timeline.c: tiers put together, and hostile ones; and of reader/timeline_at.c, which finds the same points.
 */
#include "reader/timeline.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "reader/fake_segment.h"
#include "reader/timeline_at.h"

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

/* ---- points that held at some moments -------------------------------------------------------------------- */

#define QUESTIONS 5
static struct timeline_at questions[QUESTIONS];

static int ask(void) {
  struct segment_file file = fake_segment_file(&large, sizeof large);
  struct layout layout;
  int error = layout_read(&file, &layout, &fault);
  if (!error) error = timeline_at_read(&file, &layout, CATEGORIES, questions, QUESTIONS, &fault);
  segment_file_close(&file);
  return error;
}

static void ask_at(const uint64_t *moments_ms) {
  for (size_t i = 0; i < QUESTIONS; i++) questions[i] = (struct timeline_at){.moment_ns = moments_ms[i] * MS};
  questions[QUESTIONS - 1].moment_ns = UINT64_MAX;
  cr_assert_eq(ask(), 0, "%s", fault.words);
}

static void check_answer(size_t number, uint64_t at_ms) {
  const struct timeline_point *point = &questions[number].point;
  cr_expect(questions[number].is_known, "answer %zu", number);
  cr_expect_eq(point->at_ns, at_ms * MS, "answer %zu: %llu ns", number, (unsigned long long)point->at_ns);
  cr_expect_eq(point->charged[4], at_ms, "answer %zu", number);
  cr_expect_eq(point->charged[CATEGORIES], 2 * at_ms, "answer %zu", number);
}

static void fill_tier(uint32_t tier, uint32_t capacity, uint64_t step_ms, uint64_t count) {
  for (uint64_t k = count > capacity ? count - capacity : 0; k < count; k++)
    put(tier, (uint32_t)(k % capacity), (k + 1) * step_ms * MS, (k + 1) * step_ms);
  large.segment.process.timeline_points[tier] = count;
}

/* Of two hours, of which the finest tier has the last ten seconds, and so on. */
Test(timeline_reader, finds_what_held_at_a_moment, .init = set_up) {
  fill_tier(0, RATION_TIMELINE_FINE, 10, 720000);
  fill_tier(1, RATION_TIMELINE_SECONDS, 1000, 7200);
  fill_tier(2, RATION_TIMELINE_MINUTES, 30000, 240);
  ask_at((const uint64_t[QUESTIONS]){29000, 6000007, 6700500, 7199995});
  cr_expect_not(questions[0].is_known, "older than any");
  check_answer(1, 6000000);
  check_answer(2, 6700000);
  check_answer(3, 7199990);
  check_answer(4, 7200000);
}

/* Where the ring comes round the stretch that is copied ends. Those that are next to go are left to the coarser tier. */
Test(timeline_reader, finds_points_all_around_the_ring, .init = set_up) {
  fill_tier(0, RATION_TIMELINE_FINE, 10, 2 * RATION_TIMELINE_FINE + 30);
  ask_at((const uint64_t[QUESTIONS]){10400, 19995, 20005, 20100});
  check_answer(0, 10400);
  check_answer(1, 19990);
  check_answer(2, 20000);
  check_answer(3, 20100);
  check_answer(4, 20300);
  ask_at((const uint64_t[QUESTIONS]){10310, 10380, 10390, 20100});
  cr_expect_not(questions[0].is_known);
  cr_expect_not(questions[1].is_known);
  check_answer(2, 10390);
}

Test(timeline_reader, of_a_segment_without_the_table_has_no_answer, .init = set_up) {
  large.segment.header.tables[FAKE_TABLES].rows = 0;
  large.segment.process.timeline_points[0] = 5;
  questions[0].is_known = true;
  cr_assert_eq(ask(), 0, "%s", fault.words);
  cr_expect_not(questions[0].is_known);
  large.segment.header.tables[FAKE_TABLES].rows = 1;
  cr_expect_eq(ask(), -EBADMSG);
  cr_expect_str_eq(fault.words, "corrupted: its timeline cannot be read");
}

Test(timeline_reader, answers_by_any_bytes, .init = set_up) {
  srand(7);
  uint64_t *words = large.strips[0].bytes;
  for (size_t i = 0; i < STRIPS * (size_t)RATION_TIMELINE_STRIP; i++)
    words[i] = (uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ (uint64_t)rand() >> 9;
  static const uint64_t counts[] = {1, 999, 1000, 1001, UINT64_MAX / 2, UINT64_MAX};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    for (size_t tier = 0; tier < RATION_TIMELINE_TIERS; tier++)
      large.segment.process.timeline_points[tier] = counts[i];
    ask_at((const uint64_t[QUESTIONS]){1, 1000, UINT64_MAX / MS / 4, UINT64_MAX / MS / 2});
    for (size_t k = 0; k < QUESTIONS; k++) {
      if (!questions[k].is_known) continue;
      cr_assert_leq(questions[k].point.at_ns, questions[k].moment_ns);
      for (uint32_t id = 1; id <= CATEGORIES; id++)
        cr_assert_lt(questions[k].point.charged[id], UINT64_C(1) << RATION_CHARGE_BYTES_BITS);
    }
  }
}
