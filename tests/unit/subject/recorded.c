/*
 * Tests of subject/: which processes a recording has, in which order, and how they stand; and what names their frames.
 */
#include "subject/subject.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/procfs.h"
#include "recording/made.h"
#include "subject/largest.h"
#include "symbols/scratch.h"

static struct fake_segment segment;
static struct recording_writer *writer;
static struct subject subject;
static struct fault fault;

static void set_up(void) {
  made_set_up();
  writer = made_begin();
}

static void tear_down(void) {
  subject_close(&subject);
  made_tear_down();
}

static uint32_t add(uint32_t pid, uint32_t image, uint64_t seconds) {
  made_fill(&segment, pid, image, seconds);
  return made_add(writer, &segment);
}

static void end(uint32_t image, enum process_state state, int wait_status, uint64_t seconds) {
  static struct process process;
  process = (struct process){.state = state, .exit_status = -1, .signal = -1, .uptime_seconds = -1};
  process.snapshot.started_at_ns = MADE_STARTED_NS;
  if (seconds) process.uptime_seconds = (double)seconds;
  if (wait_status >= 0) process_set_ended(&process, wait_status, MADE_STARTED_NS + seconds * FAKE_SECOND);
  process.state = state;
  cr_assert_eq(recording_end_image(writer, image, &process), 0);
}

/* At this many seconds since the program's start, as CLOCK_MONOTONIC counts. */
static void moment(uint64_t seconds) {
  cr_assert_eq(recording_moment(writer, FAKE_STARTED_AT + seconds * FAKE_SECOND), 0);
}

static const struct process *open_it(const char *pid) {
  char wanted[PATH_MAX + 16];
  if (writer) cr_assert_eq(recording_close(writer), 0);
  writer = NULL;
  subject_close(&subject);
  snprintf(wanted, sizeof wanted, "%s%s", made_path, pid);
  cr_assert(subject_is_recording(wanted));
  cr_assert_eq(subject_open(wanted, &subject, &fault), 0, "%s", fault.words);
  return subject.processes[0];
}

/* The pids and images, one behind the other. */
static void check_order(const char *expected) {
  char order[200] = "";
  for (size_t i = 0; i < subject.count; i++) {
    const struct place_name *name = &subject.processes[i]->snapshot.name;
    size_t length = strlen(order);
    snprintf(order + length, sizeof order - length, " %u.%u", name->pid, name->image);
  }
  cr_expect_str_eq(order, expected);
}

Test(recorded, one_that_still_ran_stands_as_at_the_last_moment, .init = set_up, .fini = tear_down) {
  add(100, 0, 0);
  moment(1);
  moment(3);
  const struct process *process = open_it("");
  cr_expect_eq(subject.count, 1);
  cr_expect_eq(process->state, PROCESS_RUNNING);
  cr_expect_not(process_is_alive(process));
  cr_expect_float_eq(process->uptime_seconds, 3, 1e-9);
  cr_expect_eq(process->until_at, FAKE_STARTED_AT + 3 * FAKE_SECOND);
  cr_expect_eq(process->snapshot.categories[4].own.live_bytes, FAKE_A_LIVE);
  cr_expect_eq(process->error_bound_bytes, process->snapshot.allowance_bytes);
  cr_expect_not_null(strstr(process->recording_remark.words, "recorded up to here"));
}

Test(recorded, an_end_is_as_it_was_told, .init = set_up, .fini = tear_down) {
  end(add(100, 0, 0), PROCESS_EXITED, 3 << 8, 5);
  end(add(101, 0, 1), PROCESS_KILLED, 9, 5);
  end(add(102, 0, 2), PROCESS_GONE, -1, 0);
  moment(9);
  const struct process *process = open_it("");
  check_order(" 100.0 101.0 102.0");
  cr_expect_eq(process->state, PROCESS_EXITED);
  cr_expect_eq(process->exit_status, 3);
  cr_expect_eq(process->signal, -1);
  cr_expect_float_eq(process->uptime_seconds, 5, 1e-9);
  cr_expect_eq(process->threads, 0);
  cr_expect_eq(process->recording_remark.words[0], 0);
  cr_expect_eq(subject.processes[1]->state, PROCESS_KILLED);
  cr_expect_eq(subject.processes[1]->signal, 9);
  cr_expect_eq(subject.processes[2]->state, PROCESS_GONE);
  cr_expect_lt(subject.processes[2]->uptime_seconds, 0);
  cr_expect_eq(subject.processes[2]->exit_status, -1);
}

/* What the recorder did not get to tell the segment may. */
Test(recorded, an_end_may_stand_in_the_segment_alone, .init = set_up, .fini = tear_down) {
  made_fill(&segment, 100, 0, 0);
  segment.header.state = RATION_STATE_EXITED;
  segment.header.ended_at_ns = MADE_STARTED_NS + 7 * FAKE_SECOND;
  made_add(writer, &segment);
  moment(9);
  const struct process *process = open_it("");
  cr_expect_eq(process->state, PROCESS_EXITED);
  cr_expect_float_eq(process->uptime_seconds, 7, 1e-9);
}

/* The program execs twice, and has two children, of which one is older than its last image. */
Test(recorded, the_program_comes_first_as_its_last_image, .init = set_up, .fini = tear_down) {
  add(200, 0, 2);
  add(100, 0, 0);
  end(add(100, 1, 1), PROCESS_RUNNING, -1, 0);
  add(100, 2, 3);
  add(300, 0, 4);
  moment(9);
  open_it("");
  check_order(" 100.2 100.0 100.1 200.0 300.0");
  cr_expect_eq(subject.processes[0]->state, PROCESS_RUNNING);
  cr_expect_eq(subject.processes[1]->state, PROCESS_REPLACED);
  cr_expect_eq(subject.processes[2]->state, PROCESS_REPLACED);
  cr_expect_lt(subject.processes[2]->uptime_seconds, 0);
  cr_expect_eq(subject.processes[3]->state, PROCESS_RUNNING);
}

Test(recorded, a_process_is_named_by_its_pid, .init = set_up, .fini = tear_down) {
  char wanted[PATH_MAX + 16];
  add(100, 0, 0);
  add(200, 0, 2);
  add(200, 1, 3);
  moment(9);
  open_it(":200");
  check_order(" 200.1");
  open_it(":100");
  check_order(" 100.0");
  subject_close(&subject);
  snprintf(wanted, sizeof wanted, "%s:201", made_path);
  cr_expect_eq(subject_open(wanted, &subject, &fault), -ENOENT);
  cr_expect_not_null(strstr(fault.words, "201"), "%s", fault.words);
  snprintf(wanted, sizeof wanted, "%s:x", made_path);
  cr_expect_not(subject_is_recording(wanted));
  cr_expect_not(subject_is_recording("4711"));
  cr_expect_not(subject_is_recording(NULL));
}

/* A pid may be given out again. */
Test(recorded, of_two_of_a_pid_the_later_is_meant, .init = set_up, .fini = tear_down) {
  made_fill(&segment, 200, 0, 5);
  segment.header.start_ticks += 500;
  made_add(writer, &segment);
  add(200, 0, 1);
  moment(9);
  const struct process *process = open_it(":200");
  cr_expect_eq(subject.count, 1);
  cr_expect_eq(process->snapshot.started_at_ns, MADE_STARTED_NS + 5 * FAKE_SECOND);
}

Test(recorded, resident_memory_is_as_old_as_it_was_at_the_end, .init = set_up, .fini = tear_down) {
  struct resident resident = {.rss_bytes = 4711, .at_ns = MADE_STARTED_NS + 4 * FAKE_SECOND};
  add(100, 0, 0);
  cr_assert_eq(recording_resident(writer, 0, &resident), 0);
  end(0, PROCESS_EXITED, 0, 5);
  moment(9);
  const struct process *process = open_it("");
  cr_assert(process->has_resident);
  cr_expect_eq(process->resident.rss_bytes, 4711);
  cr_expect_float_eq(process->resident_age_seconds, 1, 1e-9);
}

/* An image of which nothing was written is no process; where there is none at all that is said. */
Test(recorded, of_nothing_yet_is_said_to_be, .init = set_up, .fini = tear_down) {
  struct place_name name = {.pid = 100};
  uint32_t image;
  recording_add_image(writer, &name, sizeof segment, &image);
  moment(1);
  cr_assert_eq(recording_close(writer), 0);
  cr_expect_eq(subject_open(made_path, &subject, &fault), -ENODATA);
}

Test(recorded, an_image_that_is_no_segment_is_said_to_be, .init = set_up, .fini = tear_down) {
  made_fill(&segment, 100, 0, 0);
  segment.header.slab_count = UINT32_MAX;
  made_add(writer, &segment);
  moment(1);
  cr_assert_eq(recording_close(writer), 0);
  cr_expect_eq(subject_open(made_path, &subject, &fault), -EBADMSG);
  cr_expect_not_null(strstr(fault.words, "pid 100"), "%s", fault.words);
}

/* Of a wild write into its header, say; and of sizes that no segment has. */
Test(recorded, a_bad_image_is_left_out_alone, .init = set_up, .fini = tear_down) {
  char wanted[PATH_MAX + 16];
  struct place_name name = {.pid = 300};
  uint32_t image;
  add(100, 0, 0);
  made_fill(&segment, 200, 0, 1);
  segment.header.slab_count = UINT32_MAX;
  made_add(writer, &segment);
  for (size_t i = 0; i < 3; i++, name.pid++) {
    recording_add_image(writer, &name, (const uint64_t[]){UINT64_C(1) << 60, 0, 4097}[i], &image);
    recording_patch(writer, image, 0, NULL, &segment, sizeof segment);
  }
  add(400, 0, 2);
  moment(9);
  const struct process *process = open_it("");
  check_order(" 100.0 400.0");
  cr_expect_not_null(
      strstr(process->recording_remark.words,
             "; 4 processes are left out; of the last: process 4 of it, pid 302: a segment of 4097 bytes"),
      "%s", process->recording_remark.words);
  process = open_it(":400");
  cr_expect_null(strstr(process->recording_remark.words, "left out"), "%s", process->recording_remark.words);
  subject_close(&subject);
  snprintf(wanted, sizeof wanted, "%s:200", made_path);
  cr_expect_eq(subject_open(wanted, &subject, &fault), -EBADMSG);
  cr_expect_not_null(strstr(fault.words, "pid 200: corrupted"), "%s", fault.words);
}

/* A container has the boot of its host, and pids of its own. */
Test(recorded, a_pid_is_that_of_its_namespace_alone, .init = set_up, .fini = tear_down) {
  uint64_t namespace;
  cr_assert_eq(procfs_own_pid_namespace(&namespace), 0);
  made_fill(&segment, 100, 0, 0);
  segment.header.pid_namespace = namespace;
  made_add(writer, &segment);
  made_fill(&segment, 200, 0, 1);
  segment.header.pid_namespace = namespace + 1;
  made_add(writer, &segment);
  moment(9);
  open_it("");
  cr_assert_eq(subject.count, 2);
  cr_expect(subject_is_of_here(subject.processes[0]));
  cr_expect_not(subject_is_of_here(subject.processes[1]));
  subject.recording.replay->header.boot++;
  cr_expect_not(subject_is_of_here(subject.processes[0]));
}

Test(recorded, one_that_is_cut_says_so, .init = set_up, .fini = tear_down) {
  add(100, 0, 0);
  moment(1);
  end(0, PROCESS_EXITED, 0, 5);
  moment(9);
  cr_assert_eq(recording_close(writer), 0);
  writer = NULL;
  FILE *file = fopen(made_path, "rb");
  fseek(file, 0, SEEK_END);
  long bytes = ftell(file);
  fclose(file);
  cr_assert_eq(truncate(made_path, bytes - 1), 0);
  const struct process *process = open_it("");
  cr_expect_eq(process->state, PROCESS_EXITED);
  cr_expect_not_null(strstr(process->recording_remark.words, "middle of a packet"), "%s",
                     process->recording_remark.words);
}

static void check_name(const struct symbol_module *module, uint64_t address, const char *name) {
  struct symbol_chain chain = {0};
  struct symbol_places places = {.sysroot = "/nowhere"};
  struct symbols *symbols = subject_symbols(subject.processes[0], &places);
  cr_assert_not_null(symbols);
  cr_assert_eq(symbols_find(symbols, module, address, &chain), 0);
  if (name) {
    cr_assert_eq(chain.count, 1, "%s", name);
    cr_expect_str_eq(chain.frames[0].function, name);
  } else {
    cr_expect_eq(chain.count, 0);
  }
  symbols_close(symbols);
}

static void put_symbol(uint32_t image, uint64_t frame, const char *name) {
  struct symbol_frame step = {.function = name};
  cr_assert_eq(recording_symbols(writer, image, frame, &(struct symbol_chain){&step, 1}), 0);
}

static struct scratch scratch;

/* A program compiled for it: its path lies in the folder. */
static void set_up_program(void) {
  set_up();
  scratch_make(&scratch);
  scratch_make_chain(&scratch, "program", "gcc -g -O2");
}

static void tear_down_program(void) {
  scratch_remove(&scratch);
  tear_down();
}

/* A thousand processes run one libc: it is read once. So the second one need not find the file any more. */
Test(recorded, processes_share_what_is_read_of_modules, .init = set_up_program, .fini = tear_down_program,
     .timeout = 120) {
  uint64_t mark = scratch_address(&scratch, "program", "mark");
  add(100, 0, 0);
  add(200, 0, 1);
  moment(1);
  open_it("");
  cr_assert_eq(subject.count, 2);
  struct symbols *symbols[3];
  for (size_t i = 0; i < 2; i++)
    symbols[i] = subject_symbols(subject.processes[i], &(struct symbol_places){.sysroot = NULL});
  symbols[2] = symbols_open(&(struct symbol_places){.sysroot = NULL});
  cr_expect_str_eq(scratch_chain(&scratch, symbols[0], "program", NULL, mark), SCRATCH_CHAIN);
  scratch_run(&scratch, "rm program");
  cr_expect_str_eq(scratch_chain(&scratch, symbols[1], "program", NULL, mark), SCRATCH_CHAIN);
  cr_expect_str_eq(scratch_chain(&scratch, symbols[2], "program", NULL, mark), "", "who shares nothing");
  for (size_t i = 0; i < 3; i++) symbols_close(symbols[i]);
}

/* Module 3 is /lib/a.so, of which this machine has no file; the other image has other names. */
Test(recorded, frames_are_named_without_their_files, .init = set_up, .fini = tear_down) {
  unsigned char build_id[20];
  memset(build_id, 'l', sizeof build_id);
  struct symbol_module module = {"/lib/a.so", build_id, sizeof build_id};
  add(100, 0, 0);
  add(200, 0, 1);
  put_symbol(0, UINT64_C(3) << 48 | 0x1111, "allocate");
  put_symbol(1, UINT64_C(3) << 48 | 0x1111, "another");
  put_symbol(1, UINT64_C(3) << 48 | 0x2222, "another");
  put_symbol(0, 0x7fff0000, "compiled");
  cr_assert_eq(recording_symbols(writer, 0, UINT64_C(3) << 48 | 0x3333, &(struct symbol_chain){0}), 0);
  moment(9);
  open_it("");
  check_name(&module, 0x1111, "allocate");
  check_name(&module, 0x2222, NULL);
  check_name(&module, 0x3333, NULL);
  check_name(NULL, 0x7fff0000, "compiled");
  build_id[0] = 0;
  check_name(&module, 0x1111, NULL);
}

static void put_largest(uint32_t image, size_t count, const struct recording_block *blocks) {
  cr_assert_eq(recording_largest(writer, image, blocks, count), 0);
}

/* Image 1 has others; the last ones are of no moment of their own, and so of the last. */
Test(recorded, the_largest_of_all_moments_are_put_together, .init = set_up, .fini = tear_down) {
  const struct recording_block blocks[] = {
      {.bytes = 100, .at = FAKE_STARTED_AT, .category = 3, .site = 1},
      {.bytes = 900, .at = FAKE_STARTED_AT + 5, .category = 4, .site = 2},
      {.bytes = 500, .at = FAKE_STARTED_AT + 6}};
  struct largest_list largest;
  add(100, 0, 0);
  add(200, 0, 1);
  put_largest(0, 1, blocks);
  moment(1);
  put_largest(0, 2, blocks);
  put_largest(1, 1, blocks + 2);
  moment(2);
  moment(3);
  put_largest(0, 1, blocks + 1);
  const struct process *process = open_it(":100");
  cr_assert_eq(largest_list_read(process, &largest, &fault), 0, "%s", fault.words);
  cr_assert_eq(largest.count, 2);
  cr_expect_eq(largest.block[0].bytes, 900);
  cr_expect_eq(largest.block[0].first_at, FAKE_STARTED_AT + 2 * FAKE_SECOND);
  cr_expect_eq(largest.block[0].last_at, FAKE_STARTED_AT + 3 * FAKE_SECOND);
  cr_expect_eq(largest.block[0].moments, 2);
  cr_expect_eq(largest.block[0].site, 2);
  cr_expect_eq(largest.block[1].bytes, 100);
  cr_expect_eq(largest.block[1].first_at, FAKE_STARTED_AT + FAKE_SECOND);
  cr_expect_eq(largest.block[1].last_at, FAKE_STARTED_AT + 2 * FAKE_SECOND);
  cr_expect_eq(largest.block[1].category, 3);
  largest_list_free(&largest);
}

Test(recorded, without_largest_there_are_none, .init = set_up, .fini = tear_down) {
  struct largest_list largest;
  add(100, 0, 0);
  moment(1);
  cr_assert_eq(largest_list_read(open_it(""), &largest, &fault), 0);
  cr_expect_eq(largest.count, 0);
  largest_list_free(&largest);
}

/* Of 100 ms each, in which total's own charge rises by 1; with a timeline of the segment's own that has no points. */
#define SPIKE 1000000
static uint64_t spike =
    UINT64_MAX; /* the moment, from 0, in which it is that instead; the others have none */

static void record_moments(uint64_t count) {
  static struct fake_segment before;
  made_fill(&segment, 100, 0, 0);
  segment.header.tables[RATION_SEGMENT_TABLES - 1] = (struct ration_segment_table){
      RATION_TABLE_TIMELINE, sizeof(struct ration_segment_strip), offsetof(struct fake_segment, samples), 1};
  made_add(writer, &segment);
  for (uint64_t i = 0; i < count; i++) {
    before = segment;
    segment.rows[RATION_CATEGORY_TOTAL].own_charged = i == spike ? SPIKE : 1000 + i;
    recording_patch(writer, 0, 0, &before, &segment, sizeof segment);
    cr_assert_eq(recording_moment(writer, FAKE_STARTED_AT + (i + 1) * FAKE_SECOND / 10), 0);
  }
}

Test(recorded, moments_are_the_timeline_of_one_that_still_ran, .init = set_up, .fini = tear_down) {
  struct timeline timeline;
  record_moments(50);
  cr_assert_eq(subject_timeline(open_it(""), &timeline, &fault), 0, "%s", fault.words);
  cr_assert_eq(timeline.count, 50);
  for (size_t i = 0; i < timeline.count; i++) {
    cr_assert_eq(timeline.points[i].at_ns, (i + 1) * FAKE_SECOND / 10);
    cr_assert_eq(timeline.points[i].charged[RATION_CATEGORY_TOTAL], 1000 + i);
    cr_assert_eq(timeline.points[i].charged[4], RATION_CHARGE_BYTES(segment.rows[4].own_charged));
  }
  timeline_free(&timeline);
}

Test(recorded, a_long_timeline_is_a_coarse_one, .init = set_up, .fini = tear_down) {
  struct timeline timeline;
  record_moments(17000);
  cr_assert_eq(subject_timeline(open_it(""), &timeline, &fault), 0, "%s", fault.words);
  cr_expect_geq(timeline.count, 2000);
  cr_expect_leq(timeline.count, 4000);
  for (size_t i = 0; i < timeline.count; i++) {
    cr_assert_eq(timeline.points[i].at_ns, (8 * i + 1) * FAKE_SECOND / 10);
    cr_assert_eq(timeline.points[i].charged[RATION_CATEGORY_TOTAL], 1000 + 8 * i);
  }
  timeline_free(&timeline);
}

Test(recorded, one_that_has_ended_has_the_timeline_of_its_segment, .init = set_up, .fini = tear_down) {
  struct timeline timeline;
  record_moments(50);
  end(0, PROCESS_EXITED, 0, 5);
  cr_assert_eq(subject_timeline(open_it(""), &timeline, &fault), 0, "%s", fault.words);
  cr_expect_eq(timeline.count, 0);
  timeline_free(&timeline);
}

/* The segment's own points of the time before the last few minutes are further apart. */
Test(recorded, the_whole_course_has_all_moments, .init = set_up, .fini = tear_down) {
  struct timeline timeline;
  record_moments(50);
  end(0, PROCESS_EXITED, 0, 5);
  cr_assert_eq(subject_course(open_it(""), &timeline, &fault), 0, "%s", fault.words);
  cr_assert_eq(timeline.count, 50);
  cr_expect_eq(timeline.points[0].at_ns, FAKE_SECOND / 10);
  cr_expect_eq(timeline.points[49].charged[RATION_CATEGORY_TOTAL], 1049);
  timeline_free(&timeline);
}

static void check_spike(uint64_t moment_of_it) {
  struct timeline timeline;
  size_t found = 0;
  spike = moment_of_it;
  set_up();
  record_moments(9000);
  cr_assert_eq(subject_course(open_it(""), &timeline, &fault), 0, "%s", fault.words);
  cr_expect_geq(timeline.count, 2000);
  cr_expect_leq(timeline.count, 4000);
  for (size_t i = 0; i < timeline.count; i++) {
    cr_assert(i == 0 || timeline.points[i].at_ns > timeline.points[i - 1].at_ns);
    if (timeline.points[i].charged[RATION_CATEGORY_TOTAL] != SPIKE) continue;
    cr_expect_eq(timeline.points[i].at_ns, (spike + 1) * FAKE_SECOND / 10);
    found++;
  }
  cr_expect_eq(found, 1, "that of moment %u", (unsigned)spike);
  timeline_free(&timeline);
  tear_down();
  spike = UINT64_MAX;
}

/* Of two that become one, either; of those that come when there are as many already; and the last of all. */
Test(recorded, a_long_course_has_its_peaks) {
  const uint64_t moments[] = {6, 7, 4001, 8003, 8999};
  for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) check_spike(moments[i]);
}
