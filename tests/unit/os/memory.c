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
