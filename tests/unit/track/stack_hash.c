/*
 * stack_hash.c: sites that differ in little have other hashes: also where one differs by as much in its innermost
 * address as another does in its category.
 */
#include "track/stack_hash.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define ADDRESSES  256
#define CATEGORIES 256

static int in_order(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? -1 : left > right;
}

Test(stack_hash, addresses_and_categories_are_not_the_same_thing) {
  static uint64_t hashes[ADDRESSES * CATEGORIES];
  size_t count = 0;
  uint64_t outer = stack_hash_with(stack_hash_with(0, 0x401234), 0x405678);
  for (uintptr_t address = 0; address < ADDRESSES; address++)
    for (uint64_t category = 0; category < CATEGORIES; category++)
      hashes[count++] = stack_hash_of_site(stack_hash_with(outer, 0x7f0000401000 + address), category);
  qsort(hashes, count, sizeof *hashes, in_order);
  for (size_t i = 1; i < count; i++) cr_assert_neq(hashes[i - 1], hashes[i]);
}

Test(stack_hash, the_order_of_frames_matters) {
  uint64_t one = stack_hash_with(stack_hash_with(0, 1000), 2000);
  cr_expect_neq(one, stack_hash_with(stack_hash_with(0, 2000), 1000));
  cr_expect_neq(stack_hash_with(0, 1000), stack_hash_with(stack_hash_with(0, 1000), 1000));
}
