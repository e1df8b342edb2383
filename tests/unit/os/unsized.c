/*
 * unsized.c: tests of src/os/unsized.c, against the plain way: for each symbol a look at all the others.
 */
#include "os/unsized.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/random.h"

enum { MOST = 3000, SECTION = 1000 };

static struct random drawn = {.seed = 11};
static uintptr_t starts[MOST]; /* the first of them have no size */

/* The next start after `start`, at most the end of its section. */
static uintptr_t next_after(uintptr_t start, size_t count) {
  uintptr_t end = start - start % SECTION + SECTION;
  for (size_t i = 0; i < count; i++)
    if (starts[i] > start && starts[i] < end) end = starts[i];
  return end;
}

static void compare(size_t unsized_count, size_t count, uint64_t below) {
  struct unsized unsized = {0};
  for (size_t i = 0; i < count; i++) starts[i] = random_below(&drawn, below);
  for (size_t i = 0; i < unsized_count; i++)
    cr_assert_eq(unsized_add(&unsized, starts[i], starts[i] - starts[i] % SECTION + SECTION, (uint32_t)i), 0);
  unsized_sort(&unsized);
  for (size_t i = 0; i < count; i++) unsized_meet(&unsized, starts[i]);
  unsized_settle(&unsized);
  cr_assert_eq(unsized.count, unsized_count);
  for (size_t i = 0; i < unsized_count; i++) {
    const struct unsized_symbol *symbol = &unsized.symbols[i];
    cr_assert_eq(symbol->start, starts[symbol->name]);
    cr_assert_eq(symbol->end, next_after(symbol->start, count));
  }
  unsized_free(&unsized);
  cr_assert_eq(unsized.count, 0);
}

Test(unsized, end_where_the_next_starts) {
  compare(0, 10, 100);
  compare(1, 1, 100);
  for (int round = 0; round < 300; round++) {
    size_t count = 1 + random_below(&drawn, 60);
    compare(1 + random_below(&drawn, count), count, 1 + random_below(&drawn, 5000));
  }
}

/* More than fit in the pages that it starts with, many of them at one address. */
Test(unsized, may_be_many) {
  compare(2500, MOST, 2000);
  compare(MOST, MOST, 1000000);
}
