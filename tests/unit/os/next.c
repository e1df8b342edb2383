/*
 * next.c: tests of src/os/next.c. The tests are not preloaded, so the next allocator is the one that serves
 * them: libc's, or a sanitizer's.
 */
#include "os/next.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(next, is_found_once) {
  cr_assert_not(next_is_resolved());
  cr_assert_eq(next_resolve(), 0);
  cr_assert(next_is_resolved());
  cr_assert_eq(next_resolve(), -EALREADY);
  cr_assert_not_null(next.library);
}

Test(next, is_known_as_libcs_own) {
  cr_assert_eq(next_resolve(), 0);
  int is_libc = strcmp(next.library, "libc.so.6") == 0;
  cr_assert_eq(next.is_libc, is_libc, "%s", next.library);
  cr_assert(!is_libc || !next.reallocarray, "libc's own calls realloc by name");
}

Test(next, sizes_are_those_of_malloc_usable_size) {
  cr_assert_eq(next_resolve(), 0);
  void *first = next.malloc(100);
  cr_assert_eq(next_measure(first, 100), 0);
  cr_assert_eq(next.has_chunk_sizes, next.is_libc);
  next.free(first);
  static const size_t sizes[] = {0, 1, 8, 23, 24, 25, 40, 41, 1000, 1 << 16, 1 << 20, 3 << 20, 100 << 20};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    void *block = next.malloc(sizes[i]);
    cr_assert_not_null(block);
    cr_expect_geq(next.usable(block), sizes[i]);
    if (next.has_chunk_sizes) cr_expect_eq(next_chunk_usable(block), next.usable(block), "%zu", sizes[i]);
    next.free(block);
  }
}

Test(next, finds_what_is_there) {
  cr_assert_not_null(next_find("strlen"));
  cr_assert_null(next_find("no_such_function"));
  cr_assert_null(next_find_in_runtime("no_such_function"));
  next_forget_error();
  cr_assert_not_null(next_first("malloc"));
}
