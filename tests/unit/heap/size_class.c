/*
 * size_class.c: tests of src/heap/page/size_class.h.
 */
#include "heap/page/size_class.h"

#include <criterion/criterion.h>

Test(size_class, each_size_gets_the_least_class_that_holds_it) {
  for (size_t bytes = 0; bytes <= SIZE_CLASSED_MOST; bytes++) {
    uint32_t class = size_class_of(bytes);
    cr_assert(class >= 1 && class < SIZE_CLASSES, "%zu: %u", bytes, class);
    cr_assert_geq(size_class_bytes(class), bytes);
    cr_assert(class == 1 || size_class_bytes(class - 1) < bytes, "%zu fits into the one below %u", bytes,
              class);
  }
  cr_expect_eq(size_class_of(SIZE_CLASSED_MOST), SIZE_CLASSES - 1);
}

Test(size_class, classes_are_multiples_of_16_and_lose_less_than_a_fifth) {
  for (uint32_t class = 1; class < SIZE_CLASSES; class ++) {
    uint32_t bytes = size_class_bytes(class), below = class > 1 ? size_class_bytes(class - 1) : 0;
    cr_expect_eq(bytes % 16, 0);
    cr_expect(bytes - below == 16 || (bytes - below) * 5 <= bytes, "%u after %u", bytes, below);
  }
}

Test(size_class, powers_of_two_are_classes) {
  for (size_t bytes = 16; bytes <= SIZE_CLASSED_MOST; bytes *= 2)
    cr_expect_eq(size_class_bytes(size_class_of(bytes)), bytes);
}

Test(size_class, aligned_blocks_get_a_class_of_multiples) {
  for (size_t alignment = 1; alignment <= SIZE_CLASSED_MOST; alignment *= 2)
    for (size_t bytes = 0; bytes <= SIZE_CLASSED_MOST; bytes += 1 + bytes / 50) {
      uint32_t class = size_class_of_aligned(bytes, alignment);
      cr_assert(class >= 1 && class < SIZE_CLASSES, "%zu by %zu: %u", bytes, alignment, class);
      cr_assert_geq(size_class_bytes(class), bytes);
      cr_assert_eq(size_class_bytes(class) % alignment, 0);
    }
}
