/*
 * Tests of launch/settings.c and preload.c: what a user may give, and what the program then gets.
 */
#include "launch/settings.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "launch/preload.h"

static struct fault fault;

Test(settings_check, takes_what_there_is) {
  static const char *const texts[] = {"",
                                      "keep=0",
                                      "keep=1,verbose=0,verbose=1",
                                      "follow=all,follow=exec,follow=none",
                                      "only=sqlite3",
                                      "only=a*|b?|[c-e]",
                                      "not=a\\,b|c\\|d|\\\\",
                                      ",keep=1,,",
                                      "only=a=b"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    cr_assert_eq(settings_check(texts[i], &fault), 0, "%s: %s", texts[i], fault.words);
  }
}

Test(settings_check, refuses_the_rest_by_name) {
  static const char *const cases[][2] = {
      {"keep", "`keep` is no setting; expected NAME=VALUE"},
      {"keep=", "`keep=`: expected one of 0, 1"},
      {"keep=2", "`keep=2`: expected one of 0, 1"},
      {"keep=01", "`keep=01`: expected one of 0, 1"},
      {"verbose=1,follow=some", "`follow=some`: expected one of all, exec, none"},
      {"only=", "`only=`: expected globs parted by |"},
      {"not=a||b", "`not=a||b`: expected globs parted by |"},
      {"not=a|", "`not=a|`: expected globs parted by |"},
      {"Keep=1", "`Keep=1` is no option; there are keep, verbose, follow, only, not"},
      {"=1", "`=1` is no option; there are keep, verbose, follow, only, not"},
      {"only=a,b", "`b` is no setting; expected NAME=VALUE"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_assert_eq(settings_check(cases[i][0], &fault), -EINVAL, "%s", cases[i][0]);
    cr_assert_str_eq(fault.words, cases[i][1]);
  }
}

static void check_join(const char *old, const char *expected) {
  char *joined = preload_join("/lib/libration.so", old);
  cr_assert_str_eq(joined, expected);
  free(joined);
}

Test(preload, comes_first) {
  check_join(NULL, "/lib/libration.so");
  check_join("", "/lib/libration.so");
  check_join("libx.so liby.so", "/lib/libration.so:libx.so liby.so");
}

Test(preload, settings_are_appended) {
  char *joined = preload_join_settings("keep=1", "verbose=1");
  cr_assert_str_eq(joined, "keep=1,verbose=1");
  free(joined);
  joined = preload_join_settings(NULL, "verbose=1");
  cr_assert_str_eq(joined, "verbose=1");
  free(joined);
}
