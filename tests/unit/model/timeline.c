/*
 * timeline.c: tests of src/model/timeline.c.
 */
#include "model/timeline.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "model/fresh_segment.h"

#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

static uint64_t figure(const struct segment *segment, uint32_t tier, uint64_t point, uint32_t id) {
  size_t row = ((size_t)tier * RATION_TIMELINE_GROUPS + id / 16) * RATION_TIMELINE_POINTS + point;
  return segment->timeline[row].bytes[id % 16];
}

static uint64_t points(const struct segment *segment, uint32_t tier) {
  return segment->process->timeline_points[tier];
}

static struct segment segment_since(uint64_t started_at) {
  struct segment segment = fresh_segment(SEGMENT_SLABS_MOST);
  segment.process->started_at = started_at;
  return segment;
}

static void charge(struct segment *segment, uint32_t id, int64_t bytes, uint64_t now) {
  cr_assert_eq(plain_charge(segment, id, (struct charge_change){.bytes = bytes}), 0);
  timeline_note(segment, id, now);
}

Test(timeline, has_no_point_in_a_small_segment) {
  struct segment segment = fresh_segment(2);
  cr_assert_null(segment.timeline);
  timeline_note(&segment, RATION_CATEGORY_OTHER, S);
  cr_assert_eq(points(&segment, 0), 0);
}

Test(timeline, changes_go_into_a_point_for_10_ms) {
  struct segment segment = segment_since(S);
  charge(&segment, RATION_CATEGORY_OTHER, 100, S);
  cr_assert_eq(points(&segment, 0), 1);
  cr_expect_eq(figure(&segment, 0, 0, 0), S);
  cr_expect_eq(figure(&segment, 0, 0, RATION_CATEGORY_OTHER), 100);
  charge(&segment, RATION_CATEGORY_OTHER, 11, S + 9 * MS);
  cr_assert_eq(points(&segment, 0), 1);
  cr_expect_eq(figure(&segment, 0, 0, RATION_CATEGORY_OTHER), 111);
  charge(&segment, RATION_CATEGORY_OTHER, 1000, S + 10 * MS);
  cr_assert_eq(points(&segment, 0), 2);
  cr_expect_eq(figure(&segment, 0, 0, RATION_CATEGORY_OTHER), 111);
  cr_expect_eq(figure(&segment, 0, 1, RATION_CATEGORY_OTHER), 1111);
  cr_expect_eq(figure(&segment, 0, 1, 0), S + 10 * MS);
}

Test(timeline, holds_every_category) {
  struct segment segment = segment_since(S);
  char path[16];
  for (uint32_t i = 0; i < 40; i++) {
    snprintf(path, sizeof path, "c%u", i);
    charge(&segment, fresh_segment_add(&segment, path), 1000 + i, S);
  }
  timeline_note(&segment, 0, S + 20 * MS);
  cr_assert_eq(points(&segment, 0), 2);
  for (uint32_t i = 0; i < 40; i++) {
    cr_expect_eq(figure(&segment, 0, 0, RATION_CATEGORY_FIRST + i), 1000 + i,
                 "in the point of their time, %u", i);
    cr_expect_eq(figure(&segment, 0, 1, RATION_CATEGORY_FIRST + i), 1000 + i);
  }
}

/* A day of a change each 5 ms would take long here; one of a change each second does not. */
Test(timeline, tiers_have_their_distances_and_the_last_one_the_whole_life) {
  struct segment segment = segment_since(0);
  for (uint64_t second = 1; second <= 86400; second++) charge(&segment, RATION_CATEGORY_OTHER, 1, second * S);
  cr_assert_eq(points(&segment, 0), 86400);
  cr_assert_eq(points(&segment, 1), 86400);
  cr_assert_eq(points(&segment, 2), 86400 / 30);
  for (uint64_t k = 86400 - RATION_TIMELINE_SECONDS; k < 86400; k++) {
    cr_assert_eq(figure(&segment, 1, k % RATION_TIMELINE_SECONDS, 0), (k + 1) * S);
    cr_assert_eq(figure(&segment, 1, k % RATION_TIMELINE_SECONDS, RATION_CATEGORY_OTHER), k + 1);
  }
  uint64_t held = points(&segment, 3), last = 0;
  cr_assert_geq(held, RATION_TIMELINE_LIFE / 2);
  cr_assert_lt(held, RATION_TIMELINE_LIFE);
  cr_expect_eq(figure(&segment, 3, 0, 0), S, "the first point stays");
  for (uint64_t k = 0; k < held; k++) {
    uint64_t at = figure(&segment, 3, k, 0);
    cr_assert_gt(at, last);
    cr_assert_eq(figure(&segment, 3, k, RATION_CATEGORY_OTHER), at / S);
    if (k) cr_assert_leq(at - last, 2 * segment.process->timeline_life_ns);
    last = at;
  }
  cr_expect_geq(last, 86000 * S);
}

static int refuse(void *memory, size_t bytes) {
  return memory && bytes ? -ENOMEM : 0;
}

Test(timeline, without_memory_for_a_point_the_program_runs_on) {
  struct segment segment = segment_since(S);
  segment.make_present = refuse;
  charge(&segment, RATION_CATEGORY_OTHER, 100, S);
  cr_assert_eq(points(&segment, 0), 0);
  segment.make_present = NULL;
  charge(&segment, RATION_CATEGORY_OTHER, 100, 2 * S);
  cr_assert_eq(points(&segment, 0), 1);
}
