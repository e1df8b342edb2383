/*
 * settings.c: tests of src/model/settings.c.
 */
#include "model/settings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct rules rules;
static struct budget_spec rows[2][BUDGET_SPECS_MOST];
static struct budget_specs budgets = {.room = BUDGET_SPECS_MOST, .spec = rows[0]},
                           changes = {.room = BUDGET_SPECS_MOST, .spec = rows[1]};

/* What is read stays in use, as in a process. */
static struct settings read_for(const char *program, const char *options) {
  static char *volatile kept[256]; /* in use for ever */
  static int count;
  struct settings settings;
  memset(&settings, 0xff, sizeof settings);
  char *copy = kept[count++] = options ? strdup(options) : NULL;
  settings_read(copy, program, &rules, &budgets, &settings);
  return settings;
}

static struct settings read_options(const char *options) {
  return read_for("program", options);
}

Test(settings, without_options_are_the_defaults) {
  static const char *const nothing[] = {NULL, "", ",", ",,,"};
  for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
    struct settings settings = read_options(nothing[i]);
    cr_expect_eq(settings.keep, 0);
    cr_expect_eq(settings.verbose, 0);
    cr_expect_eq(settings.follow, FOLLOW_ALL);
    cr_expect(settings_may_track(&settings));
    cr_expect_eq(settings.ignored, 0);
    cr_expect_str_empty(settings.ignored_text);
    cr_expect_str_eq(settings.transparent, SETTINGS_TRANSPARENT);
    cr_expect_str_empty(settings.wrapper);
    cr_expect_eq(settings.inherit_creator, 1);
    cr_expect_eq(settings.mmap, 0);
    cr_expect_eq(settings.memory, 0);
    cr_expect_eq(settings.unwind, RATION_UNWIND_LIBUNWIND);
    cr_expect_eq(rules.count, 0);
  }
}

Test(settings, are_read_and_the_later_one_wins) {
  struct settings settings = read_options("keep=1,verbose=1,follow=none,,verbose=0,follow=exec,");
  cr_expect_eq(settings.keep, 1);
  cr_expect_eq(settings.verbose, 0);
  cr_expect_eq(settings.follow, FOLLOW_EXEC);
  cr_expect_eq(settings.ignored, 0);
}

Test(settings, not_understood_keep_their_default_and_are_named) {
  static const struct {
    const char *options, *ignored;
  } cases[] = {
      {"keep", "keep: NAME=VALUE expected"},
      {"keep=", "keep=: 0 or 1 expected"},
      {"keep=yes", "keep=yes: 0 or 1 expected"},
      {"keep=01", "keep=01: 0 or 1 expected"},
      {"keep= 1", "keep= 1: 0 or 1 expected"},
      {"verbose=2", "verbose=2: 0 or 1 expected"},
      {"follow=", "follow=: all, exec or none expected"},
      {"follow=All", "follow=All: all, exec or none expected"},
      {"only=", "only=: globs of program names expected"},
      {"not=", "not=: globs of program names expected"},
      {"=1", "=1: no such option"},
      {"keeps=1", "keeps=1: no such option"},
      {"kee=1", "kee=1: no such option"},
      {"KEEP=1", "KEEP=1: no such option"},
      {" keep=1", " keep=1: no such option"},
      {"a\\,b=1", "a\\,b=1: no such option"},
      {"inherit=all", "inherit=all: creator or none expected"},
      {"mmap=on", "mmap=on: 0 or 1 expected"},
      {"memory=", "memory=: 0 or 1 expected"},
      {"unwind=yes", "unwind=yes: libunwind, fp or off expected"},
      {"kept=999", "kept=999: no such option"},
      {"a.match=", "a.match=: globs expected, parted by |: lib:, fn:, thread:, size:"},
      {"a.match=|", "a.match=|: globs expected, parted by |: lib:, fn:, thread:, size:"},
      {"a.match=x*", "a.match=x*: globs expected, each behind lib:, fn:, thread: or size:"},
      {"a.match=lib:x|fn:", "a.match=lib:x|fn:: a glob expected behind the colon"},
      {"a.match=size:1M", "a.match=size:1M: size:>=1M expected: one of >= > <= < = and bytes, or K, M, G, T"},
      {"a.match=size:>=1MB",
       "a.match=size:>=1MB: size:>=1M expected: one of >= > <= < = and bytes, or K, M, G, T"},
      {"total.match=lib:x", "total.match=lib:x: a category expected, a/b of letters, digits and _ . + - ~"},
      {"a//b.match=lib:x", "a//b.match=lib:x: a category expected, a/b of letters, digits and _ . + - ~"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct settings settings = read_options(cases[i].options);
    cr_expect_eq(settings.ignored, 1, "%s", cases[i].options);
    cr_expect_str_eq(settings.ignored_text, cases[i].ignored, "%s", settings.ignored_text);
    cr_expect_eq(settings.keep, 0, "%s", cases[i].options);
    cr_expect_eq(settings.follow, FOLLOW_ALL);
    cr_expect(settings_may_track(&settings));
  }
}

Test(settings, ignored_ones_stand_a_line_each_and_the_others_hold) {
  struct settings settings = read_options("a=1,keep=1,b,verbose=1,follow=x");
  cr_expect_eq(settings.keep, 1);
  cr_expect_eq(settings.verbose, 1);
  cr_expect_eq(settings.ignored, 3);
  cr_expect_str_eq(settings.ignored_text, "a=1: no such option\nb: NAME=VALUE expected\n"
                                          "follow=x: all, exec or none expected");
}

Test(settings, ignored_text_is_cut_and_its_count_is_not) {
  char options[4096] = "";
  for (int i = 0; i < 100; i++) strcat(options, "no_such_option=1,");
  struct settings settings = read_options(options);
  cr_expect_eq(settings.ignored, 100);
  cr_expect_eq(strlen(settings.ignored_text), sizeof settings.ignored_text - 1);
}

Test(settings, for_rules_and_wrappers_are_read) {
  struct settings settings =
      read_options("transparent=liba*|libb*,wrapper=x_*,inherit=none,mmap=1,memory=1,unwind=fp,"
                   "a/b.c.match=lib:x\\,y|size:>=1M,d.match=fn:f,a/b.c.match=thread:t");
  cr_expect_str_eq(settings.transparent, "liba*|libb*");
  cr_expect_str_eq(settings.wrapper, "x_*");
  cr_expect_eq(settings.inherit_creator, 0);
  cr_expect_eq(settings.mmap, 1);
  cr_expect_eq(settings.memory, 1);
  cr_expect_eq(settings.unwind, RATION_UNWIND_FP);
  cr_expect_eq(settings.ignored, 0, "%s", settings.ignored_text);
  cr_assert_eq(rules.count, 2, "a later match of a category takes the place of the one before");
  cr_expect_str_eq(rules.rule[0].path, "d");
  cr_expect_str_eq(rules.rule[1].path, "a/b.c");
  cr_expect_eq(rules.rule[1].kind, RATION_RULE_THREAD);
}

Test(settings, change_only_where_they_can_and_all_or_none) {
  struct settings settings = read_options("");
  const char *setting = NULL;
  char on[] = "memory=1", mixed[] = "memory=0,keep=1", bad[] = "memory=2", unknown[] = "memoryx=1";
  cr_expect_null(settings_change(&settings, on, &changes, &setting));
  cr_expect_eq(settings.memory, 1);
  cr_expect_str_eq(settings_change(&settings, mixed, &changes, &setting),
                   "cannot be changed while the program runs");
  cr_expect_str_eq(setting, "keep=1");
  cr_expect_str_eq(settings_change(&settings, bad, &changes, &setting), "0 or 1 expected");
  cr_expect_str_eq(setting, "memory=2");
  cr_expect_str_eq(settings_change(&settings, unknown, &changes, &setting), "no such option");
  cr_expect_eq(settings.memory, 1);
}

Test(settings, longer_than_any_can_be_are_ignored) {
  char options[4096];
  int length = snprintf(options, sizeof options, "keep=");
  memset(options + length, '1', 3000);
  snprintf(options + length + 3000, sizeof options - (size_t)length - 3000, ",verbose=1");
  struct settings settings = read_options(options);
  cr_expect_eq(settings.ignored, 1);
  cr_expect_eq(settings.keep, 0);
  cr_expect_eq(settings.verbose, 1);
}

Test(settings, choose_programs_by_globs) {
  static const struct {
    const char *options, *program;
    int may_track;
  } cases[] = {
      {"only=sh", "sh", 1},
      {"only=sh", "bash", 0},
      {"only=*sh", "bash", 1},
      {"only=sh|python3*", "python3.11", 1},
      {"only=sh|python3*", "python2", 0},
      {"only=|sh", "sh", 1},
      {"only=sh|", "bash", 0},
      {"only=a\\,b", "a,b", 1},
      {"only=a\\|b", "a|b", 1},
      {"only=a\\|b", "a", 0},
      {"only=a\\\\b", "a\\b", 1},
      {"only=a\\*", "a*", 1},
      {"only=a\\*", "ab", 0},
      {"not=sh", "sh", 0},
      {"not=sh", "bash", 1},
      {"not=a|b|c*", "cc", 0},
      {"only=*sh,not=bash", "bash", 0},
      {"only=*sh,not=bash", "zsh", 1},
      {"only=sh,only=bash", "sh", 0},
      {"not=sh,not=bash", "sh", 1},
      {"only=[a-c]?", "b1", 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct settings settings = read_for(cases[i].program, cases[i].options);
    cr_expect_eq(settings_may_track(&settings), cases[i].may_track, "%s for %s", cases[i].options,
                 cases[i].program);
    cr_expect_eq(settings.ignored, 0, "%s", settings.ignored_text);
  }
}

Test(settings, backslash_at_the_end_is_itself) {
  struct settings settings = read_for("a\\", "only=a\\");
  cr_expect(settings_may_track(&settings));
}
