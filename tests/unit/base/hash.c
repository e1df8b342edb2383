/*
 * hash.c: tests of src/base/hash.h.
 */
#include "base/hash.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

/* Names that were cut carry a hash, and segments of other builds are compared by it: it must not change. */
Test(hash, stays_what_it_was) {
  cr_expect_eq(hash_word(0), 0);
  cr_expect_eq(hash_word(1), UINT64_C(0x5692161d100b05e5));
  cr_expect_eq(hash_bytes("", 0), hash_word(UINT64_C(0xcbf29ce484222325)));
  cr_expect_eq(hash_bytes("a", 1), hash_word(UINT64_C(0xaf63dc4c8601ec8c)), "FNV-1a's own test vector");
  cr_expect_eq(hash_bytes("foobar", 6), hash_word(UINT64_C(0x85944171f73967e8)));
}

Test(hash, counts_bytes_and_not_to_a_nul) {
  cr_expect_neq(hash_bytes("a\0b", 3), hash_bytes("a\0c", 3));
  cr_expect_neq(hash_bytes("a", 1), hash_bytes("a\0", 2));
}

static int compare(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? -1 : left > right;
}

Test(hash, tells_similar_names_apart) {
  static uint64_t hashes[100000];
  size_t count = sizeof hashes / sizeof *hashes;
  for (size_t i = 0; i < count; i++) {
    char name[32];
    int bytes = snprintf(name, sizeof name, "lib/lib%zu.so", i);
    hashes[i] = hash_bytes(name, (size_t)bytes);
  }
  qsort(hashes, count, sizeof *hashes, compare);
  for (size_t i = 1; i < count; i++) cr_assert_neq(hashes[i - 1], hashes[i]);
}
