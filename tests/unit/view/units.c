/*
 * Tests of view/units.c, bar.c, escape.c and table.c: numbers, bars, names and rows as people read them.
 */
#include "view/units.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "view/bar.h"
#include "view/escape.h"
#include "view/table.h"

Test(units, balance) {
  cr_assert_str_eq(units_balance(0).chars, "0 B");
  cr_assert_str_eq(units_balance(65536).chars, "64.0 KiB");
  cr_assert_str_eq(units_balance(-65536).chars, "-64.0 KiB");
  cr_assert_str_eq(units_balance(INT64_MIN).chars, "-8.0 EiB");
}

Test(units, bytes) {
  static const struct {
    uint64_t bytes;
    const char *words;
  } cases[] = {{0, "0 B"},
               {999, "999 B"},
               {1000, "1.0 KiB"},
               {65536, "64.0 KiB"},
               {1023948, "999.9 KiB"},
               {1023949, "1.0 MiB"},
               {155503821, "148.3 MiB"},
               {UINT64_C(1) << 30, "1.0 GiB"},
               {UINT64_MAX, "16.0 EiB"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_assert_str_eq(units_bytes(cases[i].bytes).chars, cases[i].words);
  }
}

Test(units, counts) {
  cr_assert_str_eq(units_count(0).chars, "0");
  cr_assert_str_eq(units_count(999).chars, "999");
  cr_assert_str_eq(units_count(1000).chars, "1,000");
  cr_assert_str_eq(units_count(1204331).chars, "1,204,331");
  cr_assert_str_eq(units_count(UINT64_MAX).chars, "18,446,744,073,709,551,615");
}

Test(units, seconds) {
  cr_assert_str_eq(units_seconds(0).chars, "0.00 s");
  cr_assert_str_eq(units_seconds(1.849).chars, "1.84 s");
  cr_assert_str_eq(units_seconds(59.999).chars, "59.99 s");
  cr_assert_str_eq(units_seconds(192).chars, "3 min 12 s");
  cr_assert_str_eq(units_seconds(7500).chars, "2 h 05 min");
  cr_assert_str_eq(units_seconds(273600).chars, "3 d 04 h");
  cr_assert_str_eq(units_seconds(-1).chars, "0.00 s");
  cr_assert_str_eq(units_seconds(1e300).chars, units_seconds(1e15).chars);
}

Test(units, lengths_of_time) {
  cr_assert_str_eq(units_length(0).chars, "0 ns");
  cr_assert_str_eq(units_length(999).chars, "999 ns");
  cr_assert_str_eq(units_length(1290).chars, "1.2 µs");
  cr_assert_str_eq(units_length(999999999).chars, "999.9 ms");
  cr_assert_str_eq(units_length(1000000000).chars, "1.00 s");
  cr_assert_str_eq(units_length(UINT64_MAX).chars, "213503 d 23 h");
  cr_assert_str_eq(units_since(0).chars, "0.000000 s");
  cr_assert_str_eq(units_since(3725123456789).chars, "3725.123456 s");
}

Test(units, shares_never_round_up) {
  cr_assert_str_eq(units_share(5, 5).chars, "100.0 %");
  cr_assert_str_eq(units_share(999999, 1000000).chars, "99.9 %");
  cr_assert_str_eq(units_share(UINT64_MAX - 1, UINT64_MAX).chars, "99.9 %");
  cr_assert_str_eq(units_share(0, 5).chars, "0.0 %");
  cr_assert_str_eq(units_share(0, 0).chars, "-");
  cr_assert_str_eq(units_share(1049, 1000).chars, "104.9 %");
  cr_assert_str_eq(units_share(25000, 10).chars, "250000.0 %");
  cr_assert_str_eq(units_share(UINT64_MAX, 1).chars, "100000000000000000.0 %");
}

Test(units, moments_and_signals) {
  cr_assert_str_eq(units_moment(1700000000123456789u).chars, "2023-11-14T22:13:20.123Z");
  cr_assert_str_eq(units_signal(9).chars, "9 (SIGKILL)");
  cr_assert_str_eq(units_signal(250).chars, "250");
}

Test(bar, shows_shares_in_eighths) {
  char bar[BAR_BYTES];
  bar_draw(0, 100, bar);
  cr_assert_str_empty(bar);
  bar_draw(100, 100, bar);
  cr_assert_eq(escape_columns(bar), BAR_CELLS);
  cr_assert_eq(strlen(bar), BAR_CELLS * 3);
  cr_assert_eq(strncmp(bar, "█", 3), 0);
  bar_draw(1, UINT64_MAX, bar);
  cr_assert_str_eq(bar, "▏", "above nothing shows");
  bar_draw(3, BAR_CELLS * 2, bar);
  cr_assert_str_eq(bar, "█▌");
  bar_draw(200, 100, bar);
  cr_assert_eq(escape_columns(bar), BAR_CELLS);
  bar_draw(5, 0, bar);
  cr_assert_str_empty(bar);
}

static void check_escape(const char *bytes, const char *expected) {
  char text[64];
  escape(bytes, text, sizeof text);
  cr_assert_str_eq(text, expected);
}

Test(escape, leaves_what_can_be_printed) {
  check_escape("lib/libssl.so.3", "lib/libssl.so.3");
  check_escape("größe 大 😀", "größe 大 😀");
}

Test(escape, takes_the_sting_out_of_the_rest) {
  check_escape("a\tb\n\x1b[31m\x7f", "a\\x09b\\x0a\\x1b[31m\\x7f");
  check_escape("\\", "\\x5c");
  check_escape("\xff\xc3", "\\xff\\xc3");
  check_escape("\xc2\x9b"
               "31m",
               "\\xc2\\x9b"
               "31m");
  check_escape("\xc0\xaf", "\\xc0\\xaf");
  check_escape("\xed\xa0\x80", "\\xed\\xa0\\x80");
  check_escape("\xe2\x80\xae", "\\xe2\\x80\\xae");
  check_escape("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
}

Test(escape, leaves_backslashes_to_words) {
  char text[64];
  escape_words("`a\\`: lib:\\,\x1b[31m", text, sizeof text);
  cr_assert_str_eq(text, "`a\\`: lib:\\,\\x1b[31m");
}

Test(escape, cuts_between_characters) {
  char text[6];
  escape("ab😀", text, sizeof text);
  cr_assert_str_eq(text, "ab");
  escape("a\n\n", text, sizeof text);
  cr_assert_str_eq(text, "a\\x0a");
}

Test(table, aligns_by_characters_and_ends_no_line_in_blanks) {
  static const struct table_column name = {.heading = "NAME"};
  static const struct table_column bytes = {.heading = "BYTES", .align = ALIGN_RIGHT};
  static const struct table_column bar = {.heading = "", .is_bar = true};
  static const struct table_column last = {.heading = "LAST"};
  char *text;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  struct table *table = table_new();
  cr_assert_eq(table_row(table), 0);
  cr_assert_eq(table_cell(table, &name, "größe"), 0);
  cr_assert_eq(table_cell(table, &bytes, "12"), 0);
  cr_assert_eq(table_bar(table, &bar, 10, 0), 0);
  cr_assert_eq(table_cell(table, &last, "x"), 0);
  cr_assert_eq(table_row(table), 0);
  cr_assert_eq(table_cell(table, &name, "total"), 0);
  cr_assert_eq(table_cell(table, &bytes, "1234567"), 0);
  cr_assert_eq(table_bar(table, &bar, 0, 0), 0);
  cr_assert_eq(table_row(table), 0);
  cr_assert_eq(table_cell(table, &name, "of 200"), 0);
  cr_assert_eq(table_cell(table, &bytes, "100"), 0);
  cr_assert_eq(table_bar(table, &bar, 100, 200), 0);
  table_print(table, false, to);
  fclose(to);
  cr_assert_str_eq(text, "  NAME      BYTES                     LAST\n"
                         "  größe        12  █████████████████  x\n"
                         "  total   1234567\n"
                         "  of 200      100  ████████▌\n");
  free(text);
  table_free(table);
}

Test(units, growth) {
  cr_assert_str_eq(units_growth(0).chars, "0 B");
  cr_assert_str_eq(units_growth(65536).chars, "+64.0 KiB");
  cr_assert_str_eq(units_growth(-65536).chars, "-64.0 KiB");
  cr_assert_str_eq(units_growth(INT64_MIN).chars, "-8.0 EiB");
  cr_assert_str_eq(units_more(0).chars, "0");
  cr_assert_str_eq(units_more(1204331).chars, "+1,204,331");
  cr_assert_str_eq(units_more(-1000).chars, "-1,000");
  cr_assert_str_eq(units_more(INT64_MIN).chars, "-9,223,372,036,854,775,808");
}
