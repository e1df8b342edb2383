/*
 * Tests of config/rule_file.c and raw_lines.c: the exact string that the shim gets of a file, and what is said of a
 * file that is wrong, with the line.
 */
#include "config/rule_file.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"

static struct rule_file file;
static struct rule_fault fault;

static void check_bytes(struct stretch bytes, const char *expected) {
  cr_assert_eq(rule_file_parse(bytes, &file, &fault), 0, "%s: line %d: %s", bytes.bytes, fault.line,
               fault.fault.words);
  cr_assert_str_eq(file.string, expected);
  rule_file_free(&file);
}

static void check(const char *text, const char *expected) {
  check_bytes(stretch_of(text), expected);
}

Test(rule_file, is_the_string_that_the_shim_gets) {
  check("[category tls]\n"
        "match = lib:libssl.so*, lib:libcrypto.so*\n"
        "[category parser]\n"
        "match = fn:json_*, fn:yy*\n"
        "[category io]\n"
        "match = thread:io-*\n"
        "[category big]\n"
        "match = size:>=1M\n",
        "tls.match=lib:libssl.so*|lib:libcrypto.so*,parser.match=fn:json_*|fn:yy*,io.match=thread:io-*,"
        "big.match=size:>=1M");
  check("[options]\nkeep=1\nfollow = exec\nonly = a, b*\n[category cache]\nmatch=fn:app::Cache::*\n",
        "keep=1,follow=exec,only=a|b*,cache.match=fn:_ZN*3app5Cache*");
}

Test(rule_file, may_be_empty) {
  check("", "");
  check("\n\n; nothing\n# nothing", "");
  check("[options]\n[category a]\n", "");
  check("[options]\ntransparent =\nwrapper=\n", "transparent=,wrapper=");
}

Test(rule_file, has_budgets) {
  check("[category total]\nbudget = 4G ; of 8\npolicy = refuse\nreserve = 5%\ngrace = 4K\n"
        "[category lib/libssl.so.3]\nbudget = 12.5%\ndump = breach, peak:+16M\nthresholds = 50/60/70/80\n"
        "[category other]\nbudget = none\nfail = every:3\n[options]\naccounts = 1\noutside = psi\n",
        "total.budget=4G,total.policy=refuse,total.reserve=5%,total.grace=4K,lib/libssl.so.3.budget=12.5%,"
        "lib/libssl.so.3.dump=breach|peak:+16M,lib/libssl.so.3.thresholds=50/60/70/80,other.budget=none,"
        "other.fail=every:3,accounts=1,outside=psi");
}

Test(rule_file, tells_where_each_setting_stands) {
  const char *text = "[category a]\n\nbudget = 4M\nmatch = lib:a\n  lib:b\n[options]\nkeep = 1\n";
  cr_assert_eq(rule_file_parse(stretch_of(text), &file, &fault), 0);
  cr_assert_str_eq(file.string, "a.budget=4M,a.match=lib:a|lib:b,keep=1");
  cr_expect_eq(rule_file_line(&file, 0), 3);
  cr_expect_eq(rule_file_line(&file, 12), 4);
  cr_expect_eq(rule_file_line(&file, 32), 7);
  cr_expect_eq(rule_file_line(&file, 1), 0);
  rule_file_free(&file);
}

Test(rule_file, has_lines_that_add_up) {
  check("[category a]\nmatch = lib:a\nmatch = lib:b, lib:c\n", "a.match=lib:a|lib:b|lib:c");
  check("[category a]\nmatch = lib:a,\n  lib:b,\n\n; between\n\tlib:c\n  match = lib:d\n",
        "a.match=lib:a|lib:b|lib:c|lib:d");
  check("[category a]\nmatch = lib:a\n  size:>=1M\n", "a.match=lib:a|size:>=1M");
  check("[options]\nonly = a\nnot = x\nonly = b", "only=a|b,not=x");
}

Test(rule_file, has_bytes_that_mean_something_in_the_string) {
  check("[options]\nonly = a|b, c\\,d, e\\|f, [x\\,y|z]\n", "only=a\\|b|c\\,d|e\\|f|[x\\,y\\|z]");
  check("[category a]\nmatch = lib:a=b, thread:\\ x\n", "a.match=lib:a=b|thread:\\ x");
}

Test(rule_file, has_comments) {
  check("[options] ; what\nkeep = 1 ; leave it\n;keep = 0\n#keep = 0\n  ; x\n", "keep=1");
  check("[options]\nonly = a;b, c\\;d, e \\; f, g \\# h, i#j\n", "only=a;b|c\\;d|e \\; f|g \\# h|i#j");
  check("; \xff \x01 whatever\n[options]\n", "");
}

Test(rule_file, has_line_ends_and_marks_of_other_systems) {
  check("\xef\xbb\xbf[options]\r\nkeep = 1\r\n\r\n[category a]\r\nmatch = lib:a,\r\n  lib:b\r\n",
        "keep=1,a.match=lib:a|lib:b");
  check_bytes((struct stretch){"[options]\nkeep = 1xx", 18}, "keep=1");
}

Test(rule_file, has_section_names_that_inih_would_cut) {
  char text[512], expected[512];
  const char *name =
      "a12345678901234567890123456789/b12345678901234567890123456789/c12345678901234567890123456789";
  snprintf(text, sizeof text, "[category %s]\nmatch = lib:a\n[category %sd]\nmatch = lib:b\n", name, name);
  snprintf(expected, sizeof expected, "%s.match=lib:a,%sd.match=lib:b", name, name);
  check(text, expected);
}

/* Lists, globs and blanks longer than inih's lines, at every length around its limits. */
Test(rule_file, has_values_that_inih_would_cut) {
  static char text[20000], expected[20000];
  for (size_t length = 150; length < 620; length++) {
    size_t used = (size_t)snprintf(text, sizeof text, "[category a]\nmatch = lib:");
    memset(text + used, 'x', length);
    snprintf(text + used + length, sizeof text - used - length, ", lib:y y%*sz", (int)(length % 150), "");
    snprintf(expected, sizeof expected, "a.match=lib:%.*s|lib:y y%*sz", (int)length, text + used,
             (int)(length % 150), "");
    check(text, expected);
  }
  size_t used = (size_t)snprintf(text, sizeof text, "[options]\nonly = ");
  size_t wanted = (size_t)snprintf(expected, sizeof expected, "only=");
  for (int i = 0; i < 1000; i++) {
    used += (size_t)snprintf(text + used, sizeof text - used, "%sprogram%d", i ? ", " : "", i);
    wanted += (size_t)snprintf(expected + wanted, sizeof expected - wanted, "%sprogram%d", i ? "|" : "", i);
  }
  check(text, expected);
}

Test(rule_file, tells_where_each_rule_stands) {
  const char *text = "[category a]\nmatch = lib:a, lib:b\n\nmatch = fn:std::list::*\n[category b/c]\nmatch = "
                     "lib:a,\n lib:*, lib:d,\n fn:*\n";
  static const struct {
    const char *glob, *category;
    uint32_t line, covered_by; /* its index from 1; 0: by none */
  } expected[] = {{"lib:a", "a", 2, 0},           {"lib:b", "a", 2, 0},   {"fn:_ZNSt4list*", "a", 4, 0},
                  {"fn:_ZNKSt4list*", "a", 4, 0}, {"lib:a", "b/c", 6, 1}, {"lib:*", "b/c", 7, 0},
                  {"lib:d", "b/c", 7, 6},         {"fn:*", "b/c", 8, 0}};
  cr_assert_eq(rule_file_parse(stretch_of(text), &file, &fault), 0);
  cr_assert_eq(file.rule_count, sizeof expected / sizeof *expected);
  for (size_t i = 0; i < file.rule_count; i++) {
    const struct file_rule *rule = &file.rules[i], *first = rule_file_covering(&file, rule);
    cr_expect(stretch_is(rule->glob, expected[i].glob), "%zu: %.*s", i, STRETCH_SHOWN(rule->glob));
    cr_expect(stretch_is(rule->category, expected[i].category), "%zu: %.*s", i,
              STRETCH_SHOWN(rule->category));
    cr_expect_eq(rule->line, expected[i].line, "%zu: %u", i, rule->line);
    cr_expect_eq(first ? first - file.rules + 1 : 0, expected[i].covered_by, "%zu", i);
  }
  rule_file_free(&file);
}

static void refuse_bytes(struct stretch bytes, int line, const char *expected) {
  cr_assert_eq(rule_file_parse(bytes, &file, &fault), -EINVAL, "%.*s", STRETCH_SHOWN(bytes));
  cr_expect_eq(fault.line, line, "%.*s: line %d: %s", STRETCH_SHOWN(bytes), fault.line, fault.fault.words);
  cr_expect(glob_fits(expected, strlen(expected), fault.fault.words), "%.*s: %s", STRETCH_SHOWN(bytes),
            fault.fault.words);
}

Test(rule_file, is_refused_with_the_line) {
  static const struct {
    const char *text;
    int line;
    const char *words;
  } cases[] = {
      {"[rules]\n", 1, "`[[]rules]` is no section; expected [[]options] or [[]category NAME]"},
      {"\n[category]\n", 2, "`[[]category]` is no section; *"},
      {"[categoryx]\n", 1, "*is no section; *"},
      {"[Options]\n", 1, "*is no section; *"},
      {"[]\n", 1, "*is no section; *"},
      {"[options\n", 1, "`[[]options` is no section; expected a `]` at its end"},
      {"[options] keep = 1\n", 1, "*expected a `]` at its end"},
      {"[options]\n[category a]\n[options]\n", 3, "`[[]options]` stands in line 1 already; *"},
      {"[category a]\n[category b]\n\n[category  a ]\n", 4, "`[[]category  a]` stands in line 1 already; *"},
      {"[category a b]\n", 1, "`a b` is no category; *"},
      {"[category total]\nmatch = lib:a\n", 2, "`total` is the sum of all categories, *"},
      {"[category other]\nbudget = 4M\nmatch = lib:a\n", 3, "`other` is where *"},
      {"[category total/a]\n", 1, "`total/a` is no category: *"},
      {"keep = 1\n", 1, "`keep` stands in no section; *"},
      {"; x\n  keep = 1\n", 2, "`keep` stands in no section; *"},
      {"[options]\nkep = 1\n", 2, "`kep` is no option; there are keep, *"},
      {"[category a]\ncolour = red\n", 2,
       "`colour` is no property of a category; there are match, budget, *"},
      {"[category a]\nkeep = 1\n", 2, "`keep` stands in the wrong section; expected it in [[]options]"},
      {"[options]\nmatch = lib:a\n", 2,
       "`match` stands in the wrong section; expected it in [[]category NAME]"},
      {"[options]\nheap = pages\n", 2, "`heap=pages`: expected one of system, page"},
      {"[category a]\nbudget = 101%\n", 2, "`budget=101%`: a size from 1 to 127T, *"},
      {"[category a]\nbudget = 1M, 2M\n", 2, "`budget=1M, 2M`: a size *"},
      {"[category a]\nbudget = 1M\nbudget = 1M\n", 3, "`budget` is set in line 2 already; *"},
      {"[category a]\nbudget = 1M\n  2M\n", 3, "`budget` is set in line 2 already; *"},
      {"[category a]\npolicy = deny\n", 2, "`policy=deny`: expected one of notify, refuse, abort"},
      {"[category a]\nthresholds = 60/50/90/95\n", 2, "`thresholds=60/50/90/95`: four percentages *"},
      {"[category a]\ndump = breach,\n", 2, "`dump=breach,`: breach, *parted by commas, *"},
      {"[category a]\ndump = breach|none\n", 2, "`dump=breach|none`: breach, *"},
      {"[options]\ntls.match = lib:a\n", 2, "`tls.match` is no name; *"},
      {"[options]\nkeep: 1\n", 2, "`keep: 1` is no setting; expected NAME = VALUE"},
      {"[options]\nonly:x = y\n", 2, "`only:x` is no name; *"},
      {"[options]\nkeep\n", 2, "`keep` is no setting; *"},
      {"[options]\n= 1\n", 2, "`= 1` is no setting; *"},
      {"[options]\n  a\n", 2, "`a` is no setting; *"},
      {"[options]\nk123456789012345678901234567890123456789012345678901 = 1\n", 2,
       "* is too long for a name; *"},
      {"[options]\nkeep = 1\nkeep = 1\n", 3, "`keep` is set in line 2 already; *"},
      {"[options]\nkeep = 1\n  0\n", 3, "`keep` is set in line 2 already; *"},
      {"[options]\nkeep = 2\n", 2, "`keep=2`: expected one of 0, 1"},
      {"[options]\nkeep = 1 # leave it\n", 2, "`1 # leave it`: expected `;` before a comment *"},
      {"[options]\nonly =\n", 2, "`only=`: expected globs parted by ,"},
      {"[options]\nonly = ,\n", 2, "`only=,`: expected globs parted by ,"},
      {"[options]\nonly = a,,b\n", 2, "`only=a,,b`: expected globs parted by ,"},
      {"[options]\n\nonly = a,\nnot = b\n", 3, "ends in a comma; *"},
      {"[options]\nonly = a,\n\n; x\n", 2, "ends in a comma; *"},
      {"[options]\nonly = a,\n[category b]\n", 2, "ends in a comma; *"},
      {"[options]\nonly = a\\\n", 2, "`a\\\\` ends in a backslash; *"},
      {"[options]\nonly = [a,b]\n", 2, "`[[]a`: its `[[]` is never closed; *"},
      {"[category a]\nmatch = lib:a,\n lib:b,\n libc\n", 4, "`libc`: expected lib:, *"},
      {"[category a]\nmatch = size:>=1X\n", 2, "`size:>=1X`: expected *"},
      {"[category a]\nmatch = size:<0\n", 2, "`size:<0` fits no size; expected *"},
      {"[category a]\nmatch = size:>18446744073709551615\n", 2, "`size:>18446744073709551615` fits no *"},
      {"[category a]\nmatch = fn:a::b<c>\n", 2, "`a::b<c>`: templates *"},
      {"[options]\nonly = a\x01"
       "b\n",
       2, "holds the byte 0x01, *"},
      {"[options]\nonly = \xe9t\xe9\n", 2, "holds the byte 0xe9, *"},
      {"[options]\rkeep = 1\r", 1, "holds the byte 0x0d, *"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    refuse_bytes(stretch_of(cases[i].text), cases[i].line, cases[i].words);
  }
  refuse_bytes((struct stretch){"[options]\nkeep = 1\n\0", 20}, 3, "holds a byte 0; *");
}

Test(rule_file, is_refused_where_it_is_too_much) {
  static char text[400000];
  size_t used = 0;
  for (int i = 0; i < 300; i++)
    used += (size_t)snprintf(text + used, sizeof text - used, "[category c%d]\nmatch = lib:a\n", i);
  refuse_bytes(stretch_of(text), 501, "`c250` is one category too many; *");

  used = (size_t)snprintf(text, sizeof text, "[category a]\nmatch = lib:");
  memset(text + used, 'a', 100000);
  text[used + 100000] = 0;
  refuse_bytes(stretch_of(text), 2, "100004 bytes of globs in all `match` lists; expected at most 65536");

  used = (size_t)snprintf(text, sizeof text, "[options]\nonly = ");
  memset(text + used, 'a', 200000);
  text[used + 200000] = 0;
  refuse_bytes(stretch_of(text), 2, "the settings make a string of 200005 bytes; *");

  used = (size_t)snprintf(text, sizeof text, "[options]\nkeep = 1\n[category a]\n");
  for (int i = 0; i < 2000; i++)
    used += (size_t)snprintf(text + used, sizeof text - used, "match = lib:a,\n  lib:b\n");
  refuse_bytes(stretch_of(text), 4 + 1024, "4000 globs in all `match` lists; expected at most 1024");

  used = (size_t)snprintf(text, sizeof text, "[options]\nonly = a%1000sb", "");
  refuse_bytes(stretch_of(text), 2, "has too many blanks in a row; *");
}
