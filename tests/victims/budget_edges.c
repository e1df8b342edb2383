/*
 * What a budget may lead to besides a refusal. Run with what is to be seen:
 *   abort     policy=abort; the program's handler of SIGABRT allocates, and returns. Expected: it is refused, once, and
 *             the process ends by SIGABRT all the same.
 *   file      a breach with dump=breach, where RLIMIT_FSIZE has no room for a copy. Expected: no copy, no SIGXFSZ.
 *   child     a forked child pretends a level. Expected: its parent's is as it was.
 *   stack     a thread with the smallest stack that there is breaches its budget, with all that follows.
 *   beat      such a thread uses half of its stack, and comes to a heartbeat that looks at the cgroup.
 */
#include <limits.h>
#include <sys/resource.h>

#include "victim.h"

static ration_category_id small;
static int aborts;

static void set(int policy) {
  struct ration_budget budget = {.size = sizeof budget, .limit_bytes = 50000, .policy = policy};
  CHECK_EQUAL(SHIM(ration_budget_set)(small, &budget), 0);
}

static void *hold(size_t bytes) {
  ration_tag_enter(small);
  void *block = malloc(bytes);
  ration_tag_leave();
  return block;
}

static void allocate_again(int signal) {
  CHECK_EQUAL(signal, SIGABRT);
  CHECK_EQUAL(++aborts, 1);
  CHECK(hold(100000) == NULL);
  CHECK(write(1, "refused\n", 8) == 8);
}

static void *breach(void *unused) {
  errno = 77;
  void *block = hold(100000);
  CHECK(block != NULL);
  CHECK_EQUAL(errno, 77);
  free(block);
  CHECK_EQUAL(errno, 77);
  return unused;
}

static void check_file(void) {
  struct rlimit limit = {4096, 4096};
  CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
  set(RATION_POLICY_NOTIFY);
  breach(NULL);
}

static void check_child(void) {
  int status;
  set(RATION_POLICY_NOTIFY);
  pid_t child = fork();
  if (child == 0) {
    CHECK_EQUAL(SHIM(ration_pressure_simulate)(small, RATION_LEVEL_CRITICAL), 0);
    CHECK_EQUAL(SHIM(ration_pressure_level)(small), RATION_LEVEL_CRITICAL);
    _exit(0);
  }
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
  CHECK_EQUAL(SHIM(ration_pressure_level)(small), RATION_LEVEL_NONE);
}

static void *beat(void *unused) {
  volatile char used[6500];
  for (size_t i = 0; i < sizeof used; i++) used[i] = 1;
  for (int i = 0; i < 3000; i++) free(malloc(2000));
  return used[0] ? unused : NULL;
}

static void check_stack(void *(*function)(void *)) {
  pthread_attr_t attributes;
  pthread_t thread;
  set(RATION_POLICY_NOTIFY);
  CHECK_EQUAL(pthread_attr_init(&attributes), 0);
  CHECK_EQUAL(pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN), 0);
  CHECK_EQUAL(pthread_create(&thread, &attributes, function, NULL), 0);
  CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

int main(int count, char **arguments) {
  CHECK(count == 2 && is_tracked());
  small = ration_tag_category("small");
  if (strcmp(arguments[1], "file") == 0) check_file();
  if (strcmp(arguments[1], "child") == 0) check_child();
  if (strcmp(arguments[1], "stack") == 0) check_stack(breach);
  if (strcmp(arguments[1], "beat") == 0) {
    free(malloc(2 << 20));
    usleep(1100000); /* one look a second */
    check_stack(beat);
  }
  if (strcmp(arguments[1], "abort") == 0) {
    signal(SIGABRT, allocate_again);
    set(RATION_POLICY_ABORT);
    hold(100000);
    puts("survived");
  }
  return 0;
}
