/*
 * pthread.c: pthread_create, so that a new thread starts in its creator's category.
 *
 * The thread begins in a function of the shim, which notes where its stack lies and which category it is in, and ends
 * in a jump to the program's: no frame stays behind, and what leaves the program's function (its value, pthread_exit,
 * an exception, a cancellation) meets only libc's, as without the shim. What is handed on travels in a block of the
 * bootstrap pool; where there is none, or nothing is tracked, the program's call goes through as it is.
 *
 * std::thread, OpenMP and glib come by here. C11's thrd_create does not: libc calls its own pthread_create, not by name.
 */
#include <errno.h>
#include <pthread.h>

#include "base/atomics.h"
#include "os/next.h"
#include "os/pool.h"
#include "os/thread_end.h"
#include "os/thread_stack.h"
#include "shim/surface.h"
#include "track/scope.h"

typedef void *(*start_function)(void *);
typedef int (*create_function)(pthread_t *, const pthread_attr_t *, start_function, void *);

/* What a new thread is told. */
struct start {
  start_function function;
  void *argument;
  size_t stack_bytes;
  uint32_t category;
};

static create_function next_create;

static create_function find_create(uintptr_t caller);
static struct start *make_start(const pthread_attr_t *attributes, start_function function, void *argument);
static void *begin_thread(void *start);

EXPORT int pthread_create(pthread_t *ret_thread, const pthread_attr_t *attributes, start_function function,
                          void *argument) {
  int kept_errno = errno;
  create_function create = load_relaxed(&next_create); /* the same for whoever looks */
  if (UNLIKELY(!create)) create = find_create(CALLER);
  struct start *start = create ? make_start(attributes, function, argument) : NULL;
  errno = kept_errno;
  if (!create) return EAGAIN;
  if (!start) return create(ret_thread, attributes, function, argument);
  int error = create(ret_thread, attributes, begin_thread, start);
  if (error) pool_free(start);
  return error;
}

/* NULL: nothing is handed on. */
static struct start *make_start(const pthread_attr_t *attributes, start_function function, void *argument) {
  if (process_ready() != PROCESS_TRACKING) return NULL;
  struct start *start = pool_allocate(sizeof *start, 0);
  if (!start) return NULL;
  struct record *record = thread_go_inside();
  *start = (struct start){.function = function,
                          .argument = argument,
                          .stack_bytes = thread_stack_bytes(attributes),
                          .category = settings.inherit_creator ? thread.scope : 0};
  thread_come_out(record);
  return start;
}

/* In a C library before glibc 2.34 it is in a library of its own, which a plugin may have brought. */
static SLOW_PATH create_function find_create(uintptr_t caller) {
  create_function create;
  struct record *record = thread_go_inside();
  *(void **)&create = next_find("pthread_create");
  if (!create) *(void **)&create = next_find_in_module((const void *)caller, "pthread_create");
  next_forget_error();
  thread_come_out(record);
  store_relaxed(&next_create, create);
  return create;
}

/* At start, so that no thread has to wait for the loader's lock to be created. */
__attribute__((constructor)) static void find_early(void) {
  find_create(0);
}

/* In the new thread. Its end is watched, since the note of its stack must go with it, also if it never allocates. */
static void *begin_thread(void *start) {
  struct start given = *(struct start *)start;
  pool_free(start);
  thread_stack_note(given.stack_bytes);
  struct record *record = thread_go_inside();
  thread_end_watch();
  thread_come_out(record);
  if (given.category) scope_begin(given.category);
  return given.function(given.argument);
}
