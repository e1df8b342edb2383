/*
 * few_addresses.c: tests of the page heap (src/heap/page/) where the address space is taken up by others, and none, or not
 * enough of it, is to be had for a region.
 * machine: x86_64
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "heap/page/page_heap.h"

#define MIB ((size_t)1 << 20)

static void *reserve(size_t bytes) {
  void *address = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return address == MAP_FAILED ? NULL : address;
}

/* Yields the last piece, of at least so many bytes. */
static char *take_all_addresses(size_t least) {
  void *last = NULL;
  for (size_t bytes = (size_t)1 << 46; bytes >= least; bytes /= 2)
    for (void *taken; (taken = reserve(bytes));) last = taken;
  return last;
}

Test(few_addresses, steps_aside_where_there_are_no_addresses) {
  take_all_addresses(REGION_BYTES_LEAST / 2);
  cr_expect_eq(page_heap_prepare(REGION_BYTES_MOST, 0), -ENOMEM);
  cr_expect_null(region.start);
  cr_expect_null(page_heap_find(&(char){0}));
}

/* Room for a region, and none for its alignment. */
Test(few_addresses, steps_aside_where_no_alignment_is_to_be_had) {
  char *last = take_all_addresses(2 * REGION_BYTES_LEAST);
  cr_assert_not_null(last);
  take_all_addresses(REGION_ALIGNMENT / 4);
  if ((uintptr_t)last % REGION_ALIGNMENT == 0) last += REGION_ALIGNMENT / 2;
  cr_assert_eq(munmap(last, REGION_BYTES_LEAST), 0);
  cr_expect_eq(page_heap_prepare(REGION_BYTES_MOST, 0), -ENOMEM);
  cr_expect_null(region.start);
}

Test(few_addresses, makes_do_with_few_addresses) {
  char *last = take_all_addresses(2 * REGION_BYTES_LEAST);
  cr_assert_not_null(last);
  take_all_addresses(REGION_ALIGNMENT / 4);
  cr_assert_eq(munmap(last, 2 * REGION_BYTES_LEAST), 0);
  cr_assert_eq(page_heap_prepare(REGION_BYTES_MOST, 0), 0);
  struct stock *stock = stock_begin();
  cr_expect_eq(region.bytes, REGION_BYTES_LEAST);
  cr_expect_null(page_heap_take(stock, 7, REGION_BYTES_LEAST, 0, 0));
  void *block = page_heap_take(stock, 7, 100 * MIB, 0, 0);
  cr_assert_not_null(block);
  memset(block, 1, 100 * MIB);
  cr_expect(page_heap_is_valid());
}
