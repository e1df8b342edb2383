/*
 * Tests of conditions/change.c: what `diff --fail-if` takes, and when it holds.
 */
#include "conditions/change.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct change_list list;
static struct fault fault;

static void tear_down(void) {
  change_list_free(&list);
}

static bool holds(const char *text, uint64_t before, uint64_t after) {
  cr_assert_eq(change_add(&list, text, &fault), 0, "%s: %s", text, fault.words);
  return change_is_met(&list.change[list.count - 1], before, after);
}

Test(change, a_share_of_what_it_was, .fini = tear_down) {
  cr_expect_not(holds("cache.live>+10%", 1000, 1100));
  cr_expect(holds("cache.live>+10%", 1000, 1101));
  cr_expect_not(holds("cache.live>+10%", 1000, 500));
  cr_expect(holds("cache.live>+2.5%", 1000, 1026));
  cr_expect_not(holds("cache.live>+2.5%", 1000, 1025));
  cr_expect(holds("cache.live<-50%", 1000, 499));
  cr_expect_not(holds("cache.live<-50%", 1000, 500));
  cr_expect(holds("cache.live>-10%", 1000, 901));
  cr_expect(holds("cache.live<+10%", 1000, 1099));
}

Test(change, from_nothing_to_something_is_more_than_any_share, .fini = tear_down) {
  cr_expect(holds("cache.live>+100000000000%", 0, 1));
  cr_expect_not(holds("cache.live>+0%", 0, 0));
}

Test(change, a_difference, .fini = tear_down) {
  cr_expect(holds("cache.live>+4M", 1, (UINT64_C(4) << 20) + 2));
  cr_expect_not(holds("cache.live>+4M", 1, (UINT64_C(4) << 20) + 1));
  cr_expect(holds("cache.allocations<-5", 10, 4));
  cr_expect_not(holds("cache.allocations<-5", 10, 5));
  cr_expect(holds("cache.allocations>+0", 10, 11));
  cr_expect(holds("cache.allocations>+0", UINT64_MAX - 1, UINT64_MAX), "to the last unit");
}

Test(change, a_value, .fini = tear_down) {
  cr_expect(holds("cache.live>5M", 0, (UINT64_C(5) << 20) + 1));
  cr_expect_not(holds("cache.live>5M", UINT64_MAX, UINT64_C(5) << 20));
  cr_expect(holds("cache.live<5", 100, 4));
  cr_expect(holds("cache.high_seconds > 3s", 0, UINT64_C(3000000001)), "blanks");
}

Test(change, growth_may_be_below_zero, .fini = tear_down) {
  const uint64_t loss = (uint64_t)-2048;
  cr_expect(holds("cache.growth_5m_per_hour>1K", loss, 2048));
  cr_expect_not(holds("cache.growth_5m_per_hour>1K", 2048, loss));
  cr_expect(holds("cache.growth_5m_per_hour<1K", 2048, loss));
  cr_expect(holds("cache.growth_5m_per_hour>+3K", loss, 2048));
  cr_expect_not(holds("cache.growth_5m_per_hour>+4K", loss, 2048));
  cr_expect(holds("cache.growth_6h_per_hour<-3K", 2048, loss));
  cr_expect(change_list_needs_growth(&list));
}

Test(change, names_may_have_operators, .fini = tear_down) {
  cr_assert_eq(change_add(&list, "lib/a>b.so.3.peak>+1K", &fault), 0);
  cr_expect_str_eq(list.change[0].category, "lib/a>b.so.3");
  cr_expect_not(change_list_needs_leaks(&list));
  cr_expect_not(change_list_needs_growth(&list));
  cr_assert_eq(change_add(&list, "total.leaks>0", &fault), 0);
  cr_expect(change_list_needs_leaks(&list));
}

Test(change, what_is_none, .fini = tear_down) {
  static const char *const wrong[] = {"",
                                      ">",
                                      "cache.live",
                                      "cache.live>",
                                      "cache.live>+",
                                      "cache.live>10%",
                                      "cache.live>+%",
                                      "cache.live>+1.%",
                                      "cache.live>+.5%",
                                      "cache.live>+1.23456%",
                                      "cache.live>+1e3%",
                                      "cache.live>+-1%",
                                      "cache.live>+100000000001%",
                                      "cache.live>+1x",
                                      "cache.live>=5",
                                      "cache.liv>5",
                                      "cache>5",
                                      ".live>5",
                                      "cache.allocations>+1K",
                                      "cache.growth_5m_per_hour>+10%",
                                      "cache.growth_5m_per_hour>+-4M"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(change_add(&list, wrong[i], &fault), -EINVAL, "%s", wrong[i]);
  cr_expect_eq(list.count, 0);
}
