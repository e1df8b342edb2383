/*
 * thread_start.c: see thread_start.h.
 */
#include "os/thread_start.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/atomics.h"
#include "os/next.h"
#include "os/system.h"

static thread_creator creator;
static const char *started_name; /* of the one thread that there is */
static thread_function started_function;

thread_creator thread_find_creator(uintptr_t caller) {
  thread_creator found = load_relaxed(&creator); /* the same for whoever looks */
  if (found) return found;
  *(void **)&found = next_find("pthread_create");
  if (!found) *(void **)&found = next_find_in_module((const void *)caller, "pthread_create");
  next_forget_error();
  store_relaxed(&creator, found);
  return found;
}

static void *begin(void *argument) {
  pthread_detach(pthread_self());
  SYSTEM(prctl, PR_SET_NAME, started_name);
  return started_function(argument);
}

/* A thread begins with its creator's signals blocked: all, for that moment. */
int thread_start(thread_function function, const char *name) {
  uint64_t all = UINT64_MAX, before = 0;
  pthread_t thread;
  thread_creator create = thread_find_creator(0);
  if (!create) return -ENOSYS;
  started_function = function;
  started_name = name;
  SYSTEM(rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
  int error = create(&thread, NULL, begin, NULL);
  SYSTEM(rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
  return -error;
}
