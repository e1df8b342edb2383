/*
 * other_stack.h: runs a function on a stack of the victim's own making.
 */
#ifndef OTHER_STACK_H
#define OTHER_STACK_H

#include <ucontext.h>

#include "victim.h"

/* On `bytes` from `place` on; returns when the function has. Not from two threads at a time. */
static inline void run_on(char *place, size_t bytes, void (*function)(void)) {
  static ucontext_t back, context;
  CHECK_EQUAL(getcontext(&context), 0);
  context.uc_stack.ss_sp = place;
  context.uc_stack.ss_size = bytes;
  context.uc_link = &back;
  makecontext(&context, function, 0);
  CHECK_EQUAL(swapcontext(&back, &context), 0);
}

#endif
