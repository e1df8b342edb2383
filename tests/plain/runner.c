/*
 * runner.c: runs the tests of plain/criterion.h, each in a child of its own, N at a time by -jN, else as many as there are
 * processors, and writes TAP to the FILE of --tap=FILE, else to stdout, a line as each ends. --timeout=N: seconds after which
 * one that says nothing else of itself has failed. --filter=GLOB: those alone whose SUITE::NAME is like it.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct plain_test *first;
static struct plain_suite *first_suite;
static bool has_failed;  /* of the one test that this process runs */
static unsigned longest; /* 0: no bound */
static const char *filter = "*";

static int run_all(FILE *tap, long at_once);
static const struct plain_test *next_wanted(const struct plain_test *test);
static void start(const struct plain_test *test);
static int wait_for_one(const struct plain_test **ret_test);
_Noreturn static void run_in_child(const struct plain_test *test);
static struct plain_suite suite_of(const struct plain_test *test);

int main(int count, char **arguments) {
  FILE *tap = stdout;
  long at_once = sysconf(_SC_NPROCESSORS_ONLN);
  for (int i = 1; i < count; i++) {
    if (strncmp(arguments[i], "-j", 2) == 0) at_once = strtol(arguments[i] + 2, NULL, 10);
    if (strncmp(arguments[i], "--timeout=", 10) == 0)
      longest = (unsigned)strtoul(arguments[i] + 10, NULL, 10);
    if (strncmp(arguments[i], "--filter=", 9) == 0) filter = arguments[i] + 9;
    if (strncmp(arguments[i], "--tap=", 6) != 0) continue;
    tap = fopen(arguments[i] + 6, "w");
    if (tap) continue;
    fprintf(stderr, "ration: unit tests: %s: %s; name a file that can be written\n", arguments[i],
            strerror(errno));
    return 2;
  }
  setvbuf(tap, NULL, _IOLBF, 0);
  int failed = run_all(tap, at_once);
  return fclose(tap) == 0 && !failed ? 0 : 1;
}

void plain_register(struct plain_test *test) {
  test->next = first;
  first = test;
}

void plain_register_suite(struct plain_suite *suite) {
  suite->next = first_suite;
  first_suite = suite;
}

/* Tests that run; `pid` 0: none. */
#define AT_ONCE_MOST 64
static struct running {
  pid_t pid;
  const struct plain_test *test;
} running[AT_ONCE_MOST];

static int run_all(FILE *tap, long at_once) {
  int number = 0, failed = 0, count = 0;
  if (at_once < 1) at_once = 1;
  if (at_once > AT_ONCE_MOST) at_once = AT_ONCE_MOST;
  const struct plain_test *next = next_wanted(first);
  while (next || count > 0) {
    if (next && count < at_once) {
      start(next);
      count++;
      next = next_wanted(next->next);
      continue;
    }
    const struct plain_test *ended;
    int is_passed = wait_for_one(&ended);
    count--;
    failed += !is_passed;
    fprintf(tap, "%s %d - %s::%s\n", is_passed ? "ok" : "not ok", ++number, ended->suite, ended->name);
  }
  fprintf(tap, "1..%d\n", number);
  return failed;
}

static struct running *place_of(pid_t pid) {
  struct running *place = running;
  while (place->pid != pid) place++;
  return place;
}

static const struct plain_test *next_wanted(const struct plain_test *test) {
  char name[256];
  for (; test; test = test->next) {
    snprintf(name, sizeof name, "%s::%s", test->suite, test->name);
    if (fnmatch(filter, name, 0) == 0) break;
  }
  return test;
}

static void start(const struct plain_test *test) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) run_in_child(test);
  if (child < 0) {
    fprintf(stderr, "ration: unit tests: fork: %s\n", strerror(errno));
    exit(2);
  }
  *place_of(0) = (struct running){child, test};
}

static int wait_for_one(const struct plain_test **ret_test) {
  int status;
  struct running *ended = place_of(wait(&status));
  const struct plain_test *test = *ret_test = ended->test;
  ended->pid = 0;
  int is_passed = test->signal ? WIFSIGNALED(status) && WTERMSIG(status) == test->signal
                               : WIFEXITED(status) && WEXITSTATUS(status) == test->exit_code;
  if (!is_passed)
    fprintf(stderr, "%s::%s ended with wait status %#x\n", test->suite, test->name, (unsigned)status);
  return is_passed;
}

static void run_in_child(const struct plain_test *test) {
  if (test->timeout > 0 || longest > 0) alarm(test->timeout > 0 ? (unsigned)test->timeout + 1 : longest);
  struct plain_suite suite = suite_of(test);
  if (suite.init) suite.init();
  test->run();
  if (suite.fini) suite.fini();
  exit(has_failed ? 99 : 0);
}

/* What holds for `test`: its own, else its suite's. */
static struct plain_suite suite_of(const struct plain_test *test) {
  const struct plain_suite *suite = first_suite;
  while (suite && strcmp(suite->suite, test->suite) != 0) suite = suite->next;
  struct plain_suite own = suite ? *suite : (struct plain_suite){0};
  if (test->init) own.init = test->init;
  if (test->fini) own.fini = test->fini;
  return own;
}

void plain_fail(const char *file, int line, bool is_fatal, const char *condition, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s:%d: failed: %s", file, line, condition);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  if (is_fatal) exit(99);
  has_failed = true;
}
