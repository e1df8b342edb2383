/*
 * Tests of record/counts.h, over looks at a fake segment whose threads count: what is recorded of a moment is compared with
 * what the segment held then.
 */
#include "record/followed.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "reader/performance.h"
#include "reader/thread_list.h"
#include "recording/made.h"

#define ID 4 /* a category */

static struct fake_segment segment, copy;
static struct segment_file file;
static struct recording_writer *writer;
static struct followed followed;
static struct followed_look how;
static struct replay *replay;
static struct process recorded_process;

static void set_up(void) {
  struct layout layout;
  struct fault fault;
  made_set_up();
  writer = made_begin();
  made_fill(&segment, 100, 0, 0);
  segment.header.slab_count = FAKE_SLABS; /* no row is left for what is nobody's */
  file = fake_segment_file(&segment, sizeof segment);
  how = (struct followed_look){.now = FAKE_STARTED_AT};
  cr_assert_eq(layout_read(&file, &layout, &fault), 0, "%s", fault.words);
  cr_assert_eq(followed_open(&file, &layout, writer, false, &followed), 0);
}

static void tear_down(void) {
  replay_close(replay);
  followed_close(&followed);
  made_tear_down();
}

/* So long after the last one; what is in the recording then is in `copy`. */
static void look(uint64_t later_ns) {
  struct fault fault;
  how.now += later_ns;
  cr_assert_eq(pwrite(file.fd, &segment, sizeof segment, 0), (ssize_t)sizeof segment);
  cr_assert_eq(followed_look(&followed, &how), 0);
  cr_assert_eq(recording_moment(writer, how.now), 0);
  cr_assert_eq(recording_flush(writer), 0);
  replay_close(replay);
  cr_assert_eq(replay_read(made_path, REPLAY_ALL, NULL, &replay, &fault), 0, "%s", fault.words);
  struct segment_file window = image_file(&replay->images[0].image);
  cr_assert_eq(segment_file_copy(&window, 0, &copy, sizeof copy), 0);
}

static const struct ration_segment_tally *recorded(int slab) {
  return &copy.slabs[slab].u.tally[ID];
}

static struct ration_segment_tally *counted(int slab) {
  return &segment.slabs[slab].u.tally[ID];
}

static uint64_t sum_of(const struct fake_segment *of, size_t word) {
  uint64_t sum = 0;
  for (int slab = 0; slab < FAKE_SLABS; slab++) sum += ((const uint64_t *)&of->slabs[slab].u.tally[ID])[word];
  return sum;
}

static void check_sums(void) {
  for (size_t word = 0; word < sizeof *counted(0) / sizeof(uint64_t); word++)
    cr_expect_eq(sum_of(&copy, word), sum_of(&segment, word), "word %zu", word);
}

static void count(int slab, uint64_t blocks) {
  counted(slab)->allocations += blocks;
  counted(slab)->frees += blocks / 2;
  counted(slab)->allocated_bytes += blocks * 100;
  counted(slab)->credit -= blocks;
}

Test(counts, sums_are_those_of_the_moment, .init = set_up, .fini = tear_down) {
  look(0);
  uint64_t before = recorded(1)->allocations;
  for (int i = 0; i < 5; i++) {
    count(1, 10);
    count(2, 1);
    look(FAKE_SECOND / 10);
    check_sums();
    cr_expect_eq(recorded(1)->allocations, before, "whose they are may be a second old");
    cr_expect_eq(recorded(0)->allocations, counted(0)->allocations + 11u * (unsigned)(i + 1));
  }
}

/* That is what a look costs, where there are many threads. */
Test(counts, a_look_reads_each_slab_once, .init = set_up, .fini = tear_down) {
  uint64_t read[2];
  look(0);
  for (size_t i = 0; i < 2; i++) {
    segment.header.slab_count = i ? FAKE_SLABS : 1;
    count(0, 2);
    read[i] = followed.mirror.read_bytes;
    look(FAKE_SECOND / 10);
    read[i] = followed.mirror.read_bytes - read[i];
  }
  cr_expect_eq(read[1] - read[0], (FAKE_SLABS - 1) * 5 * sizeof(struct ration_segment_tally));
}

static void expect_all_as_they_are(void) {
  for (int slab = 0; slab < FAKE_SLABS; slab++)
    cr_expect_eq(memcmp(&copy.slabs[slab], &segment.slabs[slab], sizeof copy.slabs[slab]), 0, "slab %d",
                 slab);
}

Test(counts, whose_they_are_is_recorded_each_second, .init = set_up, .fini = tear_down) {
  look(0);
  count(1, 10);
  look(FAKE_SECOND / 10);
  count(2, 7);
  segment.slabs[2].u.head.owner = 4711;
  look(FAKE_SECOND);
  expect_all_as_they_are();
}

/* A packet goes out then. */
Test(counts, whose_they_are_is_recorded_where_a_recording_may_end, .init = set_up, .fini = tear_down) {
  look(0);
  count(1, 10);
  how.is_shown = true;
  look(FAKE_SECOND / 10);
  expect_all_as_they_are();
}

/* One thread has freed what another has allocated since its slab was read. */
Test(counts, what_was_freed_has_been_allocated, .init = set_up, .fini = tear_down) {
  look(0);
  counted(2)->frees += counted(1)->allocations;
  look(FAKE_SECOND / 10);
  cr_expect_eq(sum_of(&copy, 3), sum_of(&segment, 3));
  cr_expect_eq(sum_of(&copy, 2), sum_of(&segment, 3), "as many as that");
  counted(1)->allocations += 1 + counted(2)->frees;
  look(FAKE_SECOND);
  expect_all_as_they_are();
}

/* As many slabs a second as there is time for; here one at a time. */
Test(counts, slabs_take_turns, .init = set_up, .fini = tear_down) {
  struct counting counting;
  uint32_t first = 0;
  look(0);
  for (uint32_t turn = 0; turn < 4; turn++) {
    struct counts_look alone = {.passed_ns = FAKE_SECOND / 1000};
    cr_assert_eq(counting_begin(&followed.counts, &followed.mirror, FAKE_SLABS, 15, &alone, &counting), 0);
    if (turn == 0) first = counting.first;
    cr_expect_eq(counting.due, 1);
    cr_expect_eq(counting.first, turn % 2 ? 3 - first : first);
    cr_expect_eq(counting_read(&counting), 0);
    counting_end(&counting);
  }
}

/* As a parent left it over a fork; and one row is left. */
static void set_up_forked(void) {
  set_up();
  segment.header.slab_count = 2;
  *counted(0) = (struct ration_segment_tally){.allocations = 50, .frees = 20, .allocated_bytes = 7000};
}

/* Of the process that is recorded, as readers of a recording that ends here find it. */
static void read_process(void) {
  struct segment_file window = image_file(&replay->images[0].image);
  struct fault fault;
  cr_assert_eq(snapshot_read(&window, &recorded_process.snapshot, &fault), 0, "%s", fault.words);
  recorded_process.uptime_seconds = 2;
}

Test(counts, what_is_nobodys_was_not_inherited, .init = set_up_forked, .fini = tear_down) {
  look(0);
  read_process();
  struct snapshot first = recorded_process.snapshot;
  cr_expect_eq(copy.header.slab_count, 2, "all is somebody's");
  segment.process.measured_calls = 1;
  segment.process.measured_ns = 1000;
  for (unsigned i = 1; i < 4; i++) {
    count(1, 10);
    count(0, 1);
    look(FAKE_SECOND / 10);
    check_sums();
    cr_expect_eq(memcmp(&copy.slabs[0], &segment.slabs[0], sizeof copy.slabs[0]), 0);
    cr_expect_eq(copy.header.slab_count, 3);
    read_process();
    const struct snapshot *now = &recorded_process.snapshot;
    struct performance performance = performance_of(&recorded_process);
    cr_expect_eq(now->own_allocations, first.own_allocations + 10 * i);
    cr_expect_eq(now->own_frees, first.own_frees + 5 * i);
    cr_expect_eq(now->own_allocated_bytes, first.own_allocated_bytes + 1000 * i);
    cr_expect_eq(now->slabs_owned, first.slabs_owned);
    cr_expect_float_eq(performance.allocations_per_second, (double)now->own_allocations / 2, 1e-9);
    double calls = (double)(first.own_allocations + first.own_frees + 15u * i);
    cr_expect_float_eq(performance.management_seconds,
                       ((double)now->facts.start_ns + (double)now->aside_ns + 1000 * calls) / 1e9, 1e-9);
  }
}

Test(counts, what_is_nobodys_is_the_rest_of_threads, .init = set_up_forked, .fini = tear_down) {
  struct thread_list before, now;
  struct fault fault;
  struct segment_file window;
  look(0);
  window = image_file(&replay->images[0].image);
  cr_assert_eq(thread_list_read(&window, &before, &fault), 0, "%s", fault.words);
  count(1, 10);
  look(FAKE_SECOND / 10);
  window = image_file(&replay->images[0].image);
  cr_assert_eq(thread_list_read(&window, &now, &fault), 0, "%s", fault.words);
  cr_assert_eq(now.count, before.count);
  cr_expect_eq(now.thread[0].allocations, before.thread[0].allocations);
  cr_expect_eq(now.rest.allocations, before.rest.allocations + 10);
  cr_expect_eq(now.rest.frees, before.rest.frees + 5);
  cr_expect_eq(now.rest.allocated_bytes, before.rest.allocated_bytes + 1000);
  thread_list_free(&before);
  thread_list_free(&now);
}

/* A thread takes the row where it stood; then none is left. */
Test(counts, what_is_nobodys_makes_way, .init = set_up_forked, .fini = tear_down) {
  look(0);
  count(1, 10);
  look(FAKE_SECOND / 10);
  cr_expect_eq(recorded(2)->allocations, 10);
  segment.header.slab_count = 3;
  segment.slabs[2].u.head.owner = 4711;
  count(2, 3);
  look(FAKE_SECOND / 10);
  check_sums();
  cr_expect_eq(recorded(2)->allocations, 0, "the thread's turn has not come");
  cr_expect_eq(recorded(0)->allocations, counted(0)->allocations + 13);
  cr_expect_eq(copy.header.slab_count, 3);
  look(FAKE_SECOND);
  expect_all_as_they_are();
}

Test(counts, nothing_is_nobodys_at_the_end, .init = set_up_forked, .fini = tear_down) {
  for (int i = 0; i < 2; i++) {
    count(1, 10);
    look(FAKE_SECOND / 10);
  }
  cr_expect_eq(recorded(2)->allocations, 10);
  how.is_last = how.is_at_rest = true;
  look(FAKE_SECOND / 10);
  cr_expect_eq(copy.header.slab_count, 2);
  expect_all_as_they_are();
}
