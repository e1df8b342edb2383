/*
 * killed.c: a process is killed at each test point of the shim, and what it has left is read: every reader ends, what they
 * say is what it held but for the request that it was in and what is said to be in doubt, and the next start sweeps it.
 *
 * The list of test points is made of the sources (Makefile).
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reader/event_list.h"
#include "reader/fake_segment.h"
#include "reader/place_name.h"
#include "reader/process.h"
#include "reader/sample_list.h"
#include "reader/site_list.h"
#include "reader/thread_list.h"
#include "reader/timeline.h"
#include "track/killed_life.h"
#include "track/segment_name.h"
#include "track/sweep.h"

static const char *const points[] = {
#include "test_points.inc"
};
#define POINTS (sizeof points / sizeof *points)

#define SWEPT_BEYOND 64 /* dead segments that are left */

static struct ledgers *ledgers; /* shared with those that die */
static char folder[PATH_MAX];
static struct death death;     /* there */
static struct process process; /* large */
static struct fault fault;

#define HERE  "%s, heap=%s: %s"
#define WHERE death.point, death.heap, path

static uint64_t apart(uint64_t a, uint64_t b) {
  return a > b ? a - b : b - a;
}

/* ---- what the books say ----------------------------------------------------------------------------------- */

static const struct budget_facts *budget_named(const struct snapshot *snapshot, const char *name) {
  for (uint32_t i = 0; i < snapshot->budgets.count; i++)
    if (strcmp(snapshot->categories[snapshot->budgets.budget[i].category].name, name) == 0)
      return &snapshot->budgets.budget[i];
  return NULL;
}

/* Of one category, and of it with all below it: nothing is negative, and no peak is lower than what was. */
static void check_figures(const char *path, const struct figures *figures) {
  cr_expect_geq(figures->allocations, figures->frees, HERE, WHERE);
  cr_expect_leq(figures->live_blocks, figures->allocations, HERE, WHERE);
  cr_expect_geq(figures->peak_bytes, figures->live_bytes, HERE, WHERE);
  cr_expect_lt(figures->live_bytes, UINT64_C(1) << 40, HERE, WHERE);
}

static void check_books(const char *path, const struct ledger *ledger) {
  const struct snapshot *snapshot = &process.snapshot;
  uint64_t doubt = process.error_bound_bytes + ledger->moving_bytes, sum = 0, held = 0;
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    const struct figures *own = &snapshot->categories[id].own;
    check_figures(path, own);
    check_figures(path, &snapshot->categories[id].subtree);
    cr_expect_leq(apart(own->live_bytes, ledger->bytes[id]), doubt,
                  HERE ": %s: %lu bytes live, %lu held, %lu in doubt", WHERE, snapshot->categories[id].name,
                  (unsigned long)own->live_bytes, (unsigned long)ledger->bytes[id], (unsigned long)doubt);
    cr_expect_leq(apart(own->live_blocks, ledger->blocks[id]), ledger->is_moving, HERE, WHERE);
    sum += own->live_bytes;
    held += ledger->bytes[id];
  }
  cr_expect_eq(snapshot->total.live_bytes, sum, HERE, WHERE);
  cr_expect_leq(apart(snapshot->categories[RATION_CATEGORY_TOTAL].subtree.live_bytes, held), doubt, HERE,
                WHERE);
  const struct budget_facts *tight = budget_named(snapshot, "tight");
  if (tight) cr_expect(tight->used_bytes <= KILLED_TIGHT && tight->limit_bytes == KILLED_TIGHT, HERE, WHERE);
}

/* ---- and what stands beside ------------------------------------------------------------------------------- */

static void check_samples(const char *path, const struct ledger *ledger) {
  struct site_list sites;
  struct sample_list samples;
  uint64_t sampled[RATION_CATEGORY_IDS] = {0};
  uint32_t categories = process.snapshot.category_count;
  cr_assert_eq(site_list_read_path(path, false, categories, &sites, &fault), 0, HERE ": %s", WHERE,
               fault.words);
  cr_assert_eq(sample_list_read_path(path, false, &samples, &fault), 0, HERE ": %s", WHERE, fault.words);
  for (size_t i = 0; i < samples.count; i++) {
    const struct site_facts *site = site_list_of_row(&sites, samples.sample[i].site);
    cr_assert(site && site->category <= categories, HERE ": of a site that is not there", WHERE);
    sampled[site->category] += samples.sample[i].usable_bytes;
    for (size_t k = 0; k < i; k++)
      cr_assert_neq(samples.sample[i].address, samples.sample[k].address, HERE ": a block stands there twice",
                    WHERE);
  }
  for (uint32_t id = 1; id <= categories; id++) {
    double live = 0;
    for (size_t i = 0; i < sites.count; i++)
      if (sites.site[i].category == id) live += sites.site[i].live.bytes;
    cr_expect_leq(apart(sampled[id], ledger->sampled_bytes[id]), ledger->moving_bytes, HERE, WHERE);
    cr_expect_leq(apart((uint64_t)live, ledger->sampled_bytes[id]), ledger->moving_bytes, HERE, WHERE);
  }
  site_list_free(&sites);
  sample_list_free(&samples);
}

static uint32_t category_named(const char *name) {
  for (uint32_t id = 1; id <= process.snapshot.category_count; id++)
    if (strcmp(process.snapshot.categories[id].name, name) == 0) return id;
  return 0;
}

/* Times rise, and each point is of one moment. */
static void check_timeline(const char *path) {
  struct timeline timeline;
  int error = timeline_read_path(path, false, process.snapshot.category_count, &timeline, &fault);
  uint32_t near = category_named(KILLED_NEAR), far = category_named(KILLED_FAR);
  cr_assert_eq(error, 0, HERE ": %s", WHERE, fault.words);
  for (size_t i = 0; i < timeline.count; i++) {
    if (i) cr_expect_lt(timeline.points[i - 1].at_ns, timeline.points[i].at_ns, HERE, WHERE);
    if (far)
      cr_expect_eq(timeline.points[i].charged[near], timeline.points[i].charged[far],
                   HERE ": %lu and %lu at one point", WHERE, (unsigned long)timeline.points[i].charged[near],
                   (unsigned long)timeline.points[i].charged[far]);
  }
  timeline_free(&timeline);
}

static void check_lists(const char *path) {
  struct event_list events;
  struct thread_list threads;
  cr_assert_eq(event_list_read_path(path, false, &events, &fault), 0, HERE ": %s", WHERE, fault.words);
  cr_assert_eq(thread_list_read_path(path, false, &threads, &fault), 0, HERE ": %s", WHERE, fault.words);
  uint64_t allocations = threads.rest.allocations;
  for (size_t i = 0; i < threads.count; i++) {
    cr_expect_geq(threads.thread[i].allocations, threads.thread[i].frees, HERE, WHERE);
    allocations += threads.thread[i].allocations;
  }
  cr_expect_eq(allocations, process.snapshot.total.allocations, HERE, WHERE);
  event_list_free(&events);
  thread_list_free(&threads);
}

/* ---- one process that was killed -------------------------------------------------------------------------- */

static const struct ledger *ledger_of(uint32_t pid) {
  return (pid_t)pid == ledgers->of_parent.pid  ? &ledgers->of_parent
         : (pid_t)pid == ledgers->of_child.pid ? &ledgers->of_child
                                               : NULL;
}

/* Its segment; or that of the image before, which has a header alone. */
static void check_segment(const char *path, const struct place_name *name) {
  const struct ledger *ledger = ledger_of(name->pid);
  struct stat status;
  cr_assert(ledger && stat(path, &status) == 0, HERE, WHERE);
  if (status.st_size == (off_t)sizeof(struct ration_segment_header)) return;
  int error = process_read(path, false, &process, &fault);
  if (error) cr_assert_not(ledger->is_ready, HERE ": %s", WHERE, fault.words);
  if (error) return;
  cr_expect(process.state == PROCESS_GONE || process.state == PROCESS_EXITED, HERE ": state %d", WHERE,
            process.state);
  check_books(path, ledger);
  check_samples(path, ledger);
  check_timeline(path);
  check_lists(path);
}

/* A copy of a segment, whole or not begun. */
static void check_copy(const char *path) {
  int error = process_read(path, false, &process, &fault);
  cr_expect(error == 0 || strstr(fault.words, "no ration segment"), HERE ": %s", WHERE, fault.words);
}

static unsigned visit_segments(void (*visit)(const char *path, const struct place_name *name)) {
  unsigned count = 0;
  DIR *directory = opendir(folder);
  cr_assert_not_null(directory);
  for (const struct dirent *entry; (entry = readdir(directory));) {
    struct place_name name;
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (place_name_parse(entry->d_name, &name) == 0) {
      count++;
      if (visit) visit(path, &name);
    } else if (strstr(entry->d_name, "report") || strstr(entry->d_name, ".dump.")) {
      if (visit) check_copy(path);
      if (visit) unlink(path);
    }
  }
  closedir(directory);
  return count;
}

/* ---- the sweep -------------------------------------------------------------------------------------------- */

/* Longer dead than all the others. */
static void age(const char *path, const struct place_name *name) {
  (void)name;
  const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
  cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void leave_others(struct process_identity who) {
  static const struct ration_segment_header header = {.magic = RATION_SEGMENT_MAGIC,
                                                      .version_major = RATION_SEGMENT_MAJOR};
  for (uint32_t i = 0; i < SWEPT_BEYOND; i++) {
    struct segment_name name = {who.pid_namespace, who.pid, 1, i};
    char text[SEGMENT_NAME_BYTES], path[PATH_MAX + sizeof text];
    segment_name_write(name, text);
    snprintf(path, sizeof path, "%s/%s", folder, text);
    FILE *file = fopen(path, "w");
    cr_assert(file && fwrite(&header, sizeof header, 1, file) == 1 && fclose(file) == 0);
  }
}

static void remove_it(const char *path, const struct place_name *name) {
  (void)name;
  cr_assert_eq(unlink(path), 0, "%s", path);
}

/* At the next start: see track/sweep.h. */
static void check_sweep(void) {
  struct process_identity who;
  process_identify(&who);
  visit_segments(age);
  leave_others(who);
  sweep(folder, &who);
  cr_expect_eq(visit_segments(NULL), SWEPT_BEYOND, "%s: not all was swept", death.point);
  visit_segments(remove_it);
}

/* ---- the tests -------------------------------------------------------------------------------------------- */

/* Returns whether somebody was killed. */
static bool kill_there(void) {
  memset(ledgers, 0, sizeof *ledgers);
  pid_t child = fork();
  cr_assert_geq(child, 0);
  if (child == 0) killed_live(ledgers, folder, death);
  int status;
  cr_assert_eq(waitpid(child, &status, 0), child);
  bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  cr_assert(is_killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0), "%s: status %#x", death.point,
            (unsigned)status);
  visit_segments(check_segment);
  check_sweep();
  return is_killed || ledgers->of_child.is_moving;
}

static void set_up(void) {
  fake_folder_make(folder);
  ledgers = mmap(NULL, sizeof *ledgers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  cr_assert(ledgers != MAP_FAILED);
}

static void tear_down(void) {
  fake_folder_remove(folder);
}

TestSuite(killed, .init = set_up, .fini = tear_down);

/* Over either heap; to some only that of pages comes. */
Test(killed, at_each_test_point, .timeout = 120) {
  for (size_t i = 0; i < POINTS; i++) {
    death = (struct death){.point = points[i], .heap = "system"};
    bool is_reached = kill_there(), is_libc = ledgers->of_parent.is_libc;
    death.heap = "page";
    if (!is_reached) is_reached = kill_there();
    cr_expect(is_reached || !is_libc, "%s: was not reached", points[i]);
  }
}

/* Those that it comes to so often. */
Test(killed, at_each_test_point_later, .timeout = 120) {
  for (size_t i = 0; i < POINTS; i++) {
    death = (struct death){.point = points[i], .heap = "page", .survived = 7};
    kill_there();
  }
}
