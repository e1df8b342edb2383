/*
 * criterion.h: a stand-in for Criterion under ThreadSanitizer, where Criterion cannot start: the memory that
 * it shares with its workers falls into the sanitizer's shadow. The unit tests include
 * <criterion/criterion.h> and get this file in that build alone; the part of the interface that they use, and
 * no more.
 *
 * Each test runs in a forked child (runner.c). A failed check says so on stderr; `cr_assert` then ends the
 * test, `cr_expect` lets it go on.
 */
#ifndef RATION_TESTS_PLAIN_CRITERION_H
#define RATION_TESTS_PLAIN_CRITERION_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct plain_test {
  const char *suite, *name;
  void (*run)(void);
  void (*init)(void);
  void (*fini)(void);
  int signal;    /* the signal that must end it */
  int exit_code; /* the status that it must leave */
  double timeout;
  const char *description;
  struct plain_test *next;
};

/* What all tests of a suite have, where they do not say otherwise. */
struct plain_suite {
  const char *suite;
  void (*init)(void);
  void (*fini)(void);
  struct plain_suite *next;
};

void plain_register(struct plain_test *test);
void plain_register_suite(struct plain_suite *suite);

/* Notes a failed check; ends the test where `is_fatal`. */
void plain_fail(const char *file, int line, bool is_fatal, const char *condition, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#define Test(suite_, name_, ...)                                                                             \
  static void plain_##suite_##_##name_(void);                                                                \
  static __attribute__((constructor)) void plain_##suite_##_##name_##_register(void) {                       \
    static struct plain_test test = {                                                                        \
        .suite = #suite_, .name = #name_, .run = plain_##suite_##_##name_, __VA_ARGS__};                     \
    plain_register(&test);                                                                                   \
  }                                                                                                          \
  static void plain_##suite_##_##name_(void)

#define TestSuite(suite_, ...)                                                                               \
  static __attribute__((constructor)) void plain_##suite_##_register(void) {                                 \
    static struct plain_suite suite = {.suite = #suite_, __VA_ARGS__};                                       \
    plain_register_suite(&suite);                                                                            \
  }                                                                                                          \
  struct plain_suite

#define PLAIN_CHECK(is_fatal, condition, ...)                                                                \
  ((condition) ? (void)0 : plain_fail(__FILE__, __LINE__, is_fatal, #condition, " " __VA_ARGS__))

#define cr_assert(condition, ...)          PLAIN_CHECK(true, condition, __VA_ARGS__)
#define cr_assert_not(condition, ...)      PLAIN_CHECK(true, !(condition), __VA_ARGS__)
#define cr_assert_eq(a, b, ...)            PLAIN_CHECK(true, (a) == (b), __VA_ARGS__)
#define cr_assert_neq(a, b, ...)           PLAIN_CHECK(true, (a) != (b), __VA_ARGS__)
#define cr_assert_lt(a, b, ...)            PLAIN_CHECK(true, (a) < (b), __VA_ARGS__)
#define cr_assert_leq(a, b, ...)           PLAIN_CHECK(true, (a) <= (b), __VA_ARGS__)
#define cr_assert_gt(a, b, ...)            PLAIN_CHECK(true, (a) > (b), __VA_ARGS__)
#define cr_assert_geq(a, b, ...)           PLAIN_CHECK(true, (a) >= (b), __VA_ARGS__)
#define cr_assert_null(a, ...)             PLAIN_CHECK(true, (a) == NULL, __VA_ARGS__)
#define cr_assert_not_null(a, ...)         PLAIN_CHECK(true, (a) != NULL, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)        PLAIN_CHECK(true, strcmp(a, b) == 0, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...)       PLAIN_CHECK(true, strcmp(a, b) != 0, __VA_ARGS__)
#define cr_assert_str_empty(a, ...)        PLAIN_CHECK(true, (a)[0] == '\0', __VA_ARGS__)
#define cr_assert_arr_eq(a, b, bytes, ...) PLAIN_CHECK(true, memcmp(a, b, bytes) == 0, __VA_ARGS__)
#define cr_assert_float_eq(a, b, by, ...)                                                                    \
  PLAIN_CHECK(true, (a) - (b) <= (by) && (b) - (a) <= (by), __VA_ARGS__)
#define cr_assert_fail(...) PLAIN_CHECK(true, 0, __VA_ARGS__)

#define cr_expect(condition, ...)     PLAIN_CHECK(false, condition, __VA_ARGS__)
#define cr_expect_not(condition, ...) PLAIN_CHECK(false, !(condition), __VA_ARGS__)
#define cr_expect_eq(a, b, ...)       PLAIN_CHECK(false, (a) == (b), __VA_ARGS__)
#define cr_expect_neq(a, b, ...)      PLAIN_CHECK(false, (a) != (b), __VA_ARGS__)
#define cr_expect_lt(a, b, ...)       PLAIN_CHECK(false, (a) < (b), __VA_ARGS__)
#define cr_expect_leq(a, b, ...)      PLAIN_CHECK(false, (a) <= (b), __VA_ARGS__)
#define cr_expect_gt(a, b, ...)       PLAIN_CHECK(false, (a) > (b), __VA_ARGS__)
#define cr_expect_geq(a, b, ...)      PLAIN_CHECK(false, (a) >= (b), __VA_ARGS__)
#define cr_expect_null(a, ...)        PLAIN_CHECK(false, (a) == NULL, __VA_ARGS__)
#define cr_expect_not_null(a, ...)    PLAIN_CHECK(false, (a) != NULL, __VA_ARGS__)
#define cr_expect_float_eq(a, b, by, ...)                                                                    \
  PLAIN_CHECK(false, (a) - (b) <= (by) && (b) - (a) <= (by), __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)  PLAIN_CHECK(false, strcmp(a, b) == 0, __VA_ARGS__)
#define cr_expect_str_neq(a, b, ...) PLAIN_CHECK(false, strcmp(a, b) != 0, __VA_ARGS__)
#define cr_expect_str_empty(a, ...)  PLAIN_CHECK(false, (a)[0] == '\0', __VA_ARGS__)

#endif
