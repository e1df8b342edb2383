/*
 * whole.c: tests of src/base/whole.h.
 */
#include "base/whole.h"

#include <criterion/criterion.h>
#include <math.h>

Test(whole, is_the_nearest) {
  cr_expect_eq(whole_of(0), 0);
  cr_expect_eq(whole_of(0.49), 0);
  cr_expect_eq(whole_of(0.5), 1);
  cr_expect_eq(whole_of(1234567.4), 1234567);
  cr_expect_eq(whole_of(0x1p63), UINT64_C(1) << 63);
  cr_expect_eq(whole_signed_of(-2.4), -2);
  cr_expect_eq(whole_signed_of(-2.6), -3);
  cr_expect_eq(whole_signed_of(2.6), 3);
}

Test(whole, what_has_no_room_is_the_nearest_that_has) {
  const double large[] = {0x1p64, 3.03775e19, 1e300, INFINITY};
  cr_expect_eq(whole_of(-1), 0);
  cr_expect_eq(whole_of(-INFINITY), 0);
  cr_expect_eq(whole_of(NAN), 0);
  cr_expect_eq(whole_signed_of(NAN), 0);
  cr_expect_leq(whole_of(nextafter(0x1p64, 0)), UINT64_MAX);
  for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
    cr_expect_eq(whole_of(large[i]), UINT64_MAX, "%g", large[i]);
    cr_expect_eq(whole_signed_of(large[i]), INT64_MAX, "%g", large[i]);
    cr_expect_eq(whole_signed_of(-large[i]), -INT64_MAX, "%g", large[i]);
  }
}
