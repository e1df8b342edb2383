/*
 * unshare and setns of a user namespace are refused to a process that has threads: one that a preloaded library has started is
 * in the way, and takes signals that are sent to the process. Expected: there is one thread; unshare says what it says
 * without the shim; a signal that main blocks stays for main to wait for; all that before and after a fork.
 */
#include <dirent.h>
#include <sched.h>

#include "victim.h"

static int threads(void) {
  int number = 0;
  DIR *tasks = opendir("/proc/self/task");
  CHECK(tasks != NULL);
  for (struct dirent *task; (task = readdir(tasks));) number += task->d_name[0] != '.';
  closedir(tasks);
  return number;
}

static void take_signal(void) {
  sigset_t blocked;
  int number;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  CHECK_EQUAL(sigprocmask(SIG_BLOCK, &blocked, NULL), 0);
  CHECK_EQUAL(kill(getpid(), SIGUSR1), 0);
  for (int i = 0; i < 2000; i++) free(malloc(1000));
  CHECK_EQUAL(sigwait(&blocked, &number), 0);
  CHECK_EQUAL(number, SIGUSR1);
}

int main(void) {
  for (int i = 0; i < 2000; i++) free(malloc(1000));
  CHECK_EQUAL(threads(), 1);
  take_signal();
  pid_t child = fork();
  if (child == 0) {
    take_signal();
    CHECK_EQUAL(threads(), 1);
    int result = unshare(CLONE_NEWUSER | CLONE_NEWPID);
    dprintf(1, "unshare: %s\n", result == 0 ? "done" : strerror(errno));
    free(malloc(100000));
    _exit(0);
  }
  CHECK_EQUAL(status_of(child), 0);
  printf("unshare: %s\n", unshare(CLONE_NEWUSER) == 0 ? "done" : strerror(errno));
  free(malloc(100000));
  return 0;
}
