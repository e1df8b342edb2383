/*
 * Tests of record/recorder.h, which is told as a watch would tell it: of fake segments in files, and of a process that
 * lives until it is killed.
 */
#include "record/recorder.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test_point.h"
#include "launch/taking.h"
#include "reader/monotonic.h"
#include "reader/procfs.h"
#include "recording/made.h"

#define IMAGES 4

static struct fake_segment segment;
static char folder[PATH_MAX];
static struct place places[IMAGES]; /* of the process, by image */
static pid_t process;
static struct recording_writer *writer;
static struct recorder *recorder;
static const struct session_follower *follower;
static uint64_t began, due;
static struct replay *replay;

static void end_process(void) {
  if (!process) return;
  kill(process, SIGKILL);
  cr_assert_eq(waitpid(process, NULL, 0), process);
  process = 0;
}

static void start_process(void) {
  process = fork();
  cr_assert_geq(process, 0);
  if (process > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) pause();
}

static void set_up(void) {
  made_set_up();
  fake_folder_make(folder);
  start_process();
  writer = made_begin();
}

static void tear_down(void) {
  test_point_hook = NULL;
  end_process();
  replay_close(replay);
  recorder_free(recorder);
  fake_folder_remove(folder);
  made_tear_down();
}

static void record(uint64_t interval_ns) {
  struct recorder_wishes wishes = {.interval_ns = interval_ns, .wants_symbols = true};
  struct kin kin = {.session_pid = 77, .session_start = 7700};
  recorder = recorder_new(&wishes, &kin);
  cr_assert_not_null(recorder);
  follower = recorder_follower(recorder, false);
  recorder_set_writer(recorder, writer, made_path);
  began = due = monotonic_ns();
}

static void save(uint32_t image) {
  char name[PLACE_NAME_BYTES];
  place_name_write(&places[image].name, name);
  segment.header.image = image;
  fake_segment_save(&segment, sizeof segment, folder, name, places[image].path);
}

/* It has one of 1,000 allocations. */
static void begin_image(uint32_t image) {
  struct ration_segment_header *header = &segment.header;
  struct proc_stat stat;
  cr_assert_eq(procfs_stat((uint32_t)process, &stat), 0);
  made_fill(&segment, (uint32_t)process, image, 0);
  header->start_ticks = stat.start_ticks;
  header->session_pid = 77;
  header->session_start = 7700;
  places[image].name = (struct place_name){.pid_namespace = header->pid_namespace,
                                           .start_ticks = header->start_ticks,
                                           .pid = header->pid,
                                           .image = image};
  save(image);
  follower->appear(&places[image], follower->context);
}

static void end_image(uint32_t image, bool is_last_image) {
  follower->end(&places[image], is_last_image, follower->context);
}

static void set_allocations(uint32_t image, uint64_t count) {
  segment.slabs[1].u.tally[4].allocations = count;
  save(image);
}

/* As the watch does, which is never late. */
static void go_on_until(uint64_t time) {
  while (due <= time) due = follower->tick(due, follower->context);
}

/* What is in the file so far. */
static void read_it(void) {
  struct fault fault;
  replay_close(replay);
  cr_assert_eq(replay_read(made_path, REPLAY_ALL, NULL, &replay, &fault), 0, "%s", fault.words);
}

static uint64_t allocations_of(uint32_t image) {
  static struct fake_segment copy;
  cr_assert_lt(image, replay->count);
  struct segment_file window = image_file(&replay->images[image].image);
  cr_assert_eq(segment_file_copy(&window, 0, &copy, sizeof copy), 0);
  return copy.slabs[1].u.tally[4].allocations;
}

Test(recorder, ends_do_not_put_off_the_next_look, .init = set_up, .fini = tear_down) {
  record(10 * FAKE_SECOND);
  began = due = began - 5 * FAKE_SECOND;
  for (uint32_t image = 0; image < IMAGES; image++) begin_image(image);
  go_on_until(began);
  for (uint32_t image = 1; image < IMAGES; image++) {
    end_image(image, false);
    go_on_until(began + image * FAKE_SECOND);
    read_it();
    cr_expect(replay->images[image].has_ended, "%u", image);
  }
  set_allocations(0, 2000);
  go_on_until(began + 9 * FAKE_SECOND);
  read_it();
  cr_expect_eq(allocations_of(0), FAKE_A_ALLOCATIONS, "others' ends are no look at it");
  go_on_until(began + 10 * FAKE_SECOND);
  set_allocations(0, 3000);
  go_on_until(began + 20 * FAKE_SECOND);
  read_it();
  cr_expect_eq(allocations_of(0), 3000);
  cr_expect_eq(replay->moments, 6, "%u", (unsigned)replay->moments);
  cr_assert_eq(recording_close(writer), 0);
}

/* Who kills the recorder has something of it, however seldom it looks. */
Test(recorder, what_begins_does_not_wait_for_the_next_look, .init = set_up, .fini = tear_down) {
  record(3600 * FAKE_SECOND);
  go_on_until(began);
  begin_image(0);
  go_on_until(began + FAKE_SECOND);
  read_it();
  cr_assert_eq(replay->count, 1);
  cr_expect_eq(allocations_of(0), FAKE_A_ALLOCATIONS);
  set_allocations(0, 2000);
  go_on_until(began + 10 * FAKE_SECOND);
  read_it();
  cr_expect_eq(allocations_of(0), FAKE_A_ALLOCATIONS, "the next look is as far away as it was");
  cr_assert_eq(recording_close(writer), 0);
}

static unsigned visits;

static void visit(size_t done, size_t all, void *context) {
  (void)done;
  (void)all;
  (void)context;
  if (visits++) return;
  read_it();
  cr_expect_eq(replay->count, 1);
  cr_expect(replay->images[0].has_ended);
}

Test(recorder, ends_are_in_the_file_before_frames_are_named, .init = set_up, .fini = tear_down) {
  unsetenv("DEBUGINFOD_URLS");
  record(FAKE_SECOND / 10);
  begin_image(0);
  go_on_until(began);
  end_process();
  end_image(0, true);
  cr_assert_eq(recorder_finish(recorder, visit, NULL), 0);
  cr_expect_gt(visits, 0);
  cr_assert_eq(recording_close(writer), 0);
}

Test(recorder, frames_are_not_named_for_a_file_that_cannot_be_written, .init = set_up, .fini = tear_down) {
  struct rlimit limit = {.rlim_max = RLIM_INFINITY};
  struct stat stat;
  record(FAKE_SECOND / 10);
  begin_image(0);
  go_on_until(began);
  end_process();
  end_image(0, true);
  cr_assert_eq(lstat(made_path, &stat), 0);
  limit.rlim_cur = (rlim_t)stat.st_size;
  cr_assert_neq(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  cr_assert_eq(recorder_finish(recorder, visit, NULL), 0);
  cr_expect_eq(visits, 0);
  cr_expect_eq(recorder_error(recorder), -EFBIG);
  limit.rlim_cur = RLIM_INFINITY;
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  cr_assert_eq(recording_close(writer), -EFBIG);
}

static void kill_there(const char *point) {
  if (strcmp(point, "books:slabs") == 0) end_process();
}

/* It is looked at twice then. */
Test(recorder, one_that_dies_in_its_only_look_counts_once, .init = set_up, .fini = tear_down) {
  record(FAKE_SECOND / 10);
  begin_image(0);
  test_point_hook = kill_there;
  end_image(0, true);
  cr_expect_eq(process, 0);
  cr_assert_eq(recording_close(writer), 0);
  read_it();
  cr_expect_eq(allocations_of(0), FAKE_A_ALLOCATIONS);
  cr_expect(replay->images[0].has_ended);
}

Test(recorder, an_end_is_recorded_without_another_descriptor, .init = set_up, .fini = tear_down) {
  struct rlimit limit, none;
  record(FAKE_SECOND / 10);
  begin_image(0);
  go_on_until(began);
  end_process();
  cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
  none = limit;
  none.rlim_cur = 0;
  cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
  end_image(0, true);
  cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
  cr_assert_eq(recording_close(writer), 0);
  read_it();
  cr_expect(replay->images[0].has_ended);
  cr_expect_eq(replay->images[0].end.state, PROCESS_GONE);
  cr_expect_eq(recorder_sums(recorder)->unreadable, 1);
}

Test(recorder, what_cannot_be_read_for_a_moment_stays_one_image, .init = set_up, .fini = tear_down) {
  record(FAKE_SECOND / 10);
  begin_image(0);
  go_on_until(began);
  segment.header.slab_count = UINT32_MAX;
  set_allocations(0, 2000);
  go_on_until(began + FAKE_SECOND);
  segment.header.slab_count = 2;
  set_allocations(0, 3000);
  end_process();
  end_image(0, true);
  cr_assert_eq(recording_close(writer), 0);
  read_it();
  cr_expect_eq(replay->count, 1);
  cr_expect_eq(allocations_of(0), 3000);
  cr_expect_eq(recorder_sums(recorder)->unreadable, 0);
}

/* Its file has a name before it has a size. */
Test(recorder, one_that_is_just_being_made_is_waited_for, .init = set_up, .fini = tear_down) {
  record(FAKE_SECOND / 10);
  begin_image(0);
  cr_assert_eq(truncate(places[0].path, 0), 0);
  go_on_until(began + FAKE_SECOND);
  cr_expect_eq(recorder_sums(recorder)->images, 0);
  save(0);
  go_on_until(began + 2 * FAKE_SECOND);
  cr_expect_eq(recorder_sums(recorder)->images, 1);
  cr_assert_eq(recording_close(writer), 0);
}

Test(recorder, one_of_another_session_is_done_with_at_once, .init = set_up, .fini = tear_down) {
  record(FAKE_SECOND / 10);
  begin_image(0);
  segment.header.session_pid = 78;
  save(0);
  go_on_until(began);
  segment.header.session_pid = 77;
  save(0);
  end_process();
  end_image(0, true);
  cr_expect_eq(recorder_sums(recorder)->images, 0);
  cr_expect_eq(recorder_sums(recorder)->unreadable, 0);
  cr_assert_eq(recording_close(writer), 0);
}

Test(recorder, one_of_another_version_is_told_of_once, .init = set_up, .fini = tear_down) {
  record(FAKE_SECOND / 10);
  begin_image(0);
  segment.header.version_major++;
  save(0);
  go_on_until(began);
  cr_expect_eq(recorder_sums(recorder)->unreadable, 1);
  end_image(0, true);
  cr_expect_eq(recorder_sums(recorder)->unreadable, 1);
  cr_expect_not_null(strstr(recorder_sums(recorder)->fault.words, "version"));
  cr_assert_eq(recording_close(writer), 0);
}

/* After an overflow of the queue the folders are searched. */
Test(recorder, what_has_ended_and_is_found_again_is_the_same, .init = set_up, .fini = tear_down) {
  record(FAKE_SECOND / 10);
  begin_image(0);
  begin_image(1);
  go_on_until(began);
  end_image(0, false);
  end_process();
  end_image(1, true);
  for (uint32_t image = 0; image < 2; image++) follower->appear(&places[image], follower->context);
  go_on_until(began + FAKE_SECOND);
  cr_assert_eq(recording_close(writer), 0);
  read_it();
  cr_expect_eq(replay->count, 2, "%u", (unsigned)replay->count);
}

Test(recorder, a_damaged_one_is_told_of_once, .init = set_up, .fini = tear_down) {
  record(FAKE_SECOND / 10);
  begin_image(0);
  segment.header.header_bytes = 1;
  save(0);
  go_on_until(began);
  cr_expect_eq(recorder_sums(recorder)->unreadable, 1);
  end_image(0, true);
  cr_expect_eq(recorder_sums(recorder)->unreadable, 1);
  cr_expect_not_null(strstr(recorder_sums(recorder)->fault.words, "corrupted"));
  cr_assert_eq(recording_close(writer), 0);
}
