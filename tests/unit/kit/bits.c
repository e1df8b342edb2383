/*
 * bits.c: tests of kit/bits.h, against a plain array.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "kit/bits.h"

#define COUNT_MOST 300000

static uint8_t is_in[COUNT_MOST];
static uint64_t words[COUNT_MOST / 64 + COUNT_MOST / 4096 + 16];
static struct bits bits;

/* The lowest member from `from` on, where none is below. */
static size_t lowest(size_t from, size_t count) {
  const uint8_t *found = memchr(is_in + from, 1, count - from);
  return found ? (size_t)(found - is_in) : BITS_NONE;
}

static void change(size_t number) {
  if (is_in[number])
    bits_remove(&bits, number);
  else
    bits_add(&bits, number);
  is_in[number] = !is_in[number];
}

static void test_of(size_t count) {
  struct random random = {.seed = count};
  memset(is_in, 0, sizeof is_in);
  cr_assert_leq(bits_words(count), sizeof words / sizeof *words);
  words[bits_words(count)] = 0x5555;
  bits_place(&bits, words, count);
  bits_set_all(&bits, 0);
  cr_expect_eq(bits_first(&bits), BITS_NONE);
  for (int i = 0; i < 2000; i++) {
    size_t number = random_below(&random, i % 2 ? count : count < 130 ? count : 130);
    change(i % 5 ? number : count - 1 - number);
    size_t first = lowest(0, count);
    cr_assert_eq(bits_first(&bits), first);
    cr_assert_eq(bits_first_word(&bits), first == BITS_NONE ? first : first / 64);
    cr_assert_eq(bits_has(&bits, number), is_in[number]);
  }
  bits_set_all(&bits, 1);
  memset(is_in, 1, count);
  for (size_t number = 0; number < count; number++) {
    cr_assert_eq(bits_first(&bits), number, "%zu of %zu", number, count);
    bits_remove(&bits, number);
  }
  cr_expect_eq(bits_first(&bits), BITS_NONE, "%zu: nothing is set from the count on", count);
  cr_expect_eq(words[bits_words(count)], 0x5555);
}

Test(kit_bits, of_each_depth_against_an_array) {
  static const size_t counts[] = {1, 2, 63, 64, 65, 4095, 4096, 4097, 262143, 262144, 262145, COUNT_MOST};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) test_of(counts[i]);
}
