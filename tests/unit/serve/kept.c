/*
 * Tests of serve/kept.c: what is kept of a process is found again, until nobody does; its growth is read now and then.
 */
#include "serve/kept.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "reader/fake_segment.h"

#define STRIPS (RATION_TIMELINE_TIERS * RATION_TIMELINE_GROUPS * RATION_TIMELINE_POINTS)
#define POINTS 300

static struct kept_book book;
static struct fault fault;
static const struct place_name name = {.pid_namespace = 1, .pid = 77, .start_ticks = 5, .image = 0};

Test(kept, is_found_again_by_its_name) {
  struct place_name other = name;
  struct kept *kept = kept_find(&book, &name);
  kept_process(kept)->image.stack = 7;
  other.image = 1;
  cr_expect_neq(kept_find(&book, &other), kept);
  other = name;
  other.start_ticks++;
  cr_expect_neq(kept_find(&book, &other), kept, "the pid was given anew");
  cr_expect_eq(kept_find(&book, &name), kept);
  cr_expect_eq(kept_process(kept)->image.stack, 7);
  kept_free(&book);
}

Test(kept, is_forgotten_when_nobody_finds_it) {
  kept_process(kept_find(&book, &name))->image.stack = 7;
  kept_drop_unfound(&book);
  cr_expect_eq(kept_process(kept_find(&book, &name))->image.stack, 7);
  kept_drop_unfound(&book);
  kept_drop_unfound(&book);
  cr_expect_null(book.first);
  cr_expect_eq(kept_process(kept_find(&book, &name))->image.stack, 0);
  kept_free(&book);
}

/* ---- growth ---------------------------------------------------------------------------------------------- */

static struct large {
  struct fake_segment segment;
  struct ration_segment_strip strips[STRIPS];
} large;
static struct process process;
static char folder[PATH_MAX];

/* Of five minutes, in which category 4 grew by ten bytes a second. */
static void set_up(void) {
  struct ration_segment_table table = {.kind = RATION_TABLE_TIMELINE,
                                       .stride = sizeof large.strips[0],
                                       .offset = offsetof(struct large, strips),
                                       .rows = STRIPS};
  fake_folder_make(folder);
  fake_segment_fill(&large.segment);
  fake_segment_add_tables(&large.segment);
  large.segment.process.started_at = FAKE_STARTED_AT;
  large.segment.header.segment_bytes = sizeof large;
  large.segment.header.tables[FAKE_TABLES] = table;
  for (uint64_t i = 0; i < POINTS; i++) {
    large.strips[i].bytes[0] = FAKE_STARTED_AT + (i + 1) * FAKE_SECOND;
    large.strips[i].bytes[4] = 10 * i;
  }
  large.segment.process.timeline_points[0] = POINTS;
  fake_segment_save(&large, sizeof large, folder, "segment", process.path);
  process.snapshot.category_count = 4;
  process.snapshot.name = name;
  process.snapshot.facts.started_at = FAKE_STARTED_AT;
}

static void tear_down(void) {
  kept_free(&book);
  fake_folder_remove(folder);
}

static int put_growth(uint64_t age_seconds) {
  memset(&process.snapshot.growth, 0, sizeof process.snapshot.growth);
  process.until_at = FAKE_STARTED_AT + age_seconds * FAKE_SECOND;
  return kept_put_growth(kept_find(&book, &name), &process, &fault);
}

Test(kept, growth_is_read_now_and_then, .init = set_up, .fini = tear_down) {
  const struct growth_table *growth = &process.snapshot.growth;
  cr_assert_eq(put_growth(POINTS), 0, "%s", fault.words);
  cr_expect(growth->is_known[0]);
  cr_expect_not(growth->is_known[1], "six hours");
  cr_expect_eq(growth->of[0][4].own, 36000);
  cr_expect_eq(growth->of[0][2].own, 0);
  unlink(process.path);
  cr_assert_eq(put_growth(POINTS + 10), 0, "%s", fault.words);
  cr_expect(growth->is_known[0]);
  cr_expect_eq(growth->of[0][4].own, 36000, "as it was");
  cr_expect_eq(put_growth(POINTS + 40), -ENOENT, "it is time to read it again");
}

Test(kept, growth_of_a_new_category_is_read_at_once, .init = set_up, .fini = tear_down) {
  cr_assert_eq(put_growth(POINTS), 0, "%s", fault.words);
  unlink(process.path);
  process.snapshot.category_count = 5;
  cr_expect_eq(put_growth(POINTS + 1), -ENOENT);
}

/* Half of the window is enough; the first point comes after a second. */
Test(kept, growth_is_known_as_soon_as_it_can_be, .init = set_up, .fini = tear_down) {
  for (uint64_t age = 140; age < 151; age++) {
    cr_assert_eq(put_growth(age), 0, "%s", fault.words);
    cr_expect_not(process.snapshot.growth.is_known[0], "at %d s", (int)age);
  }
  cr_assert_eq(put_growth(151), 0, "%s", fault.words);
  cr_expect(process.snapshot.growth.is_known[0]);
}
