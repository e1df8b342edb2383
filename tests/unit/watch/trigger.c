/*
 * Tests of watch/trigger.c, and of what watch/action.c and reader/procfs.c read of signals.
 */
#include "watch/trigger.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "reader/procfs.h"
#include "watch/action.h"

static struct fault fault;
static struct trigger trigger;

Test(trigger, is_a_category_and_a_level) {
  cr_assert_eq(trigger_read("lib/libssl.so.3:high", &trigger, &fault), 0, "%s", fault.words);
  cr_expect_str_eq(trigger.category, "lib/libssl.so.3");
  cr_expect_eq(trigger.lowest, RATION_LEVEL_HIGH);
  static const char *const wrong[] = {"",        "cache",       "cache:",      ":low",       "cache:none",
                                      "cache:5", "cache: high", "cache:hight", "cache:HIGH", "cache:high:"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    cr_expect_eq(trigger_read(wrong[i], &trigger, &fault), -EINVAL, "%s", wrong[i]);
    cr_expect_not_null(strstr(fault.words, "expected CATEGORY:LEVEL"), "%s", fault.words);
  }
  char name[400];
  memset(name, 'a', sizeof name);
  strcpy(name + TRIGGER_NAME_MOST, ":low");
  cr_expect_eq(trigger_read(name, &trigger, &fault), 0);
  strcpy(name + TRIGGER_NAME_MOST, "a:low");
  cr_expect_eq(trigger_read(name, &trigger, &fault), -EINVAL);
}

/* Looks at a level; if something is due, it is done. */
static bool acts(uint32_t level, uint64_t now) {
  trigger_see(&trigger, level, 1);
  bool is_due = trigger_is_due(&trigger, now, 100);
  if (is_due) trigger_acted(&trigger, now);
  return is_due;
}

Test(trigger, acts_at_each_rise_and_again_while_the_level_stands) {
  cr_assert_eq(trigger_read("cache:medium", &trigger, &fault), 0);
  cr_expect_not(acts(RATION_LEVEL_NONE, 1000));
  cr_expect_not(acts(RATION_LEVEL_LOW, 1001));
  cr_expect(acts(RATION_LEVEL_MEDIUM, 1002));
  cr_expect_not(acts(RATION_LEVEL_MEDIUM, 1101));
  cr_expect(acts(RATION_LEVEL_MEDIUM, 1102));
  cr_expect(acts(RATION_LEVEL_HIGH, 1103)); /* a new rise */
  cr_expect_not(acts(RATION_LEVEL_HIGH, 1104));
  cr_expect_not(acts(RATION_LEVEL_MEDIUM, 1105)); /* a fall within */
  cr_expect(acts(RATION_LEVEL_HIGH, 1106));
  cr_expect_not(acts(RATION_LEVEL_LOW, 1107));
  cr_expect_not(acts(RATION_LEVEL_LOW, 9999));
  cr_expect(acts(RATION_LEVEL_CRITICAL, 10000));
}

Test(trigger, acts_at_a_rise_that_came_between_two_looks) {
  cr_assert_eq(trigger_read("cache:low", &trigger, &fault), 0);
  trigger_see(&trigger, RATION_LEVEL_HIGH, 5);
  trigger_acted(&trigger, 1000);
  trigger_see(&trigger, RATION_LEVEL_HIGH, 5);
  cr_expect_not(trigger_is_due(&trigger, 1001, 100));
  trigger_see(&trigger, RATION_LEVEL_HIGH, 7);
  cr_expect(trigger_is_due(&trigger, 1001, 100));
}

Test(trigger, stays_due_while_nobody_can_act) {
  cr_assert_eq(trigger_read("cache:low", &trigger, &fault), 0);
  trigger_see(&trigger, RATION_LEVEL_HIGH, 1);
  trigger_see(&trigger, RATION_LEVEL_MEDIUM, 1);
  cr_expect(trigger_is_due(&trigger, 1000, 100));
  trigger_acted(&trigger, 1000);
  trigger_see(&trigger, RATION_LEVEL_HIGH, 1);
  trigger_see(&trigger, RATION_LEVEL_NONE, 1); /* it is over before anything was done */
  cr_expect_not(trigger_is_due(&trigger, 1001, 100));
  trigger_see(&trigger, RATION_LEVEL_LOW, 1);
  cr_expect(trigger_is_due(&trigger, 1002, 100));
}

Test(action, knows_signals_by_name) {
  int number = 0;
  cr_expect_eq(action_read_signal("USR1", &number, &fault), 0);
  cr_expect_eq(number, SIGUSR1);
  cr_expect_eq(action_read_signal("SIGHUP", &number, &fault), 0);
  cr_expect_eq(number, SIGHUP);
  static const char *const wrong[] = {"", "SIG", "usr1", "10", "USR3", "SIGSIGUSR1", "USR1 "};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    cr_expect_eq(action_read_signal(wrong[i], &number, &fault), -EINVAL, "%s", wrong[i]);
  }
  cr_expect_eq(number, SIGHUP);
}

static void do_nothing(int number) {
  (void)number;
}

Test(procfs, knows_which_signals_a_process_takes) {
  struct proc_signals signals;
  const uint64_t usr1 = UINT64_C(1) << (SIGUSR1 - 1), usr2 = UINT64_C(1) << (SIGUSR2 - 1);
  signal(SIGUSR1, do_nothing);
  signal(SIGUSR2, SIG_IGN);
  cr_assert_eq(procfs_signals((uint32_t)getpid(), &signals), 0);
  cr_expect(signals.caught & usr1);
  cr_expect_not(signals.ignored & usr1);
  cr_expect(signals.ignored & usr2);
  cr_expect_eq(
      procfs_parse_signals("Name:\tx\nSigIgn:\t0000000000000001\nSigCgt:\tffffffff00000000\n", &signals), 0);
  cr_expect_eq(signals.ignored, 1);
  cr_expect_eq(signals.caught, UINT64_C(0xffffffff00000000));
  cr_expect_eq(procfs_parse_signals("Name:\tSigIgn: 1 SigCgt: 1\n", &signals), -EBADMSG);
  cr_expect_eq(procfs_parse_signals("\nSigIgn:\tx\nSigCgt:\t1\n", &signals), -EBADMSG);
  cr_expect_eq(procfs_signals(INT32_MAX, &signals), -ESRCH);
}
