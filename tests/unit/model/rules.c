/*
 * rules.c: tests of src/model/rules.c.
 */
#include "model/rules.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "model/category.h"
#include "model/fresh_segment.h"

static struct rules rules = {.sizes = {{.number = RULES_NONE}}};

static void add(const char *path, const char *globs) {
  const char *why = rules_add(&rules, path, globs);
  cr_assert_null(why, "%s: %s", globs, why);
}

Test(rules, first_that_fits_wins_in_their_order) {
  add("tls", "lib:libssl.so*|lib:libcrypto.so*");
  add("all", "lib:lib*|fn:*_new|thread:io-*");
  add("late", "fn:json_new|thread:io-1");
  cr_expect_eq(rules_of_module(&rules, "libcrypto.so.3", "/lib/libcrypto.so.3"), 1);
  cr_expect_eq(rules_of_module(&rules, "libz.so.1", "/lib/libz.so.1"), 2);
  cr_expect_eq(rules_of_module(&rules, "server", "/usr/bin/server"), RULES_NONE);
  cr_expect_eq(rules_of_function(&rules, "json_new"), 3);
  cr_expect_eq(rules_of_function(&rules, "json_newer"), RULES_NONE);
  cr_expect_eq(rules_of_thread(&rules, "io-1"), 4);
  cr_expect_eq(rules_of_thread(&rules, "io"), RULES_NONE);
}

Test(rules, glob_with_a_slash_is_compared_with_the_whole_path) {
  add("mine", "lib:/opt/*/lib*");
  cr_expect_eq(rules_of_module(&rules, "libx.so", "/opt/x/libx.so"), 0);
  cr_expect_eq(rules_of_module(&rules, "libx.so", "/usr/lib/libx.so"), RULES_NONE);
}

Test(rules, sizes_are_compared_as_they_say) {
  static const struct {
    const char *glob;
    uint64_t fits, fits_not;
  } cases[] = {{"size:>=1M", 1 << 20, (1 << 20) - 1},
               {"size:>1K", 1025, 1024},
               {"size:<=4K", 4096, 4097},
               {"size:<16", 15, 16},
               {"size:=0", 0, 1},
               {"size:>18446744073709551614", UINT64_MAX, UINT64_MAX - 1},
               {"size:>=16T", UINT64_C(16) << 40, (UINT64_C(16) << 40) - 1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    add("sized", cases[i].glob);
    cr_expect_eq(rules.count, 1);
    const struct size_rule *found = rules_of_size(&rules, cases[i].fits, RULES_NONE);
    cr_assert_not_null(found, "%s", cases[i].glob);
    cr_expect_eq(found->number, 0);
    cr_expect_null(rules_of_size(&rules, cases[i].fits_not, RULES_NONE), "%s", cases[i].glob);
    cr_expect_null(rules_of_size(&rules, cases[i].fits, 0), "none lies before the first");
  }
}

Test(rules, sizes_are_told_apart_only_where_a_bound_is_in_reach) {
  add("big", "lib:x|size:>=1M");
  cr_expect_not(rules_tell_sizes(&rules, 1 << 17, RULES_NONE));
  cr_expect(rules_tell_sizes(&rules, 1 << 20, RULES_NONE));
  cr_expect_not(rules_tell_sizes(&rules, 1 << 20, 1), "a rule behind the one that fits is not asked");
  add("small", "size:<1G");
  cr_expect(rules_tell_sizes(&rules, 1 << 17, RULES_NONE), "it fits them all, and so has a say");
}

Test(rules, that_make_no_sense_change_nothing) {
  add("a", "lib:x");
  cr_expect_not_null(rules_add(&rules, "a", "lib:y|size:big"));
  cr_expect_not_null(rules_add(&rules, "other", "lib:y"));
  cr_expect_not_null(rules_add(&rules, "a", "size:<0"), "no size is below 0");
  cr_expect_not_null(rules_add(&rules, "a", "size:>18446744073709551615"), "nor above all");
  cr_expect_eq(rules.count, 1);
  cr_expect_eq(rules_of_module(&rules, "x", "/x"), 0);
}

Test(rules, at_most_1024_are_held) {
  static char globs[16384];
  for (int i = 0; i < 1024; i++) strcat(globs, "lib:x|");
  add("a", globs);
  cr_expect_eq(rules.count, 1024);
  add("a", globs);
  cr_expect_eq(rules.count, 1024, "they take the place of those before");
  cr_expect_not_null(rules_add(&rules, "b", "lib:y"));
}

Test(rules, are_listed_in_the_segment_with_their_categories) {
  struct segment segment = fresh_segment(1);
  add("tls/keys", "lib:libssl*");
  add("big", "size:>=1M");
  cr_assert_eq(rules_open(&rules, &segment), 0);
  cr_expect_eq(segment.process->rules_count, 2);
  cr_expect_str_eq(segment_category(&segment, segment.rules[0].category)->name, "tls/keys");
  cr_expect_eq(segment.rules[1].kind, RATION_RULE_SIZE);
  cr_expect_eq(segment.rules[1].text_bytes, 9);
  cr_expect_eq(memcmp(segment.text + segment.rules[1].text_at, "size:>=1M", 9), 0);
  cr_expect_eq(segment.rules[1].is_matched, 0);
  rules_note_match(&segment, 1);
  cr_expect_eq(segment.rules[1].is_matched, 1);
  rules_note_match(&segment, RULES_NONE);
}

Test(rules, that_matched_in_the_parent_have_matched_in_the_child) {
  struct segment parent = fresh_segment(1), child = fresh_segment(1);
  add("a", "lib:x|lib:y");
  cr_assert_eq(rules_open(&rules, &parent), 0);
  rules_note_match(&parent, 1);
  parent.process->late_modules = 3;
  parent.process->unread_modules = 2;
  cr_assert_eq(rules_open(&rules, &child), 0);
  rules_inherit(&child, &parent);
  cr_expect_eq(child.rules[0].is_matched, 0);
  cr_expect_eq(child.rules[1].is_matched, 1);
  cr_expect_eq(child.process->late_modules, 3);
  cr_expect_eq(child.process->unread_modules, 2);
}

Test(rules, without_room_for_a_category_give_other_and_are_counted) {
  struct segment segment = fresh_segment(1);
  for (int i = 0; i < 260; i++) {
    char path[16];
    snprintf(path, sizeof path, "c%d", i);
    add(strdup(path), "lib:x");
  }
  cr_expect_eq(rules_open(&rules, &segment), 10);
  cr_expect_eq(rules.rule[249].category, RATION_CATEGORY_LAST);
  cr_expect_eq(rules.rule[250].category, RATION_CATEGORY_OTHER);
}
