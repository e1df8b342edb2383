/*
 * resize.c: tests of src/track/resize.c.
 */
#include "track/resize.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "track/scope.h"
#include "track/tracked.h"

static uint64_t live(uint32_t id) {
  return books_sum(&segment, id).live_bytes;
}

Test(resize, counts_one_free_and_one_allocation) {
  tracked_start();
  uint32_t own = tracked_own();
  void *block = tracked_malloc(100);
  struct books before = books_sum(&segment, own);
  static const size_t sizes[] = {1000, 100000, 50, 3000000, 50};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    block = tracked_realloc(block, sizes[i]);
    cr_assert_eq(live(own), heap_usable(block), "%zu", sizes[i]);
  }
  struct books after = books_sum(&segment, own);
  cr_expect_eq(after.reallocations - before.reallocations, 5);
  cr_expect_eq(after.allocations - before.allocations, 5);
  cr_expect_eq(after.frees - before.frees, 5);
  cr_expect_eq(after.requested_bytes - before.requested_bytes, 1000 + 100000 + 50 + 3000000 + 50);
  cr_expect_eq(after.live_blocks, 1);
  tracked_free(block);
  cr_assert_eq(live(own), 0);
}

Test(resize, keeps_the_category_whatever_scope_is_open) {
  tracked_start();
  uint32_t first = tracked_category("first"), second = tracked_category("second");
  scope_open(first, FRAME);
  void *block = tracked_malloc(100);
  scope_open(second, FRAME);
  block = tracked_realloc(block, 500000);
  scope_close(FRAME);
  scope_close(FRAME);
  cr_assert_eq(live(first), heap_usable(block));
  cr_assert_eq(live(second), 0);
  tracked_free(block);
}

Test(resize, of_nothing_is_an_allocation) {
  tracked_start();
  uint32_t own = tracked_own();
  struct books before = books_sum(&segment, own);
  void *block = tracked_realloc(NULL, 100);
  struct books after = books_sum(&segment, own);
  cr_expect_eq(after.allocations - before.allocations, 1);
  cr_expect_eq(after.reallocations - before.reallocations, 0);
  tracked_free(block);
}

Test(resize, to_nothing_frees_where_the_allocator_says_so) {
  tracked_start();
  uint32_t own = tracked_own();
  void *block = tracked_malloc(100);
  errno = 77;
  void *left = tracked_realloc(block, 0);
  cr_expect_eq(errno, 77);
  cr_expect_eq(books_sum(&segment, own).live_blocks, left ? 1 : 0);
  cr_expect_eq(live(own), left ? heap_usable(left) : 0);
  tracked_free(left);
}

Test(resize, that_fails_changes_nothing) {
  tracked_start();
  if (!next.is_libc) return; /* a sanitizer's own would end the process */
  uint32_t own = tracked_own();
  char *block = tracked_malloc(100);
  memcpy(block, "kept", 5);
  struct books before = books_sum(&segment, own);
  cr_assert_null(tracked_realloc(block, (size_t)1 << 60));
  cr_expect_eq(errno, ENOMEM);
  struct books after = books_sum(&segment, own);
  cr_expect_eq(memcmp(&before, &after, sizeof before), 0);
  cr_expect_str_eq(block, "kept");
  tracked_free(block);
  cr_assert_eq(live(own), 0, "it still had its category");
}

/* A peak never has both sizes in it: memory that is moved is held once, as far as the program is concerned.
 */
Test(resize, raises_a_peak_by_the_difference_alone) {
  tracked_start();
  uint32_t id = tracked_category("peak");
  scope_open(id, FRAME);
  void *block = tracked_malloc(10 << 20);
  for (int i = 1; i <= 5; i++) block = tracked_realloc(block, (10u << 20) + 4096u * (unsigned)i);
  scope_close(FRAME);
  uint64_t peak = segment_category(&segment, id)->own_peak;
  cr_assert_geq(RATION_CHARGE_BYTES(peak), heap_usable(block));
  cr_assert_leq(RATION_CHARGE_BYTES(peak), heap_usable(block) + RATION_CHARGE_ALLOWANCE(peak));
  tracked_free(block);
}
