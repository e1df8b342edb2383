/*
 * budget_text.c: tests of src/base/budget_text.h: each way of writing a property, to its bounds.
 */
#include "base/budget_text.h"

#include <criterion/criterion.h>

static void expect_limit(const char *text, uint32_t kind, uint64_t value) {
  struct limit limit = {.kind = LIMIT_UNSAID};
  cr_expect_eq(budget_read_limit(text, &limit), 0, "%s", text);
  cr_expect_eq(limit.kind, kind, "%s: %u, not %u", text, limit.kind, kind);
  cr_expect_eq(limit.value, value, "%s: %lu, not %lu", text, (unsigned long)limit.value,
               (unsigned long)value);
}

Test(budget_text, reads_limits) {
  expect_limit("1", LIMIT_BYTES, 1);
  expect_limit("4G", LIMIT_BYTES, UINT64_C(4) << 30);
  expect_limit("127T", LIMIT_BYTES, UINT64_C(127) << 40);
  expect_limit("140737488355327", LIMIT_BYTES, BUDGET_BYTES_MOST);
  expect_limit("none", LIMIT_NONE, 0);
  expect_limit("40%", LIMIT_SHARE, 4000);
  expect_limit("0.01%", LIMIT_SHARE, 1);
  expect_limit("12.5%", LIMIT_SHARE, 1250);
  expect_limit("12.05%", LIMIT_SHARE, 1205);
  expect_limit("100%", LIMIT_SHARE, 10000);
  expect_limit("100.00%", LIMIT_SHARE, 10000);
  expect_limit("ram:50%", LIMIT_RAM, 5000);
  expect_limit("cgroup:99.99%", LIMIT_CGROUP, 9999);
}

Test(budget_text, refuses_what_is_no_limit) {
  static const char *const wrong[] = {
      "",
      "0",
      "-1",
      "+1",
      " 1",
      "1 ",
      "1k",
      "1KB",
      "1.5G",
      "128T",
      "131072T",
      "99999999T",
      "140737488355328",
      "18446744073709551616",
      "0%",
      "0.00%",
      "100.01%",
      "101%",
      "1.%",
      "1.234%",
      ".5%",
      "-5%",
      "5%%",
      "5% ",
      "ram:",
      "ram:1G",
      "ram:0%",
      "cgroup:",
      "cgroup:200%",
      "ram:50",
      "RAM:50%",
      "None",
      "none ",
      "1e9",
      "0x10",
      "50",
  };
  for (size_t i = 0; i + 1 < sizeof wrong / sizeof *wrong; i++) {
    struct limit limit = {.kind = 77, .value = 78};
    cr_expect_eq(budget_read_limit(wrong[i], &limit), -1, "\"%s\"", wrong[i]);
    cr_expect(limit.kind == 77 && limit.value == 78, "\"%s\" changed the output", wrong[i]);
  }
}

Test(budget_text, reads_reserves_and_graces) {
  struct limit limit = {.kind = LIMIT_UNSAID};
  uint64_t grace = 77;
  cr_expect_eq(budget_read_reserve("5%", &limit), 0);
  cr_expect(limit.kind == LIMIT_SHARE && limit.value == 500);
  cr_expect_eq(budget_read_reserve("none", &limit), 0);
  cr_expect_eq(limit.kind, LIMIT_NONE);
  cr_expect_eq(budget_read_reserve("ram:5%", &limit), -1);
  cr_expect_eq(budget_read_reserve("cgroup:5%", &limit), -1);
  cr_expect_eq(budget_read_grace("0", &grace), 0);
  cr_expect_eq(grace, 0);
  cr_expect_eq(budget_read_grace("4K", &grace), 0);
  cr_expect_eq(grace, 4096);
  cr_expect_eq(budget_read_grace("5%", &grace), -1);
  cr_expect_eq(budget_read_grace("", &grace), -1);
  cr_expect_eq(grace, 4096);
}

Test(budget_text, reads_thresholds) {
  uint32_t thresholds = 77;
  cr_expect_eq(budget_read_thresholds("60/80/90/95", &thresholds), 0);
  cr_expect_eq(thresholds, 0x5f5a503c, "%x", thresholds);
  cr_expect_eq(budget_read_thresholds("1/2/3/100", &thresholds), 0);
  cr_expect_eq(thresholds, 0x64030201, "%x", thresholds);
  static const char *const wrong[] = {
      "",           "60/80/90",     "60/80/90/95/", "60/80/90/95/99", "60/60/90/95", "95/90/80/60",
      "0/80/90/95", "60/80/90/101", "60,80,90,95",  "60/80/90/95%",   "/80/90/95",   "60//90/95"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(budget_read_thresholds(wrong[i], &thresholds), -1, "\"%s\"", wrong[i]);
  cr_expect_eq(thresholds, 0x64030201, "what is wrong changes nothing");
}

Test(budget_text, reads_fault_rates) {
  struct fault_rate rate = {7, 7};
  cr_expect_eq(budget_read_fail("every:1", &rate), 0);
  cr_expect(rate.every == 1 && rate.share == 0);
  cr_expect_eq(budget_read_fail("share:0.5%", &rate), 0);
  cr_expect(rate.every == 0 && rate.share == 50);
  cr_expect_eq(budget_read_fail("none", &rate), 0);
  cr_expect(rate.every == 0 && rate.share == 0);
  static const char *const wrong[] = {"",       "every:",   "every:0", "every:1 ",   "every:-1", "every:1K",
                                      "share:", "share:0%", "share:5", "share:101%", "5%",       "always"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(budget_read_fail(wrong[i], &rate), -1, "\"%s\"", wrong[i]);
}

Test(budget_text, reads_when_to_dump) {
  struct dump_when when = {.reserved = 7};
  cr_expect_eq(budget_read_dump("breach", &when), 0);
  cr_expect(when.at_breach == 1 && when.peak_bytes == 0 && when.grow_bytes == 0);
  cr_expect_eq(budget_read_dump("grow:+1M|breach|peak:+64K", &when), 0);
  cr_expect(when.at_breach == 1 && when.peak_bytes == 65536 && when.grow_bytes == 1 << 20);
  cr_expect_eq(budget_read_dump("none", &when), 0);
  cr_expect(when.at_breach == 0 && when.peak_bytes == 0 && when.grow_bytes == 0);
  static const char *const wrong[] = {
      "",         "|",           "breach|",       "|breach",
      "peak",     "peak:1M",     "peak:+",        "peak:+0",
      "grow:+5%", "breach|none", "grow:+1M|grow", "peak:+1000000000000000000000000000000000000M"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(budget_read_dump(wrong[i], &when), -1, "\"%s\"", wrong[i]);
}
