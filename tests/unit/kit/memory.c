/*
 * memory.c: tests of ration/kit/memory.h and system.h: what every kind of memory may rely on, and the heap as one.
 */
#include <ration/kit/memory.h>
#include <ration/kit/system.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static void expect_null(void *block, int error) {
  cr_expect_null(block);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

Test(kit_memory, gives_what_is_asked_for) {
  for (size_t alignment = 1; alignment <= 1 << 16; alignment *= 2) {
    unsigned char *block = ration_memory_allocate(NULL, 100, alignment);
    cr_assert_not_null(block);
    cr_expect_eq((uintptr_t)block % alignment, 0);
    memset(block, 7, 100);
    unsigned char *grown = ration_memory_reallocate(NULL, block, 100, 100000, alignment);
    cr_assert_not_null(grown);
    cr_expect_eq((uintptr_t)grown % alignment, 0);
    for (int i = 0; i < 100; i++) cr_expect_eq(grown[i], 7);
    cr_expect_eq(ration_memory_release(NULL, grown, 100000, alignment), 0);
  }
}

Test(kit_memory, small_blocks_are_aligned_too) {
  for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
    for (size_t size = 1; size <= 64; size++) {
      unsigned char *block = ration_memory_allocate(NULL, size, alignment);
      cr_assert_not_null(block);
      cr_expect_eq((uintptr_t)block % alignment, 0);
      block[0] = 7;
      size_t other = size * 7 % 65 + 1;
      block = ration_memory_reallocate(NULL, block, size, other, alignment);
      cr_assert_not_null(block);
      cr_expect_eq((uintptr_t)block % alignment, 0);
      cr_expect_eq(block[0], 7);
      cr_expect_eq(ration_memory_release(NULL, block, other, alignment), 0);
    }
  }
}

Test(kit_memory, refuses_wrong_sizes_and_alignments) {
  static const size_t wrong[] = {0, 3, 6, 24, (size_t)1 << 31, SIZE_MAX};
  char *block = ration_memory_allocate(NULL, 8, 8);
  cr_assert_not_null(block);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    expect_null(ration_memory_allocate(NULL, 8, wrong[i]), EINVAL);
    expect_null(ration_memory_reallocate(NULL, block, 8, 16, wrong[i]), EINVAL);
    cr_expect_eq(ration_memory_release(NULL, block, 8, wrong[i]), -EINVAL);
  }
  expect_null(ration_memory_allocate(NULL, 0, 8), EINVAL);
  expect_null(ration_memory_allocate(NULL, (size_t)PTRDIFF_MAX + 1, 8), EOVERFLOW);
  expect_null(ration_memory_allocate_array(NULL, SIZE_MAX / 4, 8, 8), EOVERFLOW);
  expect_null(ration_memory_allocate_array(NULL, 0, 8, 8), EINVAL);
  expect_null(ration_memory_reallocate(NULL, block, 8, 0, 8), EINVAL);
  expect_null(ration_memory_reallocate(NULL, NULL, 8, 16, 8), EINVAL);
  expect_null(ration_memory_reallocate(NULL, block, 8, SIZE_MAX, 8), EOVERFLOW);
  cr_expect_eq(ration_memory_release(NULL, NULL, 8, 8), 0);
  cr_expect_eq(ration_memory_release(NULL, block, 8, 8), 0);
}

/* A kind that has no reallocate: one block of its own, and a count of what it was told. */
struct single {
  struct ration_memory memory;
  char bytes[2][64];
  int allocated, released, refuses;
};

static void *single_allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  struct single *single = (struct single *)(void *)memory;
  (void)alignment;
  if (single->allocated == 2 || size > sizeof single->bytes[0]) {
    errno = ENOSPC;
    return NULL;
  }
  return single->bytes[single->allocated++];
}

static int single_release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  struct single *single = (struct single *)(void *)memory;
  (void)block, (void)size, (void)alignment;
  single->released++;
  return single->refuses ? -EFAULT : 0;
}

static const struct ration_memory_type single_type = {
    .name = "single", .allocate = single_allocate, .release = single_release};

Test(kit_memory, moves_for_a_kind_that_cannot_reallocate) {
  struct single single = {.memory = {&single_type}};
  char *block = ration_memory_allocate(&single.memory, 8, 1);
  memcpy(block, "abcdefg", 8);
  expect_null(ration_memory_reallocate(&single.memory, block, 8, 65, 1), ENOSPC);
  cr_expect_eq(single.released, 0);
  char *moved = ration_memory_reallocate(&single.memory, block, 8, 16, 1);
  cr_expect_eq(moved, single.bytes[1]);
  cr_expect_str_eq(moved, "abcdefg");
  cr_expect_eq(single.released, 1);
}

Test(kit_memory, a_foreign_block_is_not_moved) {
  struct single single = {.memory = {&single_type}, .refuses = 1};
  char foreign[8] = "foreign";
  expect_null(ration_memory_reallocate(&single.memory, foreign, 8, 16, 1), EFAULT);
  cr_expect_eq(single.allocated, 1);
  cr_expect_eq(single.released, 2, "the new block was given back");
}

Test(kit_system, is_the_heap_with_and_without_a_category) {
  struct ration_system heap;
  cr_expect_eq(ration_system_init(NULL, "kit"), -EINVAL);
  const char *const categories[] = {NULL, "kit/test"};
  for (int i = 0; i < 2; i++) {
    cr_assert_eq(ration_system_init(&heap, categories[i]), 0);
    cr_expect_str_eq(heap.memory.type->name, "system");
    char *block = ration_memory_allocate(&heap.memory, 24, 8);
    cr_assert_not_null(block);
    block = ration_memory_reallocate(&heap.memory, block, 24, 48, 8);
    cr_assert_not_null(block);
    cr_expect_eq(ration_memory_release(&heap.memory, block, 48, 8), 0);
  }
}
