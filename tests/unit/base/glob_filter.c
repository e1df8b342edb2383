/*
 * glob_filter.c: tests of src/base/glob_filter.h.
 */
#include "base/glob_filter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"

static int may_fit(const char *pattern, const char *name) {
  struct glob_filter filter = glob_filter_of(pattern, strlen(pattern));
  struct glob_print print = glob_print_of(name);
  return glob_may_fit(&filter, &print);
}

Test(glob_filter, prefix_ends_before_what_has_a_meaning) {
  static const struct {
    const char *pattern;
    size_t prefix;
  } prefixes[] = {{"", 0},     {"abc", 3},   {"*", 0},     {"abc*", 3},     {"a?c", 1},      {"ab[cd]", 2},
                  {"a[cd", 1}, {"a\\*b", 1}, {"abc\\", 3}, {"a]b-!^c*", 7}, {"\xff\x80*", 2}};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    cr_expect_eq(glob_prefix(prefixes[i].pattern, strlen(prefixes[i].pattern)), prefixes[i].prefix, "'%s'",
                 prefixes[i].pattern);
  cr_expect_eq(glob_prefix("abcd", 2), 2);
}

Test(glob_filter, tells_names_apart_by_their_start) {
  cr_expect(may_fit("abc*", "abc"));
  cr_expect(may_fit("abc*", "abcd"));
  cr_expect_not(may_fit("abc*", "abd"));
  cr_expect_not(may_fit("abc*", "ab"));
  cr_expect_not(may_fit("a*", "ba"));
  cr_expect(may_fit("abc", "abc"));
  cr_expect_not(may_fit("abc", "abcd"));
  cr_expect(may_fit("", ""));
  cr_expect_not(may_fit("", "a"), "a name that ends is told from a longer one");
  cr_expect_not(may_fit("abcdefgh*", "abcdefgi"));
  cr_expect(may_fit("\xc3\xa9*", "\xc3\xa9t\xc3\xa9"));
  cr_expect_not(may_fit("\xc3\xa9*", "\xc3\xaat\xc3\xa9"));
}

Test(glob_filter, tells_names_apart_by_what_lies_within) {
  cr_expect(may_fit("*parse*", "json_parse_word"));
  cr_expect_not(may_fit("*parse*", "json_write_word"));
  cr_expect_not(may_fit("*parse", "json_parse_word"), "the end is looked at");
  cr_expect(may_fit("*parse", "json_parse"));
  cr_expect(may_fit("*pa?se*", "json_patse"), "what has a meaning is no neighbour");
  cr_expect(may_fit("*pa[rt]se*", "json_patse"));
  cr_expect(may_fit("*pa[!se]se*", "json_patse"));
  cr_expect(may_fit("*\\*\\[x*", "a*[x"));
  cr_expect_not(may_fit("*\\*\\[x*", "a*x"));
  cr_expect(may_fit("*a[b", "a[b"), "a set that does not close is plain");
  cr_expect_not(may_fit("*a[b", "ab"));
  cr_expect(may_fit("*a[x][b", "ax[b"), "also behind one that does");
}

Test(glob_filter, reads_no_further_than_its_length) {
  struct glob_filter filter = glob_filter_of("ab|cd", 2);
  struct glob_print shorter = glob_print_of("ab"), longer = glob_print_of("ab|cd");
  cr_expect(glob_may_fit(&filter, &shorter));
  cr_expect_not(glob_may_fit(&filter, &longer));
}

static size_t draw(struct random *random, const char *alphabet, size_t most, char *ret_text) {
  size_t length = random_below(random, most + 1);
  for (size_t i = 0; i < length; i++) ret_text[i] = alphabet[random_below(random, strlen(alphabet))];
  ret_text[length] = '\0';
  return length;
}

Test(glob_filter, turns_away_nothing_that_fits, .timeout = 60) {
  struct random random = {.seed = 9};
  char pattern[16], name[16];
  size_t fitting = 0;
  for (int round = 0; round < 1000000; round++) {
    size_t length = draw(&random, "ab*?[]-!\\", 12, pattern);
    draw(&random, "ab]-[!\\", 12, name);
    if (!glob_fits(pattern, length, name)) continue;
    cr_assert(may_fit(pattern, name), "'%s' and '%s'", pattern, name);
    fitting++;
  }
  cr_assert_gt(fitting, 10000);
}

/* Names as a program has them, against a piece of one of them. */
Test(glob_filter, turns_away_most_of_what_does_not_fit) {
  char name[64];
  size_t asked = 0, fitting = 0;
  for (unsigned i = 0; i < 10000; i++) {
    snprintf(name, sizeof name, "_ZN3app6Module%u6handleERK%uRequest%x", i % 100, i / 100 + 3, i * 7919);
    asked += may_fit("*odule42*uest1f*", name) != 0;
    fitting += glob_fits("*odule42*uest1f*", 16, name) != 0;
  }
  cr_expect_leq(fitting, asked);
  cr_expect_lt(asked, 1000, "%zu", asked);
}
