/*
 * budgets.c: tests of src/track/budgets.c: from settings, requests and the program to rows of the segment.
 */
#include "track/budgets.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "os/limits.h"
#include "track/pressure.h"
#include "track/scope.h"
#include "track/tracked.h"

static void start(const char *options) {
  setenv("RATION_OPTIONS", options, 1);
  tracked_start();
}

static uint64_t limit_of(const char *path) {
  return segment.budgets[tracked_category(path)].limit_bytes;
}

/* As `ration set` asks. NULL: taken; else why not, of `path`. */
static const char *ask(const char *path, const char *property, const char *value, const char **ret_path) {
  struct budget_specs *changes = budgets_of_change();
  changes->count = 0;
  cr_assert_null(budget_specs_say(changes, path, property, value));
  return budgets_change(changes, ret_path);
}

static void expect_taken(const char *path, const char *property, const char *value) {
  const char *named, *why = ask(path, property, value, &named);
  cr_expect_null(why, "%s.%s=%s: %s: %s", path, property, value, named, why);
}

static void expect_refused(const char *path, const char *property, const char *value, const char *named) {
  const char *found, *why = ask(path, property, value, &found);
  cr_assert_not_null(why, "%s.%s=%s", path, property, value);
  cr_expect_str_eq(found, named);
}

Test(budgets, are_none_without_a_word_of_them) {
  start("keep=0");
  cr_expect_eq(segment.has_budgets, 0, "not a page of the table is there");
  cr_expect_eq(segment.is_strict, 0);
  cr_expect_eq(segment.has_faults, 0);
  cr_expect_eq(budgets_dump(RATION_CATEGORY_TOTAL).at_breach, 0);
}

Test(budgets, come_from_settings) {
  start("total=1000M,a=40%,a/b.budget=50%,a.policy=refuse,a.dump=breach,c=10%,c.reserve=5%");
  cr_expect_eq(limit_of("total"), UINT64_C(1000) << 20);
  cr_expect_eq(limit_of("a"), UINT64_C(400) << 20);
  cr_expect_eq(limit_of("a/b"), UINT64_C(200) << 20);
  cr_expect_eq(segment.budgets[tracked_category("a/b")].policy, RATION_POLICY_REFUSE);
  cr_expect_eq(segment.budgets[tracked_category("c")].reserve_bytes, UINT64_C(5) << 20);
  cr_expect_eq(segment.is_strict, 1);
  cr_expect_eq(budgets_dump(tracked_category("a")).at_breach, 1);
  cr_expect_eq(budgets_dump(tracked_category("a/b")).at_breach, 0);
  cr_expect_eq(segment.header->settings_ignored, 0);
}

Test(budgets, that_cannot_be_take_no_others_with_them) {
  start("a=40%,b=1M,a/c=50%,d=1M,d.reserve=2M,d/e=512K");
  cr_expect_eq(limit_of("a"), 0);
  cr_expect_eq(limit_of("a/c"), 0);
  cr_expect_eq(limit_of("b"), 1 << 20);
  cr_expect_eq(limit_of("d"), 0);
  cr_expect_eq(limit_of("d/e"), 512 << 10);
  cr_expect_eq(segment.header->settings_ignored, 3, "%lu: %s",
               (unsigned long)segment.header->settings_ignored, segment.header->ignored);
}

Test(budgets, change_all_or_none) {
  start("total=100M,a=50%");
  expect_taken("total", "budget", "10M");
  cr_expect_eq(limit_of("a"), 5 << 20, "%lu", (unsigned long)limit_of("a"));
  expect_refused("total", "budget", "none", "a");
  cr_expect_eq(limit_of("total"), 10 << 20);
  cr_expect_eq(limit_of("a"), 5 << 20);
  expect_refused("a", "reserve", "5M", "a");
  expect_refused("a", "grace", "5M", "a");
  cr_expect_eq(segment.budgets[tracked_category("a")].reserve_bytes, 0);
  expect_taken("a", "policy", "refuse");
  cr_expect_eq(segment.is_strict, 1);
  expect_taken("a", "budget", "none");
  cr_expect_eq(segment.is_strict, 0);
  expect_taken("total", "budget", "none");
  cr_expect_eq(limit_of("total"), 0);
  expect_taken("a", "fail", "every:2");
  cr_expect(segment.is_strict && segment.has_faults);
  expect_taken("a", "fail", "none");
  cr_expect(!segment.is_strict && !segment.has_faults);
}

/* What does not fit the new limit of its ancestor is found out, also where the policy is abort. */
Test(budgets, below_what_is_used_are_taken_but_under_abort) {
  start("keep=0");
  uint32_t a = tracked_category("a");
  scope_open(a, FRAME);
  void *block = tracked_malloc(2 << 20);
  scope_close(FRAME);
  expect_taken("a", "budget", "1M");
  cr_expect_eq(pressure_level(a), RATION_LEVEL_CRITICAL);
  expect_refused("a", "policy", "abort", "a");
  cr_expect_eq(segment.budgets[a].policy, RATION_POLICY_NOTIFY);
  expect_taken("a", "budget", "10M");
  cr_expect_eq(pressure_level(a), RATION_LEVEL_NONE);
  expect_taken("a", "policy", "abort");
  tracked_free(block);
}

Test(budgets, are_refused_where_there_is_no_room_for_the_category) {
  char path[16];
  start("keep=0");
  for (int i = 0; i < 260; i++) {
    uint32_t id;
    snprintf(path, sizeof path, "c%d", i);
    category_add(&segment, path, RATION_KIND_PROGRAM, &id);
  }
  expect_refused("another", "budget", "1M", "budget");
  expect_taken("c100", "budget", "1M");
}

Test(budgets, follow_the_cgroup) {
  char folder[64], command[256];
  snprintf(folder, sizeof folder, "/tmp/ration-unit-XXXXXX");
  cr_assert_not_null(mkdtemp(folder));
  snprintf(command, sizeof command,
           "cd %s && mkdir -p proc/self sys/fs/cgroup && echo 0::/ >proc/self/cgroup &&"
           "echo 9 >sys/fs/cgroup/memory.current && echo 1048576 >sys/fs/cgroup/memory.max",
           folder);
  cr_assert_eq(system(command), 0);
  limits_set_root(folder);
  start("total=cgroup:50%,a=50%");
  cr_expect_eq(limit_of("a"), 262144);
  cr_expect(budgets_have_sources());
  snprintf(command, sizeof command, "echo 65536 >%s/sys/fs/cgroup/memory.max", folder);
  cr_assert_eq(system(command), 0);
  budgets_follow_sources();
  cr_expect_eq(limit_of("total"), 32768);
  cr_expect_eq(limit_of("a"), 16384);
  snprintf(command, sizeof command, "echo max >%s/sys/fs/cgroup/memory.max", folder);
  cr_assert_eq(system(command), 0);
  budgets_follow_sources();
  cr_expect_eq(limit_of("total"), 32768, "the last one stays in force");
  snprintf(command, sizeof command, "rm -r %s", folder);
  cr_assert_eq(system(command), 0);
}

/* fork, and a raw clone, whose child no handler of fork sees. */
static void expect_in_child(int is_raw) {
  start("a=1M,a.policy=refuse");
  expect_taken("a", "budget", "2M");
  tracked_free(tracked_malloc(1));
  pid_t child = is_raw ? (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) : fork();
  if (child == 0) {
    scope_open(tracked_category("a"), FRAME);
    int is_held = tracked_malloc(3 << 20) == NULL && tracked_malloc(1 << 20) != NULL;
    scope_close(FRAME);
    const char *path;
    int is_set = ask("a", "budget", "8M", &path) == NULL && limit_of("a") == 8 << 20;
    _exit(is_held && is_set && process_ready() == PROCESS_TRACKING ? 0 : 1);
  }
  int status = -1;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_expect_eq(status, 0);
  cr_expect_eq(limit_of("a"), 2 << 20);
  cr_expect_eq(segment.budgets[tracked_category("a")].refused, 0);
}

Test(budgets, hold_in_a_child) {
  expect_in_child(0);
}

Test(budgets, hold_in_a_child_of_a_raw_clone) {
  expect_in_child(1);
}

#if defined(__SANITIZE_THREAD__)
static const int may_clone = 0; /* its runtime has locks that only fork lets go */
#else
static const int may_clone = 1;
#endif

static uint32_t is_over;

static void *change_for_ever(void *path) {
  struct budget_spec spec = {.category = tracked_category(path), .limit = {LIMIT_BYTES, 1 << 20}};
  for (uint64_t i = 0; !load_relaxed(&is_over); i++) {
    spec.limit.value = (1 << 20) + i % 1000;
    cr_assert_null(budgets_change_one(&spec));
    budgets_follow_sources();
    budgets_dump(spec.category);
  }
  return NULL;
}

/* A child is forked while other threads change budgets: nobody has the turn there. */
Test(budgets, may_change_while_the_process_forks, .timeout = 120) {
  static char names[2][2] = {"a", "b"};
  pthread_t threads[2];
  start("a=1M,b=1M");
  cr_assert_eq(pthread_create(&threads[0], NULL, change_for_ever, names[0]), 0);
  cr_assert_eq(pthread_create(&threads[1], NULL, change_for_ever, names[1]), 0);
  for (int i = 0; i < 60; i++) {
    pid_t child = i % 2 && may_clone ? (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) : fork();
    if (child == 0) {
      void *block = tracked_malloc(100);
      struct budget_spec spec = {.category = 3, .limit = {LIMIT_BYTES, 77}};
      alarm(60);
      int is_taken = block && budgets_change_one(&spec) == NULL && segment.budgets[3].limit_bytes == 77;
      _exit(is_taken ? 0 : 1);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0, "child %d: %x", i, (unsigned)status);
  }
  store_relaxed(&is_over, 1);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}
