/*
 * Tests of view/escape.c: which characters stay as they are.
 */
#include "view/escape.h"

#include <criterion/criterion.h>
#include <string.h>

Test(escape, says_what_it_would_leave) {
  static const struct {
    const char *bytes;
    size_t count, length;
  } cases[] = {
      {"a", 1, 1},
      {"ab", 2, 1},
      {"\xc3\xa9t", 3, 2},
      {"\xe2\x82\xac", 3, 3},
      {"\xf0\x9f\x90\x8e", 4, 4},
      {"\xc3", 1, 0},             /* cut */
      {"\xe2\x82\xac", 2, 0},     /* cut by the length, not by its bytes */
      {"\xf0\x9f\x90\x8e", 3, 0}, /* likewise */
      {"\xff", 1, 0},
      {"\xc0\xaf", 2, 0},     /* overlong */
      {"\xed\xa0\x80", 3, 0}, /* half of a pair */
      {"\x1b", 1, 0},
      {"\t", 1, 0},
      {"\\", 1, 0},
      {"\x7f", 1, 0},
      {"\xc2\x85", 2, 0},     /* a control character */
      {"\xe2\x80\xae", 3, 0}, /* turns the direction */
      {"", 0, 0},
      {"", 1, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_eq(escape_plain(cases[i].bytes, cases[i].count), cases[i].length, "case %zu", i);
    char text[32];
    escape(cases[i].bytes, text, sizeof text);
    if (cases[i].length && cases[i].length == cases[i].count) cr_expect_str_eq(text, cases[i].bytes);
  }
}

/* As a terminal shows them: two columns of East Asian characters and pictures, none of accents. */
Test(escape, columns_are_those_of_a_terminal) {
  static const struct {
    const char *text;
    size_t columns;
  } cases[] = {
      {"", 0},
      {"abc", 3},
      {"größe", 5},
      {"日本語", 6},
      {"한글", 4},
      {"ｆｕ", 4},
      {"a\u0301", 1},
      {"\U0001f40e", 2},
      {"▏█ – … ┤", 8},
      {"\U00020000", 2},
      {"\U0010ffff", 1},
      {"\xff"
       "a",
       2},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    cr_expect_eq(escape_columns(cases[i].text), cases[i].columns, "%s", cases[i].text);
}
