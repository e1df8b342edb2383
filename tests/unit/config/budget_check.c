/*
 * Tests of config/budget_check.c and budget_list.c: budgets that are right one by one, and what they come to together.
 */
#include "config/budget_check.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/glob.h"

static struct fault fault;
static struct budget_list list;

static void read_list(const char *string) {
  cr_assert_eq(budget_list_read(string, &list, &fault), 0, "%s: %s", string, fault.words);
}

static const struct budget_entry *entry_of(const char *path) {
  const struct budget_entry *entry = budget_list_find(&list, stretch_of(path));
  cr_assert_not_null(entry, "%s", path);
  return entry;
}

static void check_amount(const char *path, uint32_t of, uint64_t value) {
  struct budget_amount amount = budget_entry_amount(entry_of(path));
  cr_expect_eq(amount.of, of, "%s: %u", path, amount.of);
  cr_expect_eq(amount.value, value, "%s: %llu", path, (unsigned long long)amount.value);
}

Test(budget_list, has_the_later_of_two_settings) {
  read_list("keep=1,a=4M,a.policy=refuse,b.match=lib:x,a.budget=5M,a.grace=1K,a.reserve=10%");
  cr_assert_eq(list.count, 1);
  const struct budget_entry *entry = entry_of("a");
  cr_expect(stretch_is(entry->text[PROPERTY_BUDGET], "5M"));
  cr_expect_eq(entry->at[PROPERTY_BUDGET], strlen("keep=1,a=4M,a.policy=refuse,b.match=lib:x,"));
  cr_expect(stretch_is(entry->text[PROPERTY_POLICY], "refuse"));
  cr_expect_null(entry->text[PROPERTY_DUMP].bytes);
  cr_expect_eq(entry->grace, 1024);
  cr_expect_eq(entry->reserve.kind, LIMIT_SHARE);
  budget_list_free(&list);
}

Test(budget_list, works_shares_out) {
  read_list("a/b/c=50%,a=40%,total=1000000,lib=ram:50%,lib/x=10%,bin=cgroup:80%,a/d=none,a/d/e=25%,other=1%");
  check_amount("total", LIMIT_BYTES, 1000000);
  check_amount("a", LIMIT_BYTES, 400000);
  check_amount("a/b/c", LIMIT_BYTES, 200000); /* a/b has none: the nearest above that has one */
  check_amount("a/d", LIMIT_UNSAID, 0);
  check_amount("a/d/e", LIMIT_BYTES, 100000);
  check_amount("lib", LIMIT_RAM, AMOUNT_ONE / 2);
  check_amount("lib/x", LIMIT_RAM, AMOUNT_ONE / 20);
  check_amount("bin", LIMIT_CGROUP, AMOUNT_ONE / 5 * 4);
  check_amount("other", LIMIT_BYTES, 10000);
  budget_list_free(&list);
  read_list("a=40%");
  check_amount("a", LIMIT_UNSAID, 0);
  budget_list_free(&list);
}

Test(budget_list, knows_whose_policy_holds) {
  read_list("total.policy=refuse,a/b.policy=abort,c=4M");
  cr_expect(stretch_is(budget_list_policy(&list, stretch_of("a/b/c")), "abort"));
  cr_expect(stretch_is(budget_list_policy(&list, stretch_of("a")), "refuse"));
  cr_expect(stretch_is(budget_list_policy(&list, stretch_of("total")), "refuse"));
  budget_list_free(&list);
  read_list("a.policy=refuse");
  cr_expect(stretch_is(budget_list_policy(&list, stretch_of("b")), "notify"));
  budget_list_free(&list);
}

static void check_fault(const char *string, bool is_whole, const char *setting, const char *expected) {
  size_t at = 0;
  read_list(string);
  int error = budget_check(&list, is_whole, &at, &fault);
  cr_expect_eq(error, expected ? -EINVAL : 0, "%s: %d", string, error);
  if (error && expected) {
    cr_expect(glob_fits(expected, strlen(expected), fault.words), "%s: %s", string, fault.words);
    cr_expect_eq(strncmp(string + at, setting, strlen(setting)), 0, "%s: at %s", string, string + at);
  }
  budget_list_free(&list);
}

Test(budget_check, takes_what_can_be_worked_out) {
  check_fault("", true, NULL, NULL);
  check_fault("total=4G,a=40%,a/b/c=100%,total.reserve=5%,total.grace=1K", true, NULL, NULL);
  check_fault("a/b=40%,total=cgroup:80%", true, NULL, NULL);
  check_fault("a=1M,a.reserve=1048575,b.grace=0", true, NULL, NULL);
  check_fault("a=80%,b=80%,total=1M", true, NULL, NULL);
  check_fault("a=ram:1%,a.reserve=1G", true, NULL, NULL); /* the shim knows what that comes to */
  check_fault("a.reserve=5%,a.grace=1K,b.policy=refuse", true, NULL, NULL);
}

Test(budget_check, refuses_what_cannot) {
  check_fault("total=40%", true, "total=40%", "`total` is a part of nothing else, so `40%` is no budget; *");
  check_fault("a=1M,b.budget=40%", true, "b.budget", "`b` is `40%` of nothing; *");
  check_fault("a=none,a/b=40%", true, "a/b=40%", "`a/b` is `40%` of nothing; *");
  check_fault("total=1000,a=0.01%", true, "a=", "`a`: `0.01%` of the budget above it comes to no byte");
  check_fault("a=1M,a.reserve=1M", true, "a.reserve", "the reserve of `a`, `1M`, takes all of its budget; *");
  check_fault("a.reserve=100%,a=ram:1%", true, "a.reserve", "the reserve of `a`, `100%`, *");
  check_fault("total=1M,a=50%,a.reserve=600K", true, "a.reserve", "the reserve of `a`, `600K`, *");
  check_fault("a=1M,a.grace=1K", true, "a.grace", "`a` has a grace and no reserve; *");
  check_fault("a=1M,a.reserve=none,a.grace=1K", true, "a.grace", "`a` has a grace and no reserve; *");
}

Test(budget_check, leaves_to_the_process_what_it_may_have_already) {
  check_fault("a=40%", false, NULL, NULL);
  check_fault("a.grace=1K", false, NULL, NULL);
  check_fault("total=40%", false, "total=40%", "`total` is a part of nothing else, *");
  check_fault("a.reserve=none,a.grace=1K", false, "a.grace", "`a` has a grace and no reserve; *");
  check_fault("a=1M,a.reserve=2M", false, "a.reserve", "the reserve of `a`, `2M`, *");
}

static char notes[2048];

static void take_note(size_t at, const char *words, void *context) {
  char note[512];
  snprintf(note, sizeof note, "%s: %s\n", (const char *)context + at, words);
  *strchr(note, ',') = 0; /* the setting alone, before those behind it */
  snprintf(note + strlen(note), sizeof note - strlen(note), ": %s\n", words);
  strncat(notes, note, sizeof notes - strlen(notes) - 1);
}

static void check_notes(const char *string, const char *expected) {
  char copy[512];
  snprintf(copy, sizeof copy, "%s,", string);
  notes[0] = 0;
  read_list(string);
  budget_check_note(&list, take_note, copy);
  cr_expect_str_eq(notes, expected);
  budget_list_free(&list);
}

Test(budget_check, notes_sums_and_what_does_nothing) {
  check_notes("total=4G,a=60%,b=40%,a/x=1G,a/y=1G", "");
  check_notes("total=4G,a=60%,b=40%,c=1K",
              "total=4G: the budgets below `total` add up to more than its own 4.0 GiB, by 1.0 KiB\n");
  check_notes("total=4G,a=60%,a/x=100%,a/y=100%",
              "a=60%: the budgets below `a` add up to more than its own 2.4 GiB, by 2.4 GiB\n");
  check_notes(
      "a=ram:50%,a/b/c=60%,a/d=60%,a/e=4M",
      "a=ram:50%: the budgets below `a` add up to more than its own 50 % of the machine's memory, by 10 % "
      "of the machine's memory\n");
  check_notes("a.reserve=4M,b.policy=refuse,c.fail=every:2,d.dump=breach",
              "a.reserve=4M: `reserve` of `a` does nothing: it has no budget\n"
              "d.dump=breach: `dump` of `d` does nothing: it has no budget\n");
}
