/*
 * Tests of reader/process.c and newest.c: how a process stands, and which segment is meant.
 */
#include "reader/process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "reader/fake_segment.h"
#include "reader/newest.h"
#include "reader/procfs.h"

static struct fake_segment segment;
static struct process process;
static struct fault fault;
static char folder[PATH_MAX];
static char path[PATH_MAX];

static void set_up(void) {
  fake_folder_make(folder);
  fake_segment_fill(&segment);
}

static void tear_down(void) {
  fake_folder_remove(folder);
}

/* Puts the segment under the name that its header asks for. */
static void save(void) {
  struct ration_segment_header *header = &segment.header;
  struct place_name name = {.pid_namespace = header->pid_namespace,
                            .pid = header->pid,
                            .start_ticks = header->start_ticks,
                            .image = header->image};
  char text[PLACE_NAME_BYTES];
  place_name_write(&name, text);
  fake_segment_save(&segment, sizeof segment, folder, text, path);
}

/* A child that sleeps, of which the segment is then. */
static pid_t own_by_child(void) {
  struct proc_stat stat;
  pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  cr_assert_eq(procfs_stat((uint32_t)child, &stat), 0);
  segment.header.pid = (uint32_t)child;
  segment.header.start_ticks = stat.start_ticks;
  return child;
}

static void end(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

static enum process_state read_state(void) {
  cr_assert_eq(process_read(path, false, &process, &fault), 0, "%s", fault.words);
  return process.state;
}

Test(process, that_maps_its_segment_runs, .init = set_up, .fini = tear_down) {
  save();
  int fd = open(path, O_RDWR);
  void *mapped = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  cr_assert_neq(mapped, MAP_FAILED);
  cr_assert_eq(read_state(), PROCESS_RUNNING);
  cr_assert(process_is_alive(&process));
  cr_assert_geq(process.threads, 1);
  cr_assert_gt(process.uptime_seconds, 0);
  cr_assert_eq(process.error_bound_bytes, RATION_CHARGE_UNIT, "what threads hold as credit");
  munmap(mapped, 4096);
  cr_assert_eq(read_state(), PROCESS_REPLACED, "the process is there, its segment is not mapped");
}

static enum process_state read_books(const struct proc_stat *stat, struct process_kept *kept) {
  cr_assert_eq(process_read_books(path, false, stat, kept, &process, &fault), 0, "%s", fault.words);
  return process.state;
}

/* Where nobody says where the image lies, or it is another's, its mappings are looked at each time. */
Test(process, that_was_seen_to_map_its_segment_still_does, .init = set_up, .fini = tear_down) {
  struct process_kept kept = {.name = {.pid = 0}};
  struct proc_stat stat;
  save();
  int fd = open(path, O_RDWR);
  void *mapped = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  cr_assert_eq(read_books(NULL, &kept), PROCESS_RUNNING);
  cr_assert_eq(kept.name.pid, (uint32_t)getpid());
  cr_assert_neq(kept.image.stack, 0);
  cr_assert_eq(process.snapshot.category_count, 4);
  munmap(mapped, 4096);
  cr_assert_eq(read_books(NULL, &kept), PROCESS_RUNNING);
  cr_assert_eq(procfs_stat((uint32_t)getpid(), &stat), 0);
  stat.image.environment++;
  cr_assert_eq(read_books(&stat, &kept), PROCESS_REPLACED, "another image");
  stat.image = (struct proc_image){.stack = 0};
  kept.image = stat.image;
  cr_assert_eq(read_books(&stat, &kept), PROCESS_REPLACED, "nobody knows which image");
  kept.name.image++;
  cr_assert_eq(read_books(NULL, &kept), PROCESS_REPLACED, "another segment");
}

/* Maps the segment when it is told to, which one `place` says by then, and becomes another program when it is told so. */
static void map_and_exec(const char *place, int orders, int answers) {
  char order;
  if (read(orders, &order, 1) != 1) _exit(1);
  int fd = open(place, O_RDONLY);
  if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED) _exit(1);
  if (write(answers, &order, 1) != 1 || read(orders, &order, 1) != 1) _exit(1);
  execl("/bin/sleep", "sleep", "100", (char *)NULL);
  _exit(1);
}

/* Its end of the pipe for answers is closed by exec. */
Test(process, whose_next_image_maps_no_segment_is_replaced, .init = set_up, .fini = tear_down) {
  struct process_kept kept = {.name = {.pid = 0}};
  struct proc_stat stat;
  int orders[2], answers[2];
  char answer;
  char *place = mmap(NULL, PATH_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  cr_assert_neq(place, MAP_FAILED);
  cr_assert_eq(pipe2(orders, O_CLOEXEC), 0);
  cr_assert_eq(pipe2(answers, O_CLOEXEC), 0);
  pid_t child = fork();
  if (child == 0) map_and_exec(place, orders[0], answers[1]);
  close(answers[1]);
  cr_assert_eq(procfs_stat((uint32_t)child, &stat), 0);
  segment.header.pid = (uint32_t)child;
  segment.header.start_ticks = stat.start_ticks;
  save();
  strcpy(place, path);
  cr_assert_eq(write(orders[1], "", 1), 1);
  cr_assert_eq(read(answers[0], &answer, 1), 1);
  cr_expect_eq(read_books(NULL, &kept), PROCESS_RUNNING);
  cr_expect_eq(read_books(NULL, &kept), PROCESS_RUNNING);
  cr_assert_eq(write(orders[1], "", 1), 1);
  cr_assert_eq(read(answers[0], &answer, 1), 0);
  cr_expect_eq(read_books(NULL, &kept), PROCESS_REPLACED);
  end(child);
  munmap(place, PATH_MAX);
}

Test(process, that_exec_replaced_says_so, .init = set_up, .fini = tear_down) {
  segment.header.state = RATION_STATE_REPLACED;
  save();
  cr_assert_eq(read_state(), PROCESS_REPLACED);
}

Test(process, that_is_dead_is_gone_or_has_exited, .init = set_up, .fini = tear_down) {
  pid_t child = own_by_child();
  end(child);
  segment.header.ended_at_ns = segment.header.started_at_ns + 1500000000;
  save();
  cr_assert_eq(read_state(), PROCESS_GONE);
  cr_assert_lt(process.uptime_seconds, 0, "nobody knows when it ended");
  cr_assert_eq(process.error_bound_bytes, 0, "at rest");
  segment.header.state = RATION_STATE_EXITED;
  save();
  cr_assert_eq(read_state(), PROCESS_EXITED);
  cr_assert_eq(process.uptime_seconds, 1.5);
}

/* Nobody has waited for it yet: there is still a /proc/PID/stat. */
Test(process, that_is_a_zombie_is_gone, .init = set_up, .fini = tear_down) {
  pid_t child = own_by_child();
  kill(child, SIGKILL);
  siginfo_t info;
  cr_assert_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
  save();
  cr_assert_eq(read_state(), PROCESS_GONE);
  end(child);
}

Test(process, of_a_pid_that_was_given_anew_is_gone, .init = set_up, .fini = tear_down) {
  segment.header.start_ticks--;
  save();
  cr_assert_eq(read_state(), PROCESS_GONE);
}

Test(process, of_another_pid_namespace_is_elsewhere, .init = set_up, .fini = tear_down) {
  segment.header.pid_namespace++;
  save();
  cr_assert_eq(read_state(), PROCESS_ELSEWHERE);
}

/* This process runs, and maps no such file: neither counts. */
Test(process, of_a_copy_stands_as_it_did, .init = set_up, .fini = tear_down) {
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  segment.process.copied_at = FAKE_STARTED_AT + 2 * FAKE_SECOND;
  fake_segment_save(&segment, sizeof segment, folder, "ration.1.2.3.0.dump.3", path);
  cr_assert_eq(read_state(), PROCESS_RUNNING);
  cr_assert_eq(process.copy, 3);
  cr_assert_not(process_is_alive(&process));
  cr_assert_float_eq(process.uptime_seconds, 2, 1e-6, "until then");
  cr_assert_eq(process.threads, 1);
  cr_assert_eq(process.error_bound_bytes, RATION_CHARGE_UNIT, "threads held credit");
  cr_assert_eq(process.until_at, FAKE_STARTED_AT + 2 * FAKE_SECOND);
  segment.header.state = RATION_STATE_EXITED;
  fake_segment_save(&segment, sizeof segment, folder, "ration.1.2.3.0.dump.3", path);
  cr_assert_eq(read_state(), PROCESS_EXITED);
}

Test(process, is_as_of_now_or_of_its_end, .init = set_up, .fini = tear_down) {
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  segment.header.pid_namespace++;
  save();
  cr_assert_eq(read_state(), PROCESS_ELSEWHERE);
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  cr_assert_leq(process.until_at, (uint64_t)now.tv_sec * FAKE_SECOND + (uint64_t)now.tv_nsec);
  cr_assert_gt(process.until_at + FAKE_SECOND, (uint64_t)now.tv_sec * FAKE_SECOND);
  segment.header.pid_namespace--;
  segment.header.start_ticks--;
  save();
  cr_assert_eq(read_state(), PROCESS_GONE);
  cr_assert_eq(process.until_at, FAKE_STARTED_AT + FAKE_SECOND * 3 / 2);
  process_set_ended(&process, 0, segment.header.started_at_ns + 2 * FAKE_SECOND);
  cr_assert_eq(process.until_at, FAKE_STARTED_AT + 2 * FAKE_SECOND);
}

Test(process, takes_the_status_of_who_waited, .init = set_up, .fini = tear_down) {
  pid_t child = own_by_child();
  int status;
  kill(child, SIGTERM);
  cr_assert_eq(waitpid(child, &status, 0), child);
  save();
  read_state();
  process_set_ended(&process, status, segment.header.started_at_ns + 2000000000);
  cr_assert_eq(process.state, PROCESS_KILLED);
  cr_assert_eq(process.signal, SIGTERM);
  cr_assert_eq(process.exit_status, -1);
  cr_assert_eq(process.uptime_seconds, 2.0);
}

Test(process, is_found_by_pid_and_by_age, .init = set_up, .fini = tear_down) {
  setenv("RATION_DIR", folder, 1);
  setenv("XDG_RUNTIME_DIR", "", 1);
  setenv("TMPDIR", "", 1);
  pid_t child = own_by_child();
  segment.header.started_at_ns = UINT64_C(4000000000) * 1000000000; /* newer than all else on this machine */
  save();
  segment.header.image = 1;
  segment.header.started_at_ns++;
  strcpy(segment.header.program, "second");
  save();
  cr_assert_eq(newest_of_pid((uint32_t)child, &process, &fault), 0, "%s", fault.words);
  cr_assert_str_eq(process.snapshot.program, "second");
  cr_assert_eq(newest_of_user(&process, &fault), 0, "%s", fault.words);
  cr_assert_str_eq(process.snapshot.program, "second");
  end(child);
  cr_assert_eq(newest_of_pid(INT32_MAX, &process, &fault), -ENOENT);
}
