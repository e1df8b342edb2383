/*
 * walk.c: see walk.h.
 */
#include "track/walk.h"

#include <errno.h>

#include "track/thread.h"

/* What libunwind allocates when it is asked for the first time about a place is the shim's. */
int walk_step(struct unwind_frame *frame) {
  int result = unwind_step(frame);
  if (LIKELY(result != -EAGAIN)) return result;
  struct record *record = thread_go_inside();
  int learned = unwind_learn(frame->pc);
  thread_come_out(record);
  if (learned < 0) return learned;
  result = unwind_step(frame);
  return result == -EAGAIN ? -EBUSY
                           : result; /* another thread has learned another rule in its place meanwhile */
}
