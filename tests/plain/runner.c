/*
 * runner.c: runs the tests of plain/criterion.h, each in a child of its own, and writes TAP to the FILE of
 * --tap=FILE, else to stdout.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct plain_test *first;
static bool has_failed; /* of the one test that this process runs */

static int run_all(FILE *tap);
static int run_one(const struct plain_test *test);
_Noreturn static void run_in_child(const struct plain_test *test);

int main(int count, char **arguments) {
  FILE *tap = stdout;
  if (count > 1 && strncmp(arguments[1], "--tap=", 6) == 0) tap = fopen(arguments[1] + 6, "w");
  if (!tap) {
    fprintf(stderr, "ration: unit tests: %s: %s; name a file that can be written\n", arguments[1],
            strerror(errno));
    return 2;
  }
  int failed = run_all(tap);
  return fclose(tap) == 0 && !failed ? 0 : 1;
}

void plain_register(struct plain_test *test) {
  test->next = first;
  first = test;
}

static int run_all(FILE *tap) {
  int number = 0, failed = 0;
  for (struct plain_test *test = first; test; test = test->next) {
    int is_passed = run_one(test);
    failed += !is_passed;
    fprintf(tap, "%s %d - %s::%s\n", is_passed ? "ok" : "not ok", ++number, test->suite, test->name);
  }
  fprintf(tap, "1..%d\n", number);
  return failed;
}

static int run_one(const struct plain_test *test) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) run_in_child(test);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0) return 0;
  int is_passed = test->signal ? WIFSIGNALED(status) && WTERMSIG(status) == test->signal
                               : WIFEXITED(status) && WEXITSTATUS(status) == test->exit_code;
  if (!is_passed)
    fprintf(stderr, "%s::%s ended with wait status %#x\n", test->suite, test->name, (unsigned)status);
  return is_passed;
}

static void run_in_child(const struct plain_test *test) {
  if (test->timeout > 0) alarm((unsigned)test->timeout + 1);
  if (test->init) test->init();
  test->run();
  if (test->fini) test->fini();
  exit(has_failed ? 99 : 0);
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
