/*
 * Tests of reader/charges.h.
 */
#include "reader/charges.h"

#include <criterion/criterion.h>

#define ROWS 4

static struct ration_segment_category before[ROWS], after[ROWS];

Test(charges, a_row_has_moved_once_however_much_of_it_has) {
  cr_expect_eq(charges_moved(before, after, ROWS), 0);
  after[0].own_charged = 1;
  cr_expect_eq(charges_moved(before, after, ROWS), 1);
  after[1].subtree_charged = 1;
  after[2].set_aside = 1;
  cr_expect_eq(charges_moved(before, after, ROWS), 3);
  after[0].subtree_charged = after[0].set_aside = 1;
  cr_expect_eq(charges_moved(before, after, ROWS), 3);
  cr_expect_eq(charges_moved(before, after, 2), 2);
  before[0] = after[0];
  cr_expect_eq(charges_moved(before, after, 2), 1);
}

/* Who reads credit wants to know of charges alone. */
Test(charges, a_peak_is_none) {
  after[3].own_peak = after[3].subtree_peak = 1;
  cr_expect_eq(charges_moved(before, after, ROWS), 0);
}
