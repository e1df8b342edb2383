/*
 * Tests of plan/proposal.c and plan/trial.c: sizes that files can have, and what budgets would have come to.
 */
#include <criterion/criterion.h>

#include "plan/proposal.h"
#include "plan/trial.h"

#define MIB (UINT64_C(1) << 20)

static void check_proposal(uint64_t peak, uint64_t headroom, const char *expected) {
  char text[PROPOSAL_SIZE_BYTES];
  uint64_t bytes = proposal_bytes(peak, headroom), read = 0;
  proposal_write_size(bytes, text);
  cr_expect_str_eq(text, expected, "%llu: %s", (unsigned long long)peak, text);
  cr_expect_eq(budget_read_bytes(text, &read), 0, "%s", text);
  cr_expect_eq(read, bytes);
}

Test(proposal, is_a_round_size_above_the_peak) {
  check_proposal(148 * MIB, 25, "192M");
  check_proposal(100 * MIB, 0, "100M");
  check_proposal(100 * MIB + 1, 0, "104M");
  check_proposal(3 * MIB, 25, "3840K");
  check_proposal(1, 25, "64K");
  check_proposal(60000, 25, "76K");
  check_proposal(3 * MIB * 1024, 25, "3840M");
  check_proposal(7 * MIB * 1024, 1000, "80G");
  check_proposal(UINT64_MAX, 1000, "64T");
  for (uint64_t peak = 1; peak < UINT64_C(1) << 44; peak = peak * 3 + 1) {
    uint64_t wanted = peak + peak / 4, bytes = proposal_bytes(peak, 25);
    cr_expect_geq(bytes, wanted);
    if (wanted >= PROPOSAL_LEAST) cr_expect_leq(bytes, wanted + wanted / 16 + 1025);
  }
}

Test(proposal, has_sizes_as_settings_have_them) {
  char text[PROPOSAL_SIZE_BYTES];
  static const struct {
    uint64_t bytes;
    const char *text;
  } cases[] = {{1, "1"},       {1023, "1023"},         {1024, "1K"},
               {1025, "1025"}, {1536 * 1024, "1536K"}, {MIB << 30, "1024T"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    proposal_write_size(cases[i].bytes, text);
    cr_expect_str_eq(text, cases[i].text);
  }
}

static struct trial begin(const char *string, const char *path) {
  static struct budget_list list;
  static struct fault fault;
  struct trial trial = {0};
  budget_list_free(&list);
  cr_assert_eq(budget_list_read(string, &list, &fault), 0, "%s", fault.words);
  cr_assert(trial_begin(&list, budget_list_find(&list, stretch_of(path)), 1000000, &trial), "%s", string);
  return trial;
}

Test(trial, has_what_a_configuration_says) {
  struct trial trial =
      begin("total=10000,total.policy=refuse,a=50%,a.reserve=10%,a.thresholds=10/20/30/40", "a");
  cr_expect_eq(trial.limit_bytes, 5000);
  cr_expect_eq(trial.reserve_bytes, 500);
  cr_expect_eq(trial.thresholds, 0x281e140a);
  cr_expect_eq(trial.policy, RATION_POLICY_REFUSE);
  cr_expect_eq(trial_bound(&trial), 4500);
  trial = begin("a=ram:12.5%,a.reserve=25000", "a");
  cr_expect_eq(trial.limit_bytes, 125000);
  cr_expect_eq(trial.policy, RATION_POLICY_NOTIFY);
  cr_expect_eq(trial.thresholds, TRIAL_THRESHOLDS);
  cr_expect_eq(trial_bound(&trial), 125000);
}

Test(trial, is_not_held_where_the_limit_is_not_known) {
  static const char *const strings[] = {"a=cgroup:50%", "a=ram:1%,a.reserve=10000"};
  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
    struct budget_list list;
    struct fault fault;
    struct trial trial;
    cr_assert_eq(budget_list_read(strings[i], &list, &fault), 0);
    cr_expect_not(trial_begin(&list, &list.entries[0], 1000000, &trial), "%s", strings[i]);
    budget_list_free(&list);
  }
}

Test(trial, keeps_the_worst_and_when_it_was_met_first) {
  struct trial trial = begin("a=100000,a.reserve=10000,a.policy=refuse", "a");
  trial_see(&trial, 1, 53999, 0);
  cr_expect_eq(trial.level, RATION_LEVEL_NONE);
  trial_see(&trial, 2, 54000, 0);
  cr_expect_eq(trial.level, RATION_LEVEL_LOW);
  trial_see(&trial, 3, 90000, 0);
  cr_expect_eq(trial.level, RATION_LEVEL_CRITICAL);
  cr_expect_str_eq(trial_outcome_word(&trial), "fits");
  trial_see(&trial, 4, 90010, 20);
  cr_expect_str_eq(trial_outcome_word(&trial), "perhaps");
  cr_expect_lt(trial.first_at_seconds, 0);
  trial_see(&trial, 5, 90030, 20);
  cr_expect_str_eq(trial_outcome_word(&trial), "refusal");
  trial_see(&trial, 6, 95000, 0);
  trial_see(&trial, 7, 10, 0);
  cr_expect_eq(trial.first_at_seconds, 5);
  cr_expect_eq(trial.over_bytes, 5000);
  cr_expect_eq(trial.used_bytes, 95000);
  cr_expect_eq(trial.level, RATION_LEVEL_CRITICAL);
}

Test(trial, is_met_as_its_policy_says) {
  struct trial trial = begin("a=1000,a.reserve=100", "a");
  trial_see(&trial, TRIAL_TIME_UNKNOWN, 1000, 0);
  cr_expect_str_eq(trial_outcome_word(&trial), "fits");
  trial_see(&trial, TRIAL_TIME_UNKNOWN, 1001, 0);
  cr_expect_str_eq(trial_outcome_word(&trial), "breach");
  cr_expect_lt(trial.first_at_seconds, 0);
  trial = begin("a=1000,a.policy=abort", "a");
  trial_see(&trial, TRIAL_TIME_UNKNOWN, 1001, 0);
  cr_expect_str_eq(trial_outcome_word(&trial), "abort");
}
