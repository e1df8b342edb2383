/*
 * Tests of view/terminal.c: which devices are looked at, and that nothing comes of it.
 */
#include "view/terminal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int terminal;
static char path[64];

static void set_up(void) {
  setenv("TERM", "xterm", 1);
  unsetenv("NO_COLOR");
  terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  cr_assert_geq(terminal, 0);
  cr_assert_eq(grantpt(terminal), 0);
  cr_assert_eq(unlockpt(terminal), 0);
  cr_assert_eq(ptsname_r(terminal, path, sizeof path), 0);
}

static void tear_down(void) {
  close(terminal);
}

Test(terminal, by_its_path_is_as_it_is_open, .init = set_up, .fini = tear_down) {
  cr_expect(terminal_at_takes_colour(path));
  setenv("NO_COLOR", "1", 1);
  cr_expect_not(terminal_at_takes_colour(path));
  setenv("NO_COLOR", "", 1);
  cr_expect(terminal_at_takes_colour(path));
  setenv("TERM", "dumb", 1);
  cr_expect_not(terminal_at_takes_colour(path));
}

/* /dev/ptmx is one, too, once it has been opened: and then there is one more of them. */
Test(terminal, of_other_devices_are_not_opened, .init = set_up, .fini = tear_down) {
  const char *const others[] = {"/dev/ptmx", "/dev/null", "/dev/full", "/", "/nowhere"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    cr_expect_not(terminal_at_takes_colour(others[i]), "%s", others[i]);
}
