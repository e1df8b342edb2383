/*
 * glob.c: tests of src/base/glob.h.
 */
#include "base/glob.h"

#include <criterion/criterion.h>
#include <fnmatch.h>
#include <string.h>

#include "base/random.h"

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
    {"[]", "[]", 1},
    {"[!]", "[!]", 1},
    {"[a-", "[a-", 1},
    {"[a-\\", "[a-\\", 1},
    {"[a\\]", "[a]", 1},
    {"[a[b]", "[", 1},
    {"[*", "[abc", 1},
    {"[[a]", "a", 1},
    {"[a]]", "a]", 1},
    {"[]-a]", "^", 1},
    {"[--0]", "/", 1},
    {"[a-c-e]", "-", 1},
    {"[a-c-e]", "d", 0},
    {"[\\!a]", "!", 1},
    {"[a\\-c]", "-", 1},
    {"[a\\-c]", "b", 0},
    {"[a-\\]]", "]", 0},
    {"[A-\\]]", "]", 1},
    {"[!!]", "!", 0},
    {"[a!]", "!", 1},
    {"[?*]", "*", 1},
    {"[?*]", "a", 0},
    {"[[:digit:]]", "t]", 1},
    {"[[:digit:]]", "1", 0},
    {"*[", "a[", 1},
    {"*\\", "a\\", 1},
    {"*?", "", 0},
    {"*?*?*", "ab", 1},
    {"*?*?*", "a", 0},
    {"?[a]*\\*", "xa*", 1},
    {"*.so", "a.so.so", 1},
    {"*abab*", "abaabab", 1},
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

/* No set of these closes, and each was once looked through to the end for every byte of the name. */
Test(glob, takes_no_cubic_time, .timeout = 60) {
  enum { BYTES = 20000 };
  static char pattern[BYTES], name[BYTES + 1];
  memset(pattern, '[', BYTES), pattern[0] = '*', pattern[BYTES - 1] = 'b';
  memset(name, '[', BYTES);
  cr_assert_not(glob_fits(pattern, BYTES, name));
}

static size_t draw(struct random *random, const char *alphabet, size_t most, char *ret_text) {
  size_t length = random_below(random, most + 1);
  for (size_t i = 0; i < length; i++) ret_text[i] = alphabet[random_below(random, strlen(alphabet))];
  ret_text[length] = '\0';
  return length;
}

/* But for '\' at the end, and "[a-" at the end, which libc takes for an error; POSIX does not say. */
Test(glob, fits_what_fits_for_libc, .timeout = 60) {
  struct random random = {.seed = 7};
  char pattern[16], name[16];
  size_t fitting = 0;
  for (int round = 0; round < 1000000; round++) {
    size_t length = draw(&random, "ab*?[]-!^\\", 10, pattern);
    draw(&random, "ab]-[!^\\", 6, name);
    if (length && (pattern[length - 1] == '\\' || pattern[length - 1] == '-')) continue;
    int fits = glob_fits(pattern, length, name);
    cr_assert_eq(fits, fnmatch(pattern, name, 0) == 0, "'%s' and '%s'", pattern, name);
    fitting += fits != 0;
  }
  cr_assert_gt(fitting, 10000);
}
