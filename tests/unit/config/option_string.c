/*
 * Tests of config/option_string.c, value.c and category_set.c: what a user may give in one string, and what the shim
 * then gets.
 */
#include "config/option_string.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"

static struct fault fault;

static void check_translation(const char *text, const char *expected) {
  char *string;
  cr_assert_eq(option_string_translate(text, &string, &fault), 0, "%s: %s", text, fault.words);
  cr_assert_str_eq(string, expected);
  free(string);
}

Test(option_string, stays_as_it_is) {
  static const char *const texts[] = {
      "",
      "keep=0",
      "keep=1,verbose=0,verbose=1",
      "follow=all,follow=exec,follow=none",
      "only=sqlite3",
      "only=a*|b?|[c-e]",
      "not=a\\,b|c\\|d|\\\\",
      "only=a=b",
      "transparent=libc.so*|libglib-2.0.so*,wrapper=xmalloc|x*alloc,transparent=,wrapper=",
      "inherit=creator,inherit=none,mmap=0,mmap=1,memory=0,memory=1",
      "unwind=libunwind,unwind=fp,unwind=off",
      "tls.match=lib:libssl.so*|lib:libcrypto.so*,parser.match=fn:json_*",
      "lib/libssl.so.3.match=lib:/usr/lib/*/libssl.so.3",
      "io.match=thread:io-*|thread:a-name-of-15-by*|thread:a b|thread:[a\\|b]*",
      "a/b/c.match=size:>=1M|size:>1|size:<=1K|size:<2T|size:=18446744073709551615",
      "a+b~c_d-e.f.match=lib:*|lib:\\[x",
      "a.match=fn:*,a.match=lib:*",
      "rendering=30%,total=4G,lib/libssl.so.3=4M,other=1K,a/b.c=none,d=ram:50%,e=cgroup:0.25%,f=100000",
      "a.budget=1,a.budget=127T,total.budget=none",
      "total.policy=refuse,a.policy=abort,a.policy=notify",
      "a.thresholds=60/80/90/95,a.thresholds=1/2/3/100",
      "a.reserve=5%,a.reserve=16M,a.reserve=none,a.grace=4K,a.grace=0",
      "a.dump=breach|peak:+16M|grow:+1,a.dump=none",
      "a.fail=every:100,a.fail=share:0.1%,a.fail=none",
      "outside=cgroup,outside=psi,outside=off,accounts=1"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) check_translation(texts[i], texts[i]);
}

Test(option_string, is_put_in_order) {
  check_translation(",keep=1,,", "keep=1");
  check_translation("only= a | b ", "only=a|b");
  check_translation("only=[a\\,b]", "only=[a\\,b]");
  check_translation("cache.match=fn:app::Cache::*|lib:x", "cache.match=fn:_ZN*3app5Cache*|lib:x");
  check_translation("x.match=fn:std::*", "x.match=fn:_ZSt*|fn:_ZNS[a-z]*|fn:_ZNKS[a-z]*");
  check_translation("heap=page,decay=0", "heap=page,decay=0");
  check_translation("heap=system,decay=never", "heap=system,decay=never");
  check_translation("wrapper=app::alloc|::xnew", "wrapper=_ZN*3app5alloc[BEI]*|_Z4xnew*");
}

/* The words end as the glob says. */
Test(option_string, is_refused_by_name) {
  static const char *const cases[][2] = {
      {"keep", "`keep` is no setting; expected NAME=VALUE"},
      {"keep=", "`keep=`: expected one of 0, 1"},
      {"keep=2", "`keep=2`: expected one of 0, 1"},
      {"keep=01", "`keep=01`: expected one of 0, 1"},
      {"verbose=1,follow=some", "`follow=some`: expected one of all, exec, none"},
      {"inherit=parent", "`inherit=parent`: expected one of creator, none"},
      {"unwind=no", "`unwind=no`: expected one of libunwind, fp, off"},
      {"only=", "`only=`: expected globs parted by |"},
      {"not=a||b", "`not=a||b`: expected globs parted by |"},
      {"not=a|", "`not=a|`: expected globs parted by |"},
      {"x.match=", "`match=`: expected globs parted by |"},
      {"Keep=1", "`Keep=1` is no option; there are keep, verbose, follow, only, not, transparent, *"},
      {"=1", "`=1` is no option; there are keep, *, decay; CATEGORY=BUDGET; and CATEGORY.PROPERTY: match, "
             "*, fail"},
      {"rendering=3", "`rendering=3` is no option; *"}, /* rather one that is misspelt */
      {"tls.colour=red", "`tls.colour=red` is no option; *"},
      {"only=a,b", "`b` is no setting; expected NAME=VALUE"},
      {"heap=pages", "`heap=pages`: expected one of system, page"},
      {"harden=2", "`harden=2`: expected one of 0, 1"},
      {"decay=4M", "`decay=4M`: milliseconds, at most 86400000 (a day), or never expected"},
      {"decay=", "`decay=`: milliseconds, *"},
      {"x.match=libssl.so", "`libssl.so`: expected lib:, fn:, thread: or size: before the glob"},
      {"x.match=libs:ssl", "`libs:ssl`: expected lib:, fn:, thread: or size: before the glob"},
      {"x.match=lib:", "`lib:`: expected a glob directly behind `lib:`"},
      {"x.match=size: 1", "`size: 1`: expected a size directly behind `size:`"},
      {"x.match=lib:a lib:b", "`lib:a lib:b`: expected a comma (in a string a |) between two globs"},
      {"x.match=lib:[a", "`[[]a`: its `[[]` is never closed; *"},
      {"only=a\\", "`a\\\\` ends in a backslash; *"},
      {"x.match=fn:f(int)", "`f(int)` is no name of a symbol; *"},
      {"x.match=fn:box<int>", "`box<int>` is no name of a symbol; *"},
      {"x.match=fn:app::box<int>::get", "`app::box<int>::get`: templates *"},
      {"wrapper=app::operator=", "`app::operator=`: operators *"},
      {"wrapper=fn:xmalloc", "`fn:xmalloc`: expected globs of function names, without `fn:`"},
      {"transparent=lib:libc.so*", "`lib:libc.so*`: expected globs of library names, without `lib:`"},
      {"x.match=thread:a-name-much-too-long*", "`thread:a-name-much-too-long*` fits no thread; *"},
      {"x.match=thread:0123456789012345", "`thread:0123456789012345` fits no thread; *"},
      {"x.match=size:1M", "`size:1M`: expected >=, >, <=, < or = and a size*"},
      {"x.match=size:>=", "`size:>=`: expected *"},
      {"x.match=size:>=1m", "`size:>=1m`: expected *"},
      {"x.match=size:>=1KB", "`size:>=1KB`: expected *"},
      {"x.match=size:>=-1", "`size:>=-1`: expected *"},
      {"x.match=size:>=18446744073709551616", "`size:>=18446744073709551616`: expected *"},
      {"x.match=size:>=99999999T", "`size:>=99999999T`: expected *"},
      {"x.match=size:>=00000000000000000000000000000000000000000000001", "`size:*`: expected *"},
      {"total.match=lib:*", "`total` is the sum of all categories, *"},
      {"total/x.match=lib:*", "`total/x` is no category: all lie below `total`; *"},
      {"other.match=lib:*", "`other` is where blocks go whose category found no room; *"},
      {".match=lib:*", "`` is no category; expected a name before and behind each /"},
      {"a/.match=lib:*", "`a/` is no category; expected a name *"},
      {"/a.match=lib:*", "`/a` is no category; expected a name *"},
      {"a//b.match=lib:*", "`a//b` is no category; expected a name *"},
      {"a b.match=lib:*", "`a b` is no category; expected letters, digits and _ . + - ~ parted by /"},
      {"1/2/3/4/5/6/7/8/9.match=lib:*", "`1/2/3/4/5/6/7/8/9` is no category; expected at most 8 names"},
      {"a123456789012345678901234567890123456789012345678901234567890123.match=lib:*",
       "* is no category; expected names of at most 63 bytes"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *string = NULL;
    cr_assert_eq(option_string_translate(cases[i][0], &string, &fault), -EINVAL, "%s", cases[i][0]);
    cr_assert(glob_fits(cases[i][1], strlen(cases[i][1]), fault.words), "%s: %s", cases[i][0], fault.words);
  }
}

/* The place of an option is its own; what is said of a budget has its category. */
Test(option_string, has_budgets_that_are_refused_by_name) {
  static const char *const limit = "`*`: a size from 1 to 127T, a share like 40% (over 0, at most 100), *",
                           *const thresholds = "`*`: four percentages in ascending order, *",
                           *const reserve = "`*`: a size, a share of the budget like 5%, or none expected",
                           *const dump =
                               "`*`: breach, peak:+SIZE, grow:+SIZE, several of them parted by |, *",
                           *const fail = "`*`: every:N, share:P% or none expected";
  const char *const cases[][2] = {
      {"rendering=130%", "`rendering=130%`: a size *"},
      {"a.budget=100.01%", limit},
      {"total.budget=20%,total.budget=1G", "`total` is a part of nothing else, so `20%` is no budget; *"},
      {"a.budget=0%", limit},
      {"a.budget=1.234%", limit},
      {"a.budget=0", limit},
      {"a=-1", limit},
      {"a=-40%", limit},
      {"a=4m", limit},
      {"a=4MB", limit},
      {"a=4 M", limit},
      {"a= 4M", "`a= 4M` is no option; *"},
      {"a=128T", limit},
      {"a=99999999999999999999", limit},
      {"a=ram:", limit},
      {"a=ram:101%", limit},
      {"a=cgroup:4M", limit},
      {"a.budget=", limit},
      {"a.budget=1|2", limit},
      {"a.policy=", "`policy=`: expected one of notify, refuse, abort"},
      {"a.policy=Refuse", "`policy=Refuse`: expected one of notify, refuse, abort"},
      {"a.thresholds=80/60/90/95", thresholds},
      {"a.thresholds=60/60/90/95", thresholds},
      {"a.thresholds=60/80/90", thresholds},
      {"a.thresholds=60/80/90/95/99", thresholds},
      {"a.thresholds=60/80/90/101", thresholds},
      {"a.thresholds=0/80/90/95", thresholds},
      {"a.thresholds=60%/80%/90%/95%", thresholds},
      {"a.reserve=ram:5%", reserve},
      {"a.reserve=-1", reserve},
      {"a.grace=1%", "`a.grace=1%`: a size, or 0 expected"},
      {"a.dump=", dump},
      {"a.dump=breach|", dump},
      {"a.dump=peak:1M", dump},
      {"a.dump=breach|none", dump},
      {"a.fail=every:0", fail},
      {"a.fail=share:101%", fail},
      {"a.fail=2", fail},
      {"outside=yes", "`outside=yes`: expected one of cgroup, psi, off"},
      {"accounts=on", "`accounts=on`: expected one of 0, 1"},
      {"total/a=4M", "`total/a` is no category: all lie below `total`; *"},
      {"a b=4M", "`a b` is no category; *"},
      {"a//b.policy=refuse", "`a//b` is no category; *"},
      {".budget=4M", "`` is no category; *"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *string = NULL;
    cr_expect_eq(option_string_translate(cases[i][0], &string, &fault), -EINVAL, "%s", cases[i][0]);
    cr_expect(glob_fits(cases[i][1], strlen(cases[i][1]), fault.words), "%s: %s", cases[i][0], fault.words);
  }
}

Test(option_string, may_be_changed_while_a_program_runs_or_not) {
  cr_expect(option_string_is_live("memory=1"));
  cr_expect(option_string_is_live("a=4M,total.policy=refuse,a.dump=breach|grow:+1M,a.fail=none,memory=0"));
  cr_expect_not(option_string_is_live("a=4M,keep=1"));
  cr_expect_not(option_string_is_live("a.match=lib:x"));
  cr_expect_not(option_string_is_live("accounts=1"));
}

static void check_joined(const char *old, const char *more, const char *expected) {
  char *joined = option_string_join(old, more);
  cr_assert_str_eq(joined, expected);
  free(joined);
}

Test(option_string, is_joined) {
  check_joined("keep=1", "verbose=1", "keep=1,verbose=1");
  check_joined(NULL, "verbose=1", "verbose=1");
  check_joined("", "verbose=1", "verbose=1");
  check_joined("keep=1", "", "keep=1");
  check_joined(NULL, "", "");
}

/* A string of `count` settings, each by `format`, which takes its number. */
static char *repeated(const char *format, int count) {
  char *string = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&string, &size);
  for (int i = 0; i < count; i++) {
    if (i) fputc(',', to);
    for (const char *at = format; *at; at++) *at == '#' ? fprintf(to, "%d", i) : fputc(*at, to);
  }
  fclose(to);
  return string;
}

static void check_room(const char *format, int count, const char *expected) {
  char *string = repeated(format, count);
  int error = option_string_check_room(string, &fault);
  cr_expect_eq(error, expected ? -EINVAL : 0, "%d times %s: %s", count, format, error ? fault.words : "");
  if (error && expected) cr_expect(glob_fits(expected, strlen(expected), fault.words), "%s", fault.words);
  free(string);
}

Test(option_string, has_room_for_250_categories) {
  check_room("c#.match=lib:a", 250, NULL);
  check_room("c#.match=lib:a", 251, "`c250` is one category too many; expected at most 250, *");
  check_room("a/c#.match=lib:a", 249, NULL);
  check_room("a/c#.match=lib:a", 250, "`a/c249` is one category too many; *");
  check_room("other/c#.match=lib:a", 250, NULL);
  check_room("c#.budget=4M", 250, NULL);
  check_room("c#=40K", 251, "`c250` is one category too many; *");
}

Test(option_string, has_room_for_1024_rules_and_their_text) {
  check_room("c#.match=lib:a|lib:b|lib:c|lib:d", 250, NULL);
  check_room("c#.match=lib:a|lib:b|lib:c|lib:d|lib:e", 250,
             "1250 globs in all `match` lists; expected at most 1024");
  check_room("a.match=lib:#|lib:b|lib:c", 500, NULL); /* each takes the place of the one before */
  char glob[301] = "c#.match=lib:";
  memset(glob + strlen(glob), 'a', 300 - strlen(glob));
  check_room(glob, 225, NULL);
  check_room(glob, 240, "* bytes of globs in all `match` lists; expected at most 65536");
}

Test(option_string, is_no_longer_than_the_kernel_passes_on) {
  char *string = malloc(OPTION_STRING_MOST + 2);
  memset(string, ',', OPTION_STRING_MOST + 1);
  string[OPTION_STRING_MOST + 1] = 0;
  cr_expect_eq(option_string_check_room(string, &fault), -EINVAL);
  cr_expect_str_eq(fault.words,
                   "the settings make a string of 131057 bytes; expected at most 131056, the most that the "
                   "kernel passes on");
  string[OPTION_STRING_MOST] = 0;
  cr_expect_eq(option_string_check_room(string, &fault), 0);
  free(string);
}
