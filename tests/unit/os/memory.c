/*
 * memory.c: tests of src/os/memory.h, as far as others do not see it.
 */
#include "os/memory.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define PAGES 8

static char *from, *to;
static size_t page;

static void set_up(void) {
  page = memory_page_bytes();
  from = memory_map(PAGES * page);
  to = memory_map(PAGES * page);
  cr_assert(from && to);
  memset(from, 5, PAGES * page);
  memset(to, 6, PAGES * page);
}

static void expect_all(const char *bytes, char expected) {
  for (size_t i = 0; i < PAGES * page; i += page / 2)
    cr_expect_eq(bytes[i], expected, "%d at %zu", bytes[i], i);
}

Test(memory, contents_move_and_their_place_stays, .init = set_up) {
  int result = memory_move_contents(from, PAGES * page, to);
  cr_assert(result == 0 || result == -EINVAL, "%d", result);
  if (result != 0) return; /* before Linux 5.7 */
  expect_all(to, 5);
  expect_all(from, 0);
  memset(from, 7, PAGES * page);
  expect_all(to, 5);
}

/* What is not mapped cannot be moved; the place was unmapped, perhaps, by then. */
Test(memory, where_contents_cannot_move_the_place_can_be_written, .init = set_up) {
  munmap(from, PAGES * page);
  cr_assert_eq(memory_move_contents(from, PAGES * page, to), -EINVAL);
  memset(to, 8, PAGES * page);
  expect_all(to, 8);
}

Test(memory, what_is_emptied_is_zero, .init = set_up) {
  cr_assert_eq(memory_empty(from, PAGES * page), 0);
  expect_all(from, 0);
}

Test(memory, what_is_reserved_can_be_opened) {
  page = memory_page_bytes();
  char *closed = memory_reserve_closed(PAGES * page);
  cr_assert_not_null(closed);
  cr_assert_eq(memory_open(closed + page, page), 0);
  closed[page] = 1;
  memory_unmap(closed, PAGES * page);
}
