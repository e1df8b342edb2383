/*
 * budget_spec.c: tests of src/model/budget_spec.c: what was said, put together and worked out.
 */
#include "model/budget_spec.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "model/fresh_segment.h"

#define MIB (UINT64_C(1) << 20)

static struct budget_spec rows[3][BUDGET_SPECS_MOST];
static struct budget_specs specs = {.room = BUDGET_SPECS_MOST, .spec = rows[0]};
static struct segment tree;
static const struct budget_sources sources = {.ram_bytes = 1000 * MIB, .cgroup_bytes = 100 * MIB};

static void say(const char *path, const char *property, const char *value) {
  cr_assert_null(budget_specs_say(&specs, path, property, value), "%s.%s=%s", path, property, value);
}

/* As the shim does it: every category gets its id, and a budget in the order of ids. */
static const char *work_out_all(void) {
  tree = fresh_segment(2);
  cr_assert_eq(budget_prepare(&tree), 0);
  for (uint32_t i = 0; i < specs.count; i++)
    cr_assert_eq(category_add(&tree, specs.spec[i].path, RATION_KIND_PROGRAM, &specs.spec[i].category), 0);
  for (uint32_t id = 1; id <= category_count(&tree); id++) {
    struct budget_terms terms;
    const char *why = budget_specs_work_out(&specs, &tree, id, sources, &terms);
    if (why) return why;
    budget_set(&tree, id, terms, 1);
  }
  return NULL;
}

static void expect_limit(const char *path, uint64_t limit) {
  uint64_t found = tree.budgets[fresh_segment_add(&tree, path)].limit_bytes;
  cr_expect_eq(found, limit, "%s: %lu, not %lu", path, (unsigned long)found, (unsigned long)limit);
}

static void expect_policy(const char *path, uint32_t policy) {
  uint32_t found = tree.budgets[fresh_segment_add(&tree, path)].policy;
  cr_expect_eq(found, policy, "%s: %u, not %u", path, found, policy);
}

Test(budget_spec, knows_its_properties) {
  cr_expect(budget_specs_has("budget") && budget_specs_has("policy") && budget_specs_has("thresholds"));
  cr_expect(budget_specs_has("reserve") && budget_specs_has("grace") && budget_specs_has("fail"));
  cr_expect(budget_specs_has("dump"));
  cr_expect_not(budget_specs_has("match"));
  cr_expect_not(budget_specs_has(""));
  cr_expect_not(budget_specs_has("budgets"));
}

Test(budget_spec, refuses_and_changes_nothing) {
  static const char *const wrong[][3] = {
      {"", "budget", "1M"},       {"/a", "budget", "1M"},      {"a//b", "budget", "1M"},
      {"a b", "budget", "1M"},    {"total/a", "budget", "1M"}, {"a", "budget", "-1"},
      {"a", "policy", "ignore"},  {"a", "policy", ""},         {"a", "thresholds", "1/2/3"},
      {"a", "reserve", "ram:1%"}, {"a", "grace", "-1"},        {"a", "fail", "0"},
      {"a", "dump", "always"},    {"total", "budget", "40%"},  {"a/b/c/d/e/f/g/h/i", "budget", "1M"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_not_null(budget_specs_say(&specs, wrong[i][0], wrong[i][1], wrong[i][2]), "%s.%s=%s",
                       wrong[i][0], wrong[i][1], wrong[i][2]);
  cr_expect_eq(specs.count, 0);
  say("a", "budget", "1M");
  cr_expect_not_null(budget_specs_say(&specs, "a", "budget", "x"));
  cr_expect_eq(specs.spec[0].limit.value, MIB);
}

Test(budget_spec, has_room_for_250) {
  static char names[251][8];
  for (int i = 0; i < 250; i++) {
    snprintf(names[i], sizeof names[i], "c%d", i);
    say(names[i], "budget", "1M");
  }
  cr_expect_not_null(budget_specs_say(&specs, "another", "budget", "1M"));
  say("c249", "policy", "refuse");
  cr_expect_eq(specs.count, 250);
  struct budget_specs none = {.room = 0};
  cr_expect_not_null(budget_specs_say(&none, "a", "budget", "1M"));
}

Test(budget_spec, works_out_shares) {
  say("total", "budget", "1000M");
  say("a", "budget", "40%");
  say("a/b/c", "budget", "50%");
  say("r", "budget", "ram:0.1%");
  say("g", "budget", "cgroup:80%");
  say("g/h", "budget", "33.33%");
  say("o", "budget", "none");
  cr_assert_null(work_out_all());
  expect_limit("total", 1000 * MIB);
  expect_limit("a", 400 * MIB);
  expect_limit("a/b", 0);
  expect_limit("a/b/c", 200 * MIB);
  expect_limit("r", MIB);
  expect_limit("g", 80 * MIB);
  expect_limit("g/h", 80 * MIB / 10000 * 3333 + 80 * MIB % 10000 * 3333 / 10000);
  expect_limit("o", 0);
}

Test(budget_spec, says_why_a_share_cannot_be) {
  static const char *const shares[][2] = {{"a", "40%"}, {"a", "ram:40%"}, {"a", "cgroup:40%"}};
  for (size_t i = 0; i < 3; i++) {
    struct budget_terms terms = {.limit = 7};
    tree = fresh_segment(2);
    cr_assert_eq(budget_prepare(&tree), 0);
    specs.count = 0;
    say(shares[i][0], "budget", shares[i][1]);
    specs.spec[0].category = fresh_segment_add(&tree, "a");
    cr_expect_not_null(
        budget_specs_work_out(&specs, &tree, specs.spec[0].category, (struct budget_sources){0}, &terms));
    cr_expect_eq(terms.limit, 0);
  }
}

Test(budget_spec, of_small_shares_and_large_ones) {
  say("total", "budget", "9999");
  say("a", "budget", "0.01%");
  cr_expect_not_null(work_out_all(), "a share that comes to nothing");
  specs.count = 0;
  say("total", "budget", "10000");
  say("a", "budget", "0.01%");
  cr_expect_null(work_out_all());
  expect_limit("a", 1);
  specs.count = 0;
  say("total", "budget", "140737488355327");
  say("a", "budget", "100%");
  cr_expect_null(work_out_all());
  expect_limit("a", BUDGET_BYTES_MOST);
}

Test(budget_spec, inherits_policies) {
  say("a", "policy", "refuse");
  say("a", "budget", "10M");
  say("a/b", "budget", "1M");
  say("a/b/c", "budget", "1M");
  say("a/b", "policy", "abort");
  say("d", "budget", "1M");
  say("p", "policy", "refuse");
  say("p/q/r", "budget", "1M");
  cr_assert_null(work_out_all());
  expect_policy("a", RATION_POLICY_REFUSE);
  expect_policy("a/b", RATION_POLICY_ABORT);
  expect_policy("a/b/c", RATION_POLICY_ABORT);
  expect_policy("d", RATION_POLICY_NOTIFY);
  expect_policy("p/q/r", RATION_POLICY_REFUSE);
}

Test(budget_spec, takes_reserves_from_the_budget) {
  say("a", "budget", "1000");
  say("a", "reserve", "5%");
  say("a", "grace", "10");
  say("a", "thresholds", "10/20/30/40");
  say("b", "budget", "1000");
  say("b", "reserve", "999");
  cr_assert_null(work_out_all());
  const struct ration_segment_budget *a = &tree.budgets[fresh_segment_add(&tree, "a")];
  cr_expect_eq(a->reserve_bytes, 50, "%lu", (unsigned long)a->reserve_bytes);
  cr_expect_eq(a->ordinary_bytes, 950, "%lu", (unsigned long)a->ordinary_bytes);
  cr_expect_eq(a->grace_bytes, 10);
  cr_expect_eq(a->level_bytes[0], 95, "%lu", (unsigned long)a->level_bytes[0]);
  cr_expect_eq(a->level_bytes[3], 380, "%lu", (unsigned long)a->level_bytes[3]);
  say("b", "reserve", "1000");
  cr_expect_not_null(work_out_all());
  say("b", "reserve", "100%");
  cr_expect_not_null(work_out_all());
  say("b", "reserve", "none");
  cr_expect_null(work_out_all());
  say("b", "grace", "5");
  cr_expect_not_null(work_out_all(), "a grace without a reserve");
  say("b", "grace", "0");
  cr_expect_null(work_out_all());
}

Test(budget_spec, merges_what_is_said_later) {
  struct budget_specs more = {.room = BUDGET_SPECS_MOST, .spec = rows[1]};
  struct budget_specs both = {.room = BUDGET_SPECS_MOST, .spec = rows[2]};
  say("a", "budget", "10M");
  say("a", "reserve", "1M");
  say("a", "grace", "64");
  say("a", "fail", "every:3");
  say("a", "dump", "breach");
  specs.spec[0].category = 7;
  cr_assert_null(budget_specs_say(&more, "a", "policy", "refuse"));
  cr_assert_null(budget_specs_say(&more, "a", "grace", "0"));
  cr_assert_null(budget_specs_say(&more, "a", "fail", "none"));
  cr_assert_null(budget_specs_say(&more, "n", "budget", "5M"));
  more.spec[0].category = 7;
  more.spec[1].category = 8;
  budget_specs_copy(&both, &specs);
  cr_assert_eq(budget_specs_merge(&both, &more), 0);
  const struct budget_spec *a = budget_specs_of(&both, 7);
  cr_assert_not_null(a);
  cr_expect(a->limit.value == 10 * MIB && a->reserve.value == MIB && a->policy == RATION_POLICY_REFUSE);
  cr_expect(a->grace == 0 && a->fail.every == 0 && a->dump.at_breach == 1);
  cr_expect_eq(budget_specs_of(&both, 8)->limit.value, 5 * MIB);
  cr_expect_null(budget_specs_of(&both, 9));
  cr_expect_eq(specs.count, 1, "the first is as it was");
  cr_expect_eq(specs.spec[0].grace, 64);
  both.room = 2;
  more.spec[1].category = 9;
  cr_expect_eq(budget_specs_merge(&both, &more), -ENOSPC);
}
