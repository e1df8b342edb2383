/*
 * scope.c: tests of src/track/scope.c.
 */
#include "track/scope.h"

#include <criterion/criterion.h>
#include <pthread.h>

#include "track/tracked.h"

static uint32_t category_of_new_block(void) {
  void *block = tracked_malloc(10);
  uint32_t category = *tag_place(block);
  tracked_free(block);
  return category;
}

Test(scope, innermost_gives_the_category) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("b"), own = tracked_own();
  cr_expect_eq(category_of_new_block(), own);
  scope_open(a);
  cr_expect_eq(category_of_new_block(), a);
  scope_open(b);
  cr_expect_eq(category_of_new_block(), b);
  scope_open(a);
  cr_expect_eq(category_of_new_block(), a);
  scope_close();
  cr_expect_eq(category_of_new_block(), b);
  scope_close();
  cr_expect_eq(category_of_new_block(), a);
  scope_close();
  cr_expect_eq(category_of_new_block(), own);
}

Test(scope, of_no_category_changes_nothing_and_closes_all_the_same) {
  static const uint32_t none[] = {0, 200, 253, 256, UINT32_MAX};
  tracked_start();
  uint32_t a = tracked_category("a"), own = tracked_own();
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    scope_open(none[i]);
    cr_expect_eq(category_of_new_block(), own);
    scope_open(a);
    scope_open(none[i]);
    cr_expect_eq(category_of_new_block(), a);
    scope_close();
    cr_expect_eq(category_of_new_block(), a);
    scope_close();
    cr_expect_eq(category_of_new_block(), own);
    scope_close();
    cr_expect_eq(category_of_new_block(), own);
  }
  cr_assert_eq(segment.header->scopes_lost, 0);
}

Test(scope, closed_too_often_does_no_harm) {
  tracked_start();
  uint32_t a = tracked_category("a"), own = tracked_own();
  scope_close();
  scope_close();
  scope_open(a);
  cr_assert_eq(category_of_new_block(), a);
  scope_close();
  scope_close();
  cr_assert_eq(category_of_new_block(), own);
}

Test(scope, nests_as_deep_as_one_likes) {
  enum { DEPTH = 1000000 };
  tracked_start();
  uint32_t ids[3] = {tracked_category("a"), tracked_category("b"), tracked_category("c")};
  for (int i = 0; i < DEPTH; i++) scope_open(ids[i % 3]);
  for (int i = DEPTH - 1; i >= 0; i--) {
    cr_assert_eq(thread.scope, ids[i % 3], "depth %d", i);
    scope_close();
  }
  cr_assert_eq(thread.scope, 0);
}

static void *look_from_another_thread(void *category) {
  uint32_t *found = category;
  *found = category_of_new_block();
  scope_open(tracked_category("left_open"));
  return NULL;
}

Test(scope, is_a_threads_own) {
  pthread_t other;
  uint32_t found = 0;
  tracked_start();
  uint32_t a = tracked_category("a"), own = tracked_own();
  scope_open(a);
  cr_assert_eq(pthread_create(&other, NULL, look_from_another_thread, &found), 0);
  pthread_join(other, NULL);
  cr_expect_eq(found, own);
  cr_expect_eq(category_of_new_block(), a);
  scope_close();
}
