/*
 * text.c: tests of src/base/text.h.
 */
#include "base/text.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"

Test(text, is_cut_where_it_does_not_fit) {
  char bytes[8];
  struct text text = text_in(bytes, sizeof bytes);
  cr_assert_str_empty(bytes);
  text_add(&text, "1234");
  text_add(&text, "567");
  cr_assert_str_eq(bytes, "1234567");
  cr_assert_not(text.is_cut);
  text_add(&text, "");
  cr_assert_not(text.is_cut);
  text_add(&text, "8");
  cr_assert_str_eq(bytes, "1234567");
  cr_assert(text.is_cut);
  cr_assert_eq(text.used, 7);
}

Test(text, holds_nothing_in_one_byte) {
  char bytes[2] = "x";
  struct text text = text_in(bytes, 1);
  text_add(&text, "a");
  cr_assert_eq(bytes[0], '\0');
  cr_assert_eq(bytes[1], '\0');
  cr_assert(text.is_cut);
}

Test(text, writes_numbers) {
  static const struct {
    uint64_t number;
    unsigned base, digits;
    const char *expected;
  } cases[] = {
      {0, 10, 1, "0"},
      {9, 10, 1, "9"},
      {10, 10, 1, "10"},
      {255, 16, 1, "ff"},
      {10, 16, 8, "0000000a"},
      {UINT64_MAX, 10, 1, "18446744073709551615"},
      {UINT64_MAX, 16, 1, "ffffffffffffffff"},
      {5, 2, 1, "101"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char bytes[64];
    struct text text = text_in(bytes, sizeof bytes);
    text_add_number(&text, cases[i].number, cases[i].base, cases[i].digits);
    cr_expect_str_eq(bytes, cases[i].expected);
  }
}

Test(text, reads_back_the_decimals_that_it_writes) {
  struct random random = {.seed = 3};
  for (int i = 0; i < 100000; i++) {
    uint64_t number = random_size(&random, UINT64_MAX), read = ~number;
    char bytes[32], expected[32];
    struct text text = text_in(bytes, sizeof bytes);
    text_add_decimal(&text, number);
    snprintf(expected, sizeof expected, "%" PRIu64, number);
    cr_assert_str_eq(bytes, expected);
    cr_assert_eq(text_read_decimal(bytes, &read), strlen(bytes));
    cr_assert_eq(read, number);
  }
}

Test(text, reads_digits_and_no_more) {
  uint64_t number = 77;
  cr_expect_eq(text_read_decimal("", &number), 0);
  cr_expect_eq(text_read_decimal("x1", &number), 0);
  cr_expect_eq(text_read_decimal("-1", &number), 0);
  cr_expect_eq(text_read_decimal(" 1", &number), 0);
  cr_expect_eq(text_read_decimal("18446744073709551616", &number), 0);
  cr_expect_eq(text_read_decimal("99999999999999999999999", &number), 0);
  cr_expect_eq(number, 77, "and leaves it alone otherwise");
  cr_expect_eq(text_read_decimal("12.5", &number), 2);
  cr_expect_eq(number, 12);
  cr_expect_eq(text_read_decimal("18446744073709551615", &number), 20);
  cr_expect_eq(number, UINT64_MAX);
}

Test(text, compares) {
  cr_expect(text_is_equal("", ""));
  cr_expect(text_is_equal("abc", "abc"));
  cr_expect_not(text_is_equal("abc", "ab"));
  cr_expect_not(text_is_equal("ab", "abc"));
  cr_expect_not(text_is_equal("", "a"));
  cr_expect_eq(text_length(""), 0);
  cr_expect_eq(text_length("abc"), 3);
}

Test(text, finds_the_file_name_of_a_path) {
  cr_expect_str_eq(text_file_name("/usr/bin/sqlite3"), "sqlite3");
  cr_expect_str_eq(text_file_name("sqlite3"), "sqlite3");
  cr_expect_str_eq(text_file_name("./a/b"), "b");
  cr_expect_str_eq(text_file_name("/"), "");
  cr_expect_str_eq(text_file_name(""), "");
}
