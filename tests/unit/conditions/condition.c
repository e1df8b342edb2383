/*
 * Tests of conditions/condition.c: conditions out of texts and files.
 */
#include "conditions/condition.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "complain.h"

static struct condition_list list;
static struct fault fault;

static void tear_down(void) {
  condition_list_free(&list);
}

Test(condition, cut_at_the_last_dot, .fini = tear_down) {
  cr_assert_eq(condition_add(&list, false, "lib/libssl.so.3.peak=4M", &fault), 0);
  cr_expect_str_eq(list.condition[0].category, "lib/libssl.so.3");
  cr_expect_str_eq(list.condition[0].figure.name, "peak_bytes");
  cr_expect_eq(list.condition[0].limit, UINT64_C(4) << 20);
}

Test(condition, a_category_may_have_an_equals_sign, .fini = tear_down) {
  cr_assert_eq(condition_add(&list, true, "a=b.allocations=7", &fault), 0);
  cr_expect_str_eq(list.condition[0].category, "a=b");
  cr_expect_eq(list.condition[0].limit, 7);
}

Test(condition, the_limit_itself_is_allowed, .fini = tear_down) {
  cr_assert_eq(condition_add(&list, false, "total.live=100", &fault), 0);
  cr_assert_eq(condition_add(&list, true, "total.live=100", &fault), 0);
  cr_expect(condition_is_met(&list.condition[0], 100));
  cr_expect_not(condition_is_met(&list.condition[0], 101));
  cr_expect(condition_is_met(&list.condition[1], 100));
  cr_expect_not(condition_is_met(&list.condition[1], 99));
}

Test(condition, leaks_are_needed_by_those_about_them, .fini = tear_down) {
  cr_assert_eq(condition_add(&list, false, "total.live=1", &fault), 0);
  cr_expect_not(condition_list_needs_leaks(&list));
  cr_assert_eq(condition_add(&list, false, "a.subtree_leaks=0", &fault), 0);
  cr_expect(condition_list_needs_leaks(&list));
}

Test(condition, what_is_none, .fini = tear_down) {
  static const char *const wrong[] = {"",
                                      "=",
                                      "total.live",
                                      "total=5",
                                      ".live=5",
                                      "total.=5",
                                      "total.liv=5",
                                      "total.live=",
                                      "total.live=x",
                                      "live=5",
                                      "total.leaks=1K"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(condition_add(&list, false, wrong[i], &fault), -EINVAL, "%s", wrong[i]);
  cr_expect_eq(list.count, 0);
}

static int read_file(const char *text, size_t bytes) {
  char path[] = "/tmp/conditions.XXXXXX";
  int fd = mkstemp(path);
  cr_assert_geq(fd, 0);
  cr_assert_eq(write(fd, text, bytes), (ssize_t)bytes);
  close(fd);
  int status = condition_add_file(&list, path);
  unlink(path);
  return status;
}

Test(condition, a_file_of_them, .fini = tear_down) {
  const char text[] = "# all\n\n--max total.live=1K # one\r\n  --min=total.frees=3\n\t--max a#b.live=5";
  cr_assert_eq(read_file(text, sizeof text - 1), STATUS_DONE);
  cr_assert_eq(list.count, 3);
  cr_expect_str_eq(list.condition[0].text, "total.live=1K");
  cr_expect(list.condition[1].is_least);
  cr_expect_str_eq(list.condition[1].text, "total.frees=3");
  cr_expect_str_eq(list.condition[2].category, "a#b");
}

static void refuses_file(const char *text, size_t bytes) {
  cr_expect_eq(read_file(text, bytes), STATUS_USAGE);
}

Test(condition, a_file_with_a_word_that_is_none, .fini = tear_down) {
  refuses_file("--maximum total.live=1\n", 23);
}

Test(condition, a_file_with_an_option_alone, .fini = tear_down) {
  refuses_file("--max\n", 6);
}

Test(condition, a_file_without_any, .fini = tear_down) {
  refuses_file("# nothing\n", 10);
}

Test(condition, a_file_with_a_byte_of_zero, .fini = tear_down) {
  refuses_file("--max total.li\0ve=1\n", 20);
}

Test(condition, a_file_with_a_byte_of_zero_at_its_end, .fini = tear_down) {
  refuses_file("--max total.live=1\0x", 20);
}

Test(condition, a_file_with_a_line_without_end, .fini = tear_down) {
  static char text[100000];
  memset(text, 'x', sizeof text);
  refuses_file(text, sizeof text);
}
