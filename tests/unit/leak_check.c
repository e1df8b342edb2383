/*
 * leak_check.c: who is looked at for leaks, in a build with -fsanitize=address. Each test is, in the process that
 * Criterion forks for it; the runner is not: Criterion does not free its timers for tests with a `.timeout`.
 *
 * Source: sanitizer/lsan_interface.h.
 */
#if defined(__SANITIZE_ADDRESS__)
#include <criterion/criterion.h>

int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void) {
  return criterion_current_test == NULL;
}
#endif
