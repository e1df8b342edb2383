/*
 * A child whose first allocation is made not by the thread that forked, but by one that it starts on a stack
 * that is left over from its parent, for which nothing is allocated. Expected: its books begin with its
 * parent's all the same.
 */
#include "victim.h"

static void *run(void *unused) {
  check_books("before", 3, 2);
  return unused;
}

static void *nothing(void *unused) {
  return unused;
}

int main(void) {
  join_thread(start_thread(nothing, NULL));
  enter("before");
  void *block = malloc(100);
  for (int i = 0; i < 2; i++) free(malloc(100));
  leave();
  pid_t pid = fork();
  if (pid == 0) {
    join_thread(start_thread(run, NULL));
    check_books("before", 3, 2);
    free(block);
    _exit(0);
  }
  CHECK_EQUAL(status_of(pid), 0);
  check_books("before", 3, 2);
  puts("done");
  return 0;
}
