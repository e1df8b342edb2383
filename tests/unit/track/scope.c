/*
 * scope.c: tests of src/track/scope.c.
 */
#include "track/scope.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/resource.h>

#include "os/stack.h"
#include "track/sampling.h"
#include "track/tracked.h"

static uint32_t category_of_new_block(void) {
  void *block = tracked_malloc(10);
  uint32_t category = sampling_category(block, heap_whose(block)); /* now and then one is a sample */
  tracked_free(block);
  return category;
}

Test(scope, innermost_gives_the_category) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("b"), own = tracked_own();
  cr_expect_eq(category_of_new_block(), own);
  scope_open(a, FRAME);
  cr_expect_eq(category_of_new_block(), a);
  scope_open(b, FRAME);
  cr_expect_eq(category_of_new_block(), b);
  scope_open(a, FRAME);
  cr_expect_eq(category_of_new_block(), a);
  scope_close(FRAME);
  cr_expect_eq(category_of_new_block(), b);
  scope_close(FRAME);
  cr_expect_eq(category_of_new_block(), a);
  scope_close(FRAME);
  cr_expect_eq(category_of_new_block(), own);
}

Test(scope, of_no_category_changes_nothing_and_closes_all_the_same) {
  static const uint32_t none[] = {0, 200, 253, 256, UINT32_MAX};
  tracked_start();
  uint32_t a = tracked_category("a"), own = tracked_own();
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    scope_open(none[i], FRAME);
    cr_expect_eq(category_of_new_block(), own);
    scope_open(a, FRAME);
    scope_open(none[i], FRAME);
    cr_expect_eq(category_of_new_block(), a);
    scope_close(FRAME);
    cr_expect_eq(category_of_new_block(), a);
    scope_close(FRAME);
    cr_expect_eq(category_of_new_block(), own);
    scope_close(FRAME);
    cr_expect_eq(category_of_new_block(), own);
  }
  cr_assert_eq(segment.header->scopes_lost, 0);
}

Test(scope, closed_too_often_does_no_harm) {
  tracked_start();
  uint32_t a = tracked_category("a"), own = tracked_own();
  scope_close(FRAME);
  scope_close(FRAME);
  scope_open(a, FRAME);
  cr_assert_eq(category_of_new_block(), a);
  scope_close(FRAME);
  scope_close(FRAME);
  cr_assert_eq(category_of_new_block(), own);
}

Test(scope, nests_as_deep_as_one_likes) {
  enum { DEPTH = 1000000 };
  tracked_start();
  uint32_t ids[3] = {tracked_category("a"), tracked_category("b"), tracked_category("c")};
  for (int i = 0; i < DEPTH; i++) scope_open(ids[i % 3], FRAME);
  for (int i = DEPTH - 1; i >= 0; i--) {
    cr_assert_eq(thread.scope, ids[i % 3], "depth %d", i);
    scope_close(FRAME);
  }
  cr_assert_eq(thread.scope, 0);
}

static void *look_from_another_thread(void *category) {
  uint32_t *found = category;
  *found = category_of_new_block();
  scope_open(tracked_category("left_open"), FRAME);
  return NULL;
}

Test(scope, is_a_threads_own) {
  pthread_t other;
  uint32_t found = 0;
  tracked_start();
  uint32_t a = tracked_category("a"), own = tracked_own();
  scope_open(a, FRAME);
  cr_assert_eq(pthread_create(&other, NULL, look_from_another_thread, &found), 0);
  pthread_join(other, NULL);
  cr_expect_eq(found, own);
  cr_expect_eq(category_of_new_block(), a);
  scope_close(FRAME);
}

/* ---- places on the stack ------------------------------------------------------------------------------- */

#define STACK ((uintptr_t)0x7fffff000)

/* A function whose frame ends so many bytes down a stack, and who calls from this place. */
static struct scope_caller at(uintptr_t depth, uintptr_t address) {
  return (struct scope_caller){.frame = STACK - depth, .address = address};
}

/* The test tracks itself, and runs on that stack. */
static void start_on_stack(void) {
  tracked_start();
  stack_note((const void *)STACK, 1 << 20); /* NOLINT: nothing is read there */
}

/* Where it is called from. */
static __attribute__((noinline)) uintptr_t here(void) {
  __asm__ volatile(""); /* each call for itself */
  return (uintptr_t)__builtin_return_address(0);
}

Test(scope, with_an_anchor_ends_when_its_frame_is_gone) {
  start_on_stack();
  uint32_t a = tracked_category("a"), b = tracked_category("b"), c = tracked_category("c");
  scope_open_at(a, STACK - 90, at(100, 1));
  scope_open_at(b, STACK - 190, at(200, 2));
  scope_open(c, at(300, 3));
  scope_open_at(c, STACK - 390, at(400, 4));
  scope_open_at(b, STACK - 80, at(100, 1));
  cr_expect_eq(thread.scope, b);
  scope_close_at(STACK - 80, at(100, 1));
  cr_expect_eq(thread.scope, a);
  scope_close_at(STACK - 90, at(100, 1));
  cr_expect_eq(thread.scope, 0);
  scope_close(at(100, 1));
  cr_expect_eq(thread.scope, 0);
}

Test(scope, with_an_anchor_ends_where_the_anchor_is_used_again) {
  start_on_stack();
  uint32_t a = tracked_category("a"), b = tracked_category("b");
  for (int i = 0; i < 10000; i++) {
    scope_open_at(a, STACK - 90, at(100, 1));
    scope_open_at(b, STACK - 80, at(100, 1)); /* further up, in the same frame */
    scope_open_at(b, STACK - 190, at(200, 2));
  }
  cr_expect_lt(thread.scopes_top - thread.scopes, 5);
  scope_close_at(STACK - 90, at(100, 1));
  cr_expect_eq(thread.scope, 0);
}

Test(scope, that_is_closed_closes_those_within) {
  start_on_stack();
  uint32_t a = tracked_category("a"), b = tracked_category("b");
  scope_open(a, at(50, 1));
  scope_open_at(a, STACK - 90, at(100, 1));
  scope_open_at(b, STACK - 70, at(100, 1));
  scope_open(b, at(100, 1));
  scope_close_at(STACK - 90, at(100, 1));
  cr_expect_eq(thread.scope, a);
  scope_close_at(STACK - 70, at(100, 1)); /* a second time */
  cr_expect_eq(thread.scope, a);
  scope_close(at(50, 1));
  cr_expect_eq(thread.scope, 0);
}

Test(scope, of_a_helper_outlives_it) {
  start_on_stack();
  uint32_t a = tracked_category("a"), b = tracked_category("b"), c = tracked_category("c");
  scope_open(a, at(400, 1));
  scope_open(b, at(300, 1));
  scope_open(c, at(400, 1));
  cr_expect_eq(thread.scope, c);
  scope_close(at(300, 2));
  cr_expect_eq(thread.scope, b);
  scope_close(at(100, 2));
  cr_expect_eq(thread.scope, a);
  scope_close(at(500, 2));
  cr_expect_eq(thread.scope, 0);
}

Test(scope, hides_nothing_from_the_function_that_comes_back) {
  start_on_stack();
  uintptr_t first = here(), second = here(); /* two calls in this function */
  uint32_t a = tracked_category("a"), b = tracked_category("b"), c = tracked_category("c");
  scope_open(a, at(100, first));
  scope_open(b, at(200, first));
  scope_open(b, at(300, first));
  scope_open(c, at(100, second));
  cr_expect_eq(thread.scope, c);
  scope_close(at(100, second));
  cr_expect_eq(thread.scope, a);
  scope_open(b, at(200, first));
  scope_close(at(100, second));
  cr_expect_eq(thread.scope, 0);
}

Test(scope, on_another_stack_is_left_alone) {
  start_on_stack();
  uint32_t a = tracked_category("a"), b = tracked_category("b");
  scope_open_at(a, STACK / 2, at(STACK / 2 + 10, 1));
  scope_open_at(b, STACK - 90, at(100, 1));
  scope_close_at(STACK - 90, at(100, 1));
  cr_expect_eq(thread.scope, a);
  scope_close_at(STACK / 2, at(STACK / 2 + 10, 1));
  cr_expect_eq(thread.scope, 0);
}

Test(scope, of_a_stack_that_is_not_known_is_left_alone) {
  tracked_start();
  stack_note((const void *)(STACK * 2), 1 << 20);
  uint32_t a = tracked_category("a"), b = tracked_category("b");
  scope_open_at(a, STACK - 190, at(200, 1));
  scope_open_at(b, STACK - 90, at(100, 1));
  scope_close_at(STACK - 90, at(100, 1));
  cr_expect_eq(thread.scope, a);
}

/* ---- a thread that begins in a category ---------------------------------------------------------------- */

static void *begin_in(void *argument) {
  uint32_t category = *(uint32_t *)argument, other = tracked_category("other");
  scope_begin(category);
  cr_expect_eq(category_of_new_block(), category);
  scope_close(FRAME);
  cr_expect_eq(category_of_new_block(), category);
  for (int i = 0; i < 1000; i++) scope_open(other, FRAME);
  cr_expect_eq(category_of_new_block(), other);
  for (int i = 0; i < 1010; i++) scope_close(FRAME);
  cr_expect_eq(category_of_new_block(), category);
  scope_close_all();
  cr_expect_eq(category_of_new_block(), tracked_own());
  return NULL;
}

Test(scope, of_none_is_the_one_that_a_thread_began_in) {
  pthread_t other;
  tracked_start();
  uint32_t category = tracked_category("a");
  cr_assert_eq(pthread_create(&other, NULL, begin_in, &category), 0);
  pthread_join(other, NULL);
  cr_expect_eq(category_of_new_block(), tracked_own());
}

/* ---- scopes that travel -------------------------------------------------------------------------------- */

Test(scope, travels_by_value) {
  start_on_stack();
  struct scope_copy copy, none = {0};
  uint32_t a = tracked_category("a"), b = tracked_category("b"), own = tracked_own();
  scope_open(a, FRAME);
  scope_open_at(b, STACK - 90, at(100, 1));
  scope_open(0, FRAME);
  scope_capture(&copy);
  cr_expect_eq(copy.depth, 3);
  scope_resume(&none);
  cr_expect_eq(category_of_new_block(), own);
  scope_close(FRAME);
  cr_expect_eq(category_of_new_block(), own);
  for (int i = 0; i < 3; i++) {
    scope_resume(&copy);
    cr_expect_eq(category_of_new_block(), b);
    scope_close(FRAME); /* which changed nothing */
    cr_expect_eq(category_of_new_block(), b);
    scope_close_at(STACK - 90, at(100, 1)); /* the anchor was not kept: it is the innermost */
    cr_expect_eq(category_of_new_block(), a);
    scope_open_at(b, STACK - 190, at(200, 1));
    scope_close_at(STACK - 190, at(200, 1));
    cr_expect_eq(category_of_new_block(), a);
    scope_close(FRAME);
    cr_expect_eq(category_of_new_block(), own);
    scope_close(FRAME);
    cr_expect_eq(category_of_new_block(), own);
  }
}

Test(scope, travels_with_the_floor) {
  tracked_start();
  struct scope_copy copy, own;
  uint32_t a = tracked_category("a"), b = tracked_category("b");
  scope_begin(a);
  scope_capture(&own);
  scope_open(b, FRAME);
  scope_capture(&copy);
  scope_resume(&(struct scope_copy){0});
  cr_expect_eq(thread.scope, 0);
  scope_resume(&copy);
  cr_expect_eq(thread.scope, b);
  scope_close(FRAME);
  scope_close(FRAME);
  cr_expect_eq(thread.scope, a);
  scope_resume(&own);
  cr_expect_eq(thread.scope, a);
}

Test(scope, travels_with_those_that_are_innermost) {
  tracked_start();
  struct scope_copy copy;
  uint32_t ids[3] = {tracked_category("a"), tracked_category("b"), tracked_category("c")};
  for (int i = 0; i < 100; i++) scope_open(ids[i % 3], FRAME);
  scope_capture(&copy);
  scope_resume(&copy);
  for (int i = 99; i >= 100 - SCOPE_KEPT; i--) {
    cr_assert_eq(thread.scope, ids[i % 3]);
    scope_close(FRAME);
  }
  for (int i = 0; i < 3; i++) {
    cr_assert_eq(thread.scope, ids[(99 - SCOPE_KEPT) % 3]);
    scope_close(FRAME);
  }
}

Test(scope, that_is_garbage_does_no_harm) {
  tracked_start();
  struct scope_copy garbage;
  uint32_t a = tracked_category("a"), own = tracked_own();
  for (unsigned fill = 0; fill < 256; fill++) {
    memset(&garbage, (int)fill, sizeof garbage);
    scope_resume(&garbage);
    uint32_t expected = segment_category(&segment, fill) ? fill : own;
    cr_assert_eq(category_of_new_block(), expected);
    scope_open(a, FRAME);
    cr_assert_eq(category_of_new_block(), a);
    scope_close(FRAME);
    for (int i = 0; i < 300; i++) scope_close(FRAME);
    cr_assert_eq(category_of_new_block(), expected);
  }
}

/* ---- no memory ----------------------------------------------------------------------------------------- */

/* Without the sanitizers, which need address space for themselves. */
#ifdef __has_feature
#define HAS_SANITIZER (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER 1
#else
#define HAS_SANITIZER 0
#endif
#if !HAS_SANITIZER

static void forbid_mappings(void) {
  struct rlimit none = {.rlim_cur = 0, .rlim_max = RLIM_INFINITY};
  cr_assert_eq(setrlimit(RLIMIT_AS, &none), 0);
}

Test(scope, for_which_there_is_no_memory_has_no_effect) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("b"), c = tracked_category("c");
  for (int i = 0; i < 250; i++) scope_open(a, FRAME);
  scope_open(b, FRAME);
  forbid_mappings();
  int kept = 251;
  while (!segment.header->scopes_lost) {
    scope_open(b, FRAME);
    kept++;
  }
  cr_assert_lt(kept, 300);
  for (int i = 0; i < 1000; i++) scope_open(c, FRAME);
  cr_expect_eq(thread.scope, b);
  cr_expect_eq(segment.header->scopes_lost, 1001);
  struct scope_copy copy;
  scope_capture(&copy);
  cr_expect_eq(copy.categories[copy.depth - 1], b);
  for (int i = 0; i < 1001; i++) {
    cr_assert_eq(thread.scope, b);
    scope_close(FRAME);
  }
  kept--;
  cr_assert_eq(thread.scopes_lost, 0);
  for (; kept > 250; kept--) {
    cr_assert_eq(thread.scope, b);
    scope_close(FRAME);
  }
  cr_expect_eq(thread.scope, a);
  scope_open(c, FRAME);
  cr_expect_eq(thread.scope, c);
}

Test(scope, that_had_no_effect_goes_with_the_one_around_it) {
  start_on_stack();
  uint32_t a = tracked_category("a"), b = tracked_category("b");
  scope_open_at(a, STACK - 90, at(100, 1));
  scope_open_at(b, STACK - 190, at(200, 1));
  forbid_mappings();
  for (int i = 0; i < 1000; i++) scope_open(b, at(300, 1));
  cr_assert_gt(thread.scopes_lost, 0);
  scope_close_at(STACK - 190, at(200, 1));
  cr_expect_eq(thread.scopes_lost, 0);
  cr_expect_eq(thread.scope, a);
  for (int i = 0; i < 1000; i++) scope_open_at(b, STACK - 290, at(300, 1));
  cr_expect_eq(thread.scopes_lost, 0, "the anchor is the same");
  for (int i = 0; i < 1000; i++) scope_open(b, at(300, 1));
  scope_close(at(100, 1)); /* the one at 290 is gone, with all above it, and this one closes a */
  cr_expect_eq(thread.scopes_lost, 0);
  cr_expect_eq(thread.scope, 0);
}

Test(scope, of_a_thread_without_pages_has_no_effect) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("b");
  scope_begin(a);
  forbid_mappings();
  scope_open(b, FRAME);
  scope_open_at(b, STACK - 90, at(100, 1));
  cr_expect_eq(thread.scope, a);
  cr_expect_eq(segment.header->scopes_lost, 2);
  scope_close_at(STACK - 90, at(100, 1));
  scope_resume(&(struct scope_copy){.depth = 3, .categories = {(uint8_t)b, (uint8_t)b, (uint8_t)b}});
  cr_expect_eq(thread.scope, 0);
  for (int i = 0; i < 5; i++) scope_close(FRAME);
  cr_expect_eq(thread.scopes_lost, 0);
  cr_expect_eq(thread.scope, 0);
}

#endif
