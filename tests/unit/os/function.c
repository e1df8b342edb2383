/*
 * function.c: tests of src/os/function.c.
 */
#include "os/function.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define NOINLINE __attribute__((noinline))

/* Not the same at each call: it may not be called once for two. */
static NOINLINE uintptr_t return_address(void) {
  __asm__ volatile("");
  return (uintptr_t)__builtin_return_address(0);
}

static NOINLINE uintptr_t in_another(void) {
  uintptr_t address = return_address();
  __asm__ volatile("" : "+r"(address)); /* no jump in place of the call */
  return address;
}

Test(function, holds_its_own_calls) {
  uintptr_t first = return_address(), second = return_address();
  cr_expect_neq(first, second);
  cr_expect(function_is_same(first, second));
  cr_expect(function_is_same(second, first));
  cr_expect(function_is_same(first, first));
}

Test(function, holds_no_other_call) {
  cr_expect_not(function_is_same(return_address(), in_another()));
  cr_expect_not(function_is_same(return_address(), (uintptr_t)&malloc + 1)); /* another module */
}

Test(function, is_not_known_outside_of_modules) {
  static char data[2];
  cr_expect_not(function_is_same((uintptr_t)&data[0], (uintptr_t)&data[1]));
  cr_expect_not(function_is_same(1, 2));
  cr_expect_not(function_is_same(0, return_address()));
  cr_expect_not(function_is_same(return_address(), UINTPTR_MAX));
}
