/*
 * Tests of launch/preload.c: what the loader is asked to load.
 */
#include "launch/preload.h"

#include <criterion/criterion.h>
#include <stdlib.h>

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
