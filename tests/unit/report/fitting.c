/*
 * Tests of report/fitting.c.
 */
#include "report/fitting.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static enum looks find(enum looks chosen) {
  enum looks found = LOOK_PAGE;
  struct fault fault;
  cr_assert_eq(fitting_find(chosen, &found, &fault), 0, "%s", fault.words);
  return found;
}

static void check_refused(enum looks chosen, const char *words) {
  enum looks found = LOOK_SIZES;
  struct fault fault = {""};
  cr_expect_eq(fitting_find(chosen, &found, &fault), -ERANGE);
  cr_expect_eq(found, LOOK_SIZES, "untouched");
  cr_expect_str_eq(fault.words, words);
}

Test(fitting, without_options_it_is_what_was_chosen) {
  cr_expect_eq(find(LOOK_PAGE), LOOK_PAGE);
  cr_expect_eq(find(LOOK_THREADS), LOOK_THREADS);
}

Test(fitting, an_option_of_one_look_chooses_it_where_none_is) {
  fitting_note("--no-such");
  fitting_note("--by");
  cr_expect_eq(find(LOOK_PAGE), LOOK_SITES);
  cr_expect_eq(find(LOOK_SITES), LOOK_SITES);
  check_refused(LOOK_LEAKS, "--by is of --sites; leave it out");
  fitting_note("--last");
  check_refused(LOOK_PAGE, "--last is of --timeline; leave it out");
}

Test(fitting, an_option_of_several_chooses_none) {
  fitting_note("--raw");
  check_refused(LOOK_PAGE, "--raw is of --sites, --largest, --leaks, --html; give one of them");
  cr_expect_eq(find(LOOK_LEAKS), LOOK_LEAKS);
  cr_expect_eq(find(LOOK_HTML), LOOK_HTML);
  fitting_note("--exit-code");
  cr_expect_eq(find(LOOK_PAGE), LOOK_LEAKS);
}

Test(fitting, what_is_of_stacks_is_of_misuses_too) {
  fitting_note("--frames");
  cr_expect_eq(find(LOOK_HEAP), LOOK_HEAP);
  check_refused(LOOK_SIZES, "--frames is of --sites, --largest, --leaks, --heap; leave it out");
}

Test(fitting, a_selection_is_of_looks_at_categories) {
  struct fault fault = {""};
  struct selection selection = selection_all;
  cr_expect_eq(fitting_check_selection(LOOK_THREADS, &selection, &fault), 0);
  selection.category = "bin";
  cr_expect_eq(fitting_check_selection(LOOK_THREADS, &selection, &fault), -ERANGE);
  cr_expect_eq(fitting_check_selection(LOOK_EVENTS, &selection, &fault), 0);
  selection.is_tree = true;
  cr_expect_eq(fitting_check_selection(LOOK_PAGE, &selection, &fault), 0);
  cr_expect_eq(fitting_check_selection(LOOK_HEAP, &selection, &fault), -ERANGE);
  cr_expect_eq(fitting_check_selection(LOOK_SIZES, &selection, &fault), -ERANGE);
  cr_expect_str_eq(fault.words, "--tree is of the page, --timeline; leave it out");
}
