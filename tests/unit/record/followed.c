/*
 * Tests of record/followed.h, over what it consists of: a fake segment is looked at, changed, and looked at again; what
 * the recording says of it is compared with it, byte by byte.
 */
#include "record/followed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/test_point.h"
#include "recording/made.h"

#define HALF_WRITTEN (10 % FAKE_EVENTS) /* the event that a fake segment has there is not whole */

static struct fake_segment segment, expected;
static struct segment_file file;
static struct recording_writer *writer;
static struct followed followed;
static struct followed_look how;
static struct replay *replay;

static void save(void) {
  cr_assert_eq(pwrite(file.fd, &segment, sizeof segment, 0), (ssize_t)sizeof segment);
}

static void set_up(void) {
  made_set_up();
  writer = made_begin();
  made_fill(&segment, 100, 0, 0);
  file = fake_segment_file(&segment, sizeof segment);
  how = (struct followed_look){.now = FAKE_STARTED_AT + FAKE_SECOND};
}

static void open_it(bool is_over) {
  struct layout layout;
  struct fault fault;
  cr_assert_eq(layout_read(&file, &layout, &fault), 0, "%s", fault.words);
  cr_assert_eq(followed_open(&file, &layout, writer, is_over, &followed), 0);
}

/* The segment as it is now; `seconds` after the last look. */
static void look(uint64_t seconds) {
  save();
  how.now += seconds * FAKE_SECOND;
  cr_assert_eq(followed_look(&followed, &how), 0);
  cr_assert_eq(recording_moment(writer, how.now), 0);
}

static void tear_down(void) {
  replay_close(replay);
  followed_close(&followed);
  made_tear_down();
}

static void read_it(const struct replay_visitor *visitor) {
  struct fault fault;
  cr_assert_eq(recording_close(writer), 0);
  cr_assert_eq(replay_read(made_path, REPLAY_ALL, visitor, &replay, &fault), 0, "%s", fault.words);
}

static void check_image(void) {
  static struct fake_segment copy;
  struct segment_file window = image_file(&replay->images[0].image);
  cr_assert_eq(segment_file_copy(&window, 0, &copy, sizeof copy), 0);
  for (size_t i = 0; i < sizeof copy; i += 8)
    cr_assert_eq(memcmp((char *)&copy + i, (char *)&expected + i, 8), 0, "at %zu", i);
}

Test(followed, the_first_look_has_all_that_readers_see, .init = set_up, .fini = tear_down) {
  open_it(false);
  look(0);
  read_it(NULL);
  expected = segment;
  expected.events[HALF_WRITTEN] = (struct ration_segment_event){.sequence = 0};
  check_image();
}

Test(followed, the_only_look_has_it_too, .init = set_up, .fini = tear_down) {
  how.is_last = how.is_at_rest = true;
  open_it(true);
  cr_expect_null(followed.mirror.bytes);
  look(0);
  read_it(NULL);
  expected = segment;
  expected.events[HALF_WRITTEN] = (struct ration_segment_event){.sequence = 0};
  check_image();
}

/* None could be read back; and nothing else of the recording, by some readers. */
Test(followed, one_of_a_size_that_no_segment_has_is_refused, .init = set_up, .fini = made_tear_down) {
  struct layout layout;
  struct fault fault;
  const uint64_t sizes[] = {sizeof segment + 4, IMAGE_BYTES_MOST + 8};
  for (size_t i = 0; i < 2; i++) {
    segment.header.segment_bytes = sizes[i];
    save();
    cr_assert_eq(ftruncate(file.fd, (off_t)sizes[i]), 0);
    cr_assert_eq(segment_file_measure(&file), 0);
    cr_assert_eq(layout_read(&file, &layout, &fault), 0, "%s", fault.words);
    cr_expect_eq(followed_open(&file, &layout, writer, i == 1, &followed), -EBADMSG);
  }
  segment_file_close(&file);
  read_it(NULL);
  cr_expect_eq(replay->count, 0);
  replay_close(replay);
}

/* Whether the image had changed at each moment. */
static bool changes[8];
static size_t change_count;

static int note_change(void *context, const struct replay *of, struct fault *ret_fault) {
  (void)context;
  (void)ret_fault;
  cr_assert_lt(change_count, 8);
  changes[change_count++] = of->images[0].has_changed;
  return 0;
}

/* Without a mirror its differences would be added to what is there. */
Test(followed, one_that_keeps_little_is_looked_at_once, .init = set_up, .fini = tear_down) {
  how.is_last = how.is_at_rest = true;
  open_it(true);
  look(0);
  cr_expect_eq(followed_look(&followed, &how), -EALREADY);
  read_it(NULL);
  expected = segment;
  expected.events[HALF_WRITTEN] = (struct ration_segment_event){.sequence = 0};
  check_image();
}

static unsigned rounds;      /* over the slabs */
static unsigned moves_until; /* that round */

/* A thread ends: its credit is charged no more. */
static void give_back(const char *point) {
  if (strcmp(point, "books:slabs") != 0 || ++rounds > moves_until) return;
  segment.rows[4].own_charged -= 16;
  segment.rows[4].subtree_charged -= 16;
  segment.slabs[1].u.tally[4].credit -= 16;
  save();
}

Test(followed, charges_and_credit_are_of_one_time, .init = set_up, .fini = tear_down) {
  open_it(false);
  moves_until = 2;
  test_point_hook = give_back;
  look(0);
  cr_expect_eq(rounds, 3);
  read_it(NULL);
  expected = segment;
  expected.events[HALF_WRITTEN] = (struct ration_segment_event){.sequence = 0};
  check_image();
}

Test(followed, who_is_never_at_rest_is_not_waited_for, .init = set_up, .fini = tear_down) {
  open_it(false);
  moves_until = 100;
  test_point_hook = give_back;
  look(0);
  cr_expect_eq(rounds, 4);
  cr_assert_eq(recording_close(writer), 0);
}

Test(followed, what_is_the_same_is_not_recorded_again, .init = set_up, .fini = tear_down) {
  open_it(false);
  look(0);
  look(2);
  segment.slabs[1].u.tally[4].allocations++;
  look(2);
  how.is_last = true;
  look(2);
  read_it(&(struct replay_visitor){.moment = note_change});
  cr_assert_eq(change_count, 4);
  cr_expect(changes[0] && changes[2]);
  cr_expect_not(changes[1] || changes[3]);
}

/* Each is found at the next look, but those of sites and samples, at the next of theirs. */
Test(followed, what_changes_is_recorded, .init = set_up, .fini = tear_down) {
  open_it(false);
  look(0);
  segment.rows[4].own_charged += 77;
  segment.slabs[2].u.tally[2].frees = 5;
  segment.header.slab_count = 3;
  segment.budgets[4].refused++;
  segment.refusals[2].requests++;
  segment.ranges[1].bytes = 4096;
  segment.process.late_modules = 1;
  segment.events[HALF_WRITTEN].sequence = 2 * 10 + 2;
  segment.samples[7] = (struct ration_segment_sample){.address = 64, .usable = 99, .site = 1};
  look(2);
  read_it(NULL);
  expected = segment;
  check_image();
}

Test(followed, a_new_category_comes_with_its_tallies, .init = set_up, .fini = tear_down) {
  open_it(false);
  look(0);
  segment.rows[5] = segment.rows[4];
  memcpy(segment.rows[5].name, "lib/b.so", 8);
  segment.header.category_row[5] = 5;
  segment.slabs[1].u.tally[5].allocations = 9;
  segment.accounts[5].live_bytes = 3;
  segment.budgets[5] = segment.budgets[4];
  look(1);
  read_it(NULL);
  expected = segment;
  expected.events[HALF_WRITTEN] = (struct ration_segment_event){.sequence = 0};
  check_image();
}

/* Without the ring of samples nobody tells which sites have changed. */
Test(followed, the_last_look_sees_every_site_and_module, .init = set_up, .fini = tear_down) {
  segment.modules[3].start = 0; /* taken, and not written yet */
  open_it(false);
  look(0);
  made_fill(&segment, 100, 0, 0);
  segment.sites[1].own.samples++;
  segment.sites[5].key = segment.sites[4].key;
  look(2);
  how.is_last = how.is_at_rest = true;
  look(0);
  read_it(NULL);
  expected = segment;
  expected.events[HALF_WRITTEN] = (struct ration_segment_event){.sequence = 0};
  check_image();
  cr_expect_eq(origins_settle(&followed.origins), 7, "frames that stand in sites, each once");
}

/* Of events that never become whole nobody is kept. */
Test(followed, who_does_not_write_an_event_is_not_waited_for, .init = set_up, .fini = tear_down) {
  open_it(false);
  for (int i = 0; i < 4; i++) look(1);
  cr_expect_eq(followed.happenings.from, segment.process.events_next);
}

static struct largest_record largest;

static int note_largest(void *context, const struct replay *of, const struct largest_record *record,
                        struct fault *ret_fault) {
  (void)context;
  (void)of;
  (void)ret_fault;
  largest = *record;
  return 0;
}

Test(followed, the_largest_come_first_and_have_categories, .init = set_up, .fini = tear_down) {
  for (uint32_t i = 1; i <= 8; i++)
    segment.samples[i] = (struct ration_segment_sample){
        .address = 16 * i, .usable = 1000 * i, .at = FAKE_STARTED_AT, .site = i == 8 ? 7 : 1};
  how.wants_largest = true;
  open_it(false);
  look(0);
  read_it(&(struct replay_visitor){.largest = note_largest});
  cr_assert_eq(largest.count, 4, "the site of one of the five is none");
  cr_expect_eq(largest.blocks[0].bytes, 7000);
  cr_expect_eq(largest.blocks[3].bytes, 4000);
  cr_expect_eq(largest.blocks[0].category, 4);
  cr_expect_eq(largest.blocks[0].site, 1);
}

Test(followed, one_that_shrinks_cannot_be_read, .init = set_up, .fini = tear_down) {
  open_it(false);
  look(0);
  cr_assert_eq(ftruncate(file.fd, offsetof(struct fake_segment, slabs) + 100), 0);
  cr_expect_eq(followed_look(&followed, &how), -ERANGE);
  cr_assert_eq(recording_close(writer), 0);
}

/* What it says of itself is checked against its tables at each look, not only at the first. */
Test(followed, numbers_that_make_no_sense_do_no_harm, .init = set_up, .fini = tear_down) {
  open_it(false);
  look(0);
  segment.process.events_next = segment.process.site_count = segment.process.module_count = UINT64_MAX;
  segment.process.sample_count = segment.process.rules_count = segment.process.frame_count = UINT64_MAX;
  segment.process.range_count = UINT32_MAX;
  segment.process.timeline_points[1] = UINT64_MAX;
  segment.sites[1].key = UINT64_MAX;
  for (size_t i = 0; i < RATION_CATEGORY_IDS; i++) segment.header.category_row[i] = UINT16_MAX;
  how.is_last = how.wants_largest = true;
  look(2);
  segment.header.slab_count = UINT32_MAX;
  save();
  cr_expect_eq(followed_look(&followed, &how), -EBADMSG);
  cr_assert_eq(recording_close(writer), 0);
}
