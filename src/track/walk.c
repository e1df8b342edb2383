/*
 * walk.c: see walk.h.
 */
#include "track/walk.h"

#include <errno.h>

#include "os/own_stack.h"
#include "track/thread.h"

/* What libunwind allocates when it is asked for the first time about a place is the shim's; a signal handler's is not. */
static uint64_t call_inside(uint64_t (*function)(uintptr_t argument), uintptr_t argument) {
  struct record *record = thread_go_inside();
  uint64_t result = own_stack_call(function, argument);
  thread_come_out(record);
  return result;
}

int walk_step(struct unwind_frame *frame) {
  int result = unwind_step(frame);
  if (LIKELY(result != -EAGAIN)) return result;
  int learned = unwind_learn_by(frame->pc, call_inside);
  if (learned < 0) return learned;
  result = unwind_step(frame);
  return result == -EAGAIN ? -EBUSY
                           : result; /* another thread has learned another rule in its place meanwhile */
}
