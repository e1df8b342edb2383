/*
 * A program that may write no file (RLIMIT_FSIZE): for a shim that sizes a file, the signal SIGXFSZ is the end.
 * Expected: it runs; there is no segment.
 */
#include "victim.h"

static void *run(void *unused) {
  free(malloc(100));
  return unused;
}

int main(void) {
  join_thread(start_thread(run, NULL));
  pid_t pid = fork();
  if (pid == 0) {
    run(NULL);
    _exit(0);
  }
  return status_of(pid);
}
