/*
 * stack.c: tests of src/os/stack.c.
 */
#include "os/stack.h"

#include <criterion/criterion.h>
#include <pthread.h>

/* A local variable's address is one of the stack, but under a sanitizer that keeps locals elsewhere. */
static char *here(void) {
  return __builtin_frame_address(0);
}

Test(stack, of_the_main_thread_is_known) {
  stack_prepare();
  cr_assert(stack_has(here(), 64));
  cr_assert_not(stack_has(here() - 64, 8), "below the stack pointer");
  cr_assert_not(stack_has(here(), (size_t)128 << 20));
  static int elsewhere;
  cr_assert_not(stack_has(&elsewhere, sizeof elsewhere));
  cr_assert_not(stack_has(NULL, 8));
}
