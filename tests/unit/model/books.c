/*
 * books.c: tests of src/model/books.c.
 */
#include "model/books.h"

#include <criterion/criterion.h>

#include "model/fresh_segment.h"
#include "model/tally.h"

static void allocate(struct segment *segment, uint32_t slab, uint32_t id, uint64_t bytes) {
  struct ration_segment_tally *tally = segment_tally(segment, slab, id);
  cr_assert_eq(plain_take(segment, id, tally, bytes), 0);
  tally_count_allocation(tally, bytes, bytes - 1);
}

Test(books, of_an_empty_category_are_empty) {
  struct segment segment = fresh_segment(1);
  struct books books = books_sum(&segment, RATION_CATEGORY_TOTAL), empty = {0};
  cr_assert_eq(memcmp(&books, &empty, sizeof books), 0);
}

Test(books, add_up_over_slabs) {
  struct segment segment = fresh_segment(4);
  fresh_segment_use_slabs(&segment, 4);
  uint32_t id = fresh_segment_add(&segment, "a");
  struct tally_shared_change change = {.bytes = 100,
                                       .allocations = 4,
                                       .frees = 3,
                                       .reallocations = 2,
                                       .allocated_bytes = 400,
                                       .requested_bytes = 390};
  allocate(&segment, 1, id, 10);
  allocate(&segment, 3, id, 20);
  cr_assert_eq(plain_shared(&segment, id, change), 0);
  struct books books = books_sum(&segment, id);
  cr_expect_eq(books.live_bytes, 130);
  cr_expect_eq(books.live_blocks, 3);
  cr_expect_eq(books.allocations, 6);
  cr_expect_eq(books.frees, 3);
  cr_expect_eq(books.reallocations, 2);
  cr_expect_eq(books.allocated_bytes, 430);
  cr_expect_eq(books.requested_bytes, 9 + 19 + 390);
  cr_expect_eq(books.credit, 2 * 4096);
}

Test(books, of_slabs_that_are_not_used_do_not_count) {
  struct segment segment = fresh_segment(4);
  fresh_segment_use_slabs(&segment, 2);
  allocate(&segment, 3, RATION_CATEGORY_OTHER, 20);
  cr_assert_eq(books_sum(&segment, RATION_CATEGORY_OTHER).allocations, 0);
}

Test(books, of_a_subtree_hold_those_below_and_no_others) {
  struct segment segment = fresh_segment(2);
  fresh_segment_use_slabs(&segment, 2);
  uint32_t leaf = fresh_segment_add(&segment, "a/b/c"), aside = fresh_segment_add(&segment, "ab");
  uint32_t top = fresh_segment_add(&segment, "a");
  allocate(&segment, 1, leaf, 100);
  allocate(&segment, 1, aside, 1000);
  allocate(&segment, 1, top, 10);
  cr_expect_eq(books_sum_subtree(&segment, leaf).live_bytes, 100);
  cr_expect_eq(books_sum_subtree(&segment, top).live_bytes, 110);
  cr_expect_eq(books_sum_subtree(&segment, top).live_blocks, 2);
  cr_expect_eq(books_sum_subtree(&segment, RATION_CATEGORY_TOTAL).live_bytes, 1110);
  cr_expect_eq(books_sum_subtree(&segment, RATION_CATEGORY_TOTAL).allocated_bytes, 1110);
  cr_expect_eq(books_sum_subtree(&segment, RATION_CATEGORY_TOTAL).requested_bytes, 1107);
  cr_expect_eq(books_sum(&segment, RATION_CATEGORY_TOTAL).live_bytes, 0);
}

/* A reader may come between a store of credit and one of the charge. */
Test(books, never_go_below_nothing) {
  struct segment segment = fresh_segment(2);
  fresh_segment_use_slabs(&segment, 2);
  segment_tally(&segment, 1, RATION_CATEGORY_OTHER)->credit = 4096;
  cr_assert_eq(books_sum(&segment, RATION_CATEGORY_OTHER).live_bytes, 0);
}
