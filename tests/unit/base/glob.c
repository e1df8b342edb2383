/*
 * glob.c: tests of src/base/glob.h.
 */
#include "base/glob.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
  const char *pattern, *name;
  int fits;
} table[] = {
    {"", "", 1},
    {"", "a", 0},
    {"a", "", 0},
    {"a", "a", 1},
    {"a", "ab", 0},
    {"ab", "a", 0},
    {"*", "", 1},
    {"*", "anything/at all", 1},
    {"**", "", 1},
    {"**", "a", 1},
    {"*a", "a", 1},
    {"*a", "bca", 1},
    {"*a", "ab", 0},
    {"a*", "a", 1},
    {"a*b", "ab", 1},
    {"a*b", "acb", 1},
    {"a*b", "acbc", 0},
    {"a*b*c", "abbc", 1},
    {"a*b*c", "acbcbc", 1},
    {"*ab", "aab", 1},
    {"*aab", "aaab", 1},
    {"?", "a", 1},
    {"?", "", 0},
    {"?", "ab", 0},
    {"a?c", "abc", 1},
    {"?*", "a", 1},
    {"?*", "", 0},
    {"[abc]", "b", 1},
    {"[abc]", "d", 0},
    {"[a-c]x", "bx", 1},
    {"[a-c]", "d", 0},
    {"[a-cx-z]", "y", 1},
    {"[!a-c]", "d", 1},
    {"[!a-c]", "b", 0},
    {"[^a]", "b", 1},
    {"[!a]", "", 0},
    {"[]a]", "]", 1},
    {"[!]a]", "]", 0},
    {"[a-]", "-", 1},
    {"[-a]", "-", 1},
    {"[\\]]", "]", 1},
    {"[\\a]", "\\", 0},
    {"[c-a]", "b", 0},
    {"[a", "[a", 1},
    {"[a", "a", 0},
    {"[", "[", 1},
    {"[!", "[!", 1},
    {"*[0-9]", "lib1", 1},
    {"*[0-9]", "lib", 0},
    {"\\*", "*", 1},
    {"\\*", "a", 0},
    {"\\?", "?", 1},
    {"\\\\", "\\", 1},
    {"\\a", "a", 1},
    {"a\\", "a\\", 1},
    {"\\[a]", "[a]", 1},
    {"lib*.so*", "libssl.so.3", 1},
    {"lib*.so*", "libssl.a", 0},
    {"\xc3\xa9*", "\xc3\xa9t\xc3\xa9", 1},
    {"[\x80-\xff]", "\xc3", 1},
};

Test(glob, fits_what_it_should) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    cr_expect_eq(glob_fits(table[i].pattern, strlen(table[i].pattern), table[i].name), table[i].fits,
                 "'%s' and '%s'", table[i].pattern, table[i].name);
}

Test(glob, reads_no_further_than_its_length) {
  cr_expect(glob_fits("ab|cd", 2, "ab"));
  cr_expect_not(glob_fits("ab|cd", 2, "ab|cd"));
  cr_expect(glob_fits("a\\|b", 2, "a\\"), "the byte that it would escape lies behind the end");
  cr_expect(glob_fits("[a]", 2, "[a"));
}

/* Backtracking into every star would take longer than the test may. */
Test(glob, takes_no_exponential_time, .timeout = 60) {
  char pattern[401], name[2001];
  for (size_t i = 0; i < 400; i += 2) memcpy(pattern + i, "a*", 2);
  pattern[399] = 'b', pattern[400] = '\0';
  memset(name, 'a', 2000), name[2000] = '\0';
  cr_assert_not(glob_fits(pattern, 400, name));
}
