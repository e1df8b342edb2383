/*
 * The first allocation of a forked child sets up a segment, with names, paths and folders; on the smallest
 * stack that a thread may have, large buffers would overrun it. Expected: the child runs on.
 */
#include <limits.h>

#include "victim.h"

static void *run(void *unused) {
  pid_t pid = fork();
  if (pid == 0) {
    free(malloc(100));
    _exit(5);
  }
  CHECK_EQUAL(status_of(pid), 5);
  return unused;
}

int main(void) {
  pthread_t thread;
  pthread_attr_t attributes;
  CHECK_EQUAL(pthread_attr_init(&attributes), 0);
  CHECK_EQUAL(pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN), 0);
  CHECK_EQUAL(pthread_create(&thread, &attributes, run, NULL), 0);
  join_thread(thread);
  puts("done");
  return 0;
}
