/*
 * Tests of view/progress.c: on a terminal what takes long is shown, and erased; elsewhere nothing is.
 */
#include "view/progress.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int terminal; /* the other end of what stderr is */
static int real_stderr;

static void have_stderr_be(int fd) {
  real_stderr = dup(STDERR_FILENO);
  cr_assert_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
  close(fd);
}

static void set_up(void) {
  setenv("TERM", "xterm", 1);
  terminal = posix_openpt(O_RDWR | O_NOCTTY);
  cr_assert_geq(terminal, 0);
  cr_assert_eq(grantpt(terminal) | unlockpt(terminal), 0);
  int end = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  cr_assert_geq(end, 0);
  have_stderr_be(end);
}

static void tear_down(void) {
  dup2(real_stderr, STDERR_FILENO);
  close(real_stderr);
  close(terminal);
}

/* Reads from the terminal until that has come. */
static void wait_for(const char *words) {
  char seen[4096] = "";
  size_t used = 0;
  while (!strstr(seen, words)) {
    ssize_t size = read(terminal, seen + used, sizeof seen - 1 - used);
    cr_assert_gt(size, 0, "%s has not come: %s", words, seen);
    used += (size_t)size;
    seen[used] = 0;
  }
}

Test(progress, shows_how_far_it_is_and_is_gone_at_the_end, .init = set_up, .fini = tear_down) {
  struct progress progress;
  progress_begin(&progress, "counting sheep", 7);
  progress_step(&progress, 3);
  wait_for("\r\033[Kration: counting sheep: 3 of 7");
  progress_step(&progress, 4);
  wait_for("\r\033[Kration: counting sheep: 4 of 7");
  progress_step(&progress, 8);
  wait_for("\r\033[Kration: counting sheep ...");
  progress_step_of(&progress, 8, 900);
  wait_for("\r\033[Kration: counting sheep: 8 of 900");
  progress_end(&progress);
  cr_assert_eq(write(STDERR_FILENO, "next", 4), 4);
  wait_for("\r\033[Knext");
}

/* Of a thousand short ones the long one around them. */
Test(progress, of_one_within_another_the_outer_one_is_shown, .init = set_up, .fini = tear_down) {
  struct progress outer, inner;
  progress_begin(&outer, "counting flocks", 9);
  progress_begin(&inner, "counting sheep", 7);
  cr_expect_not(inner.is_on);
  progress_step(&inner, 3);
  progress_step(&outer, 1);
  wait_for("\r\033[Kration: counting flocks: 1 of 9");
  progress_end(&inner);
  progress_step(&outer, 2);
  wait_for("\r\033[Kration: counting flocks: 2 of 9");
  progress_end(&outer);
  progress_begin(&inner, "counting sheep", 7);
  cr_expect(inner.is_on);
  progress_end(&inner);
}

/* What would be there stands before the mark. */
static void shows_nothing(void) {
  char seen[64] = "";
  cr_assert_eq(write(STDERR_FILENO, "mark", 4), 4);
  cr_assert_eq(read(terminal, seen, sizeof seen - 1), 4);
  cr_assert_str_eq(seen, "mark");
}

Test(progress, leaves_what_is_over_soon_alone, .init = set_up, .fini = tear_down) {
  struct progress progress;
  progress_begin(&progress, "counting sheep", 7);
  progress_step(&progress, 7);
  progress_end(&progress);
  shows_nothing();
}

Test(progress, draws_nothing_on_a_dumb_terminal, .init = set_up, .fini = tear_down) {
  struct progress progress;
  setenv("TERM", "dumb", 1);
  progress_begin(&progress, "counting sheep", 0);
  cr_assert_not(progress.is_on);
  progress_end(&progress);
  shows_nothing();
}

Test(progress, draws_nothing_into_a_file) {
  struct progress progress;
  int ends[2];
  cr_assert_eq(pipe(ends), 0);
  setenv("TERM", "xterm", 1);
  have_stderr_be(ends[1]);
  progress_begin(&progress, "counting sheep", 0);
  cr_expect_not(progress.is_on);
  progress_end(&progress);
  terminal = ends[0];
  tear_down();
}
