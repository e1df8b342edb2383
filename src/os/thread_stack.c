/*
 * thread_stack.c: what libc says of the stacks that it makes.
 */
#include "os/thread_stack.h"

#include "base/atomics.h"
#include "os/process.h"
#include "os/range.h"
#include "os/stack.h"

static size_t usual_bytes(void);

size_t thread_stack_bytes(const pthread_attr_t *attributes) {
  size_t bytes;
  if (!attributes) return usual_bytes();
  return pthread_attr_getstacksize(attributes, &bytes) == 0 ? bytes : 0;
}

/* Asked once: a program that changes them later is given larger or smaller ones. */
static size_t usual_bytes(void) {
  static size_t usual;
  size_t bytes = load_relaxed(&usual); /* the same for whoever asks */
  if (bytes) return bytes;
  pthread_attr_t fresh;
  if (pthread_attr_init(&fresh) != 0) return 0;
  if (pthread_attr_getstacksize(&fresh, &bytes) != 0) bytes = 0;
  pthread_attr_destroy(&fresh);
  store_relaxed(&usual, bytes);
  return bytes;
}

/* What pthread_self points to lies at the top of its stack, whoever made that. */
void thread_stack_note(size_t bytes) {
  const char *top = (const char *)pthread_self();
  if (!bytes) return;
  stack_note(top, bytes);
  range_add(top - bytes, bytes, RANGE_STACK, process_thread_id());
}

void thread_stack_forget(void) {
  if (stack.own.top == (uintptr_t)pthread_self()) range_remove((const void *)stack.own.start);
}
