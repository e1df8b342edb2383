/*
 * What a program finds at its start, and hands on: its environment, signals, limits, working folder, mask, flags of the first
 * descriptors. A tracker that sets or unsets variables, ignores SIGPIPE or writes a line of its own breaks scripts. Expected:
 * all of it, printed, is the same, but for the variables that name the shim; nothing else is on stderr; likewise of a child,
 * and of a program that is started with no environment at all.
 */
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "victim.h"

extern char **environ;

static void print_signals(void) {
  struct sigaction action;
  sigset_t blocked;
  CHECK_EQUAL(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
  for (int i = 1; i < 65; i++) {
    if (i == 32 || i == 33) continue; /* libc's own */
    CHECK_EQUAL(sigaction(i, NULL, &action), 0);
    if (action.sa_handler != SIG_DFL || sigismember(&blocked, i))
      printf("signal %d: %d, %d\n", i, action.sa_handler == SIG_IGN, sigismember(&blocked, i));
  }
}

static void print_all(void) {
  char name[16], folder[4096];
  for (char **entry = environ; *entry; entry++)
    if (strncmp(*entry, "RATION_", 7) != 0 && strncmp(*entry, "LD_PRELOAD=", 11) != 0) puts(*entry);
  print_signals();
  for (int i = 0; i < RLIM_NLIMITS; i++) {
    struct rlimit limit;
    CHECK_EQUAL(getrlimit(i, &limit), 0);
    printf("limit %d: %lld %lld\n", i, (long long)limit.rlim_cur, (long long)limit.rlim_max);
  }
  mode_t mask = umask(0);
  umask(mask);
  CHECK_EQUAL(prctl(PR_GET_NAME, name), 0);
  printf("%s in %s, mask %o, flags %d %d %d, dumpable %d, no new privileges %d, stack %d\n", name,
         getcwd(folder, sizeof folder), mask, fcntl(0, F_GETFL), fcntl(1, F_GETFD), fcntl(2, F_GETFD),
         prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_PDEATHSIG, folder));
  fflush(stdout);
}

int main(int argc, char **argv) {
  free(malloc(100));
  print_all();
  if (argc > 1) return 0;
  pid_t child = fork();
  if (child == 0) {
    free(malloc(100));
    print_all();
    execle(argv[0], argv[0], "again", NULL, (char *[]){NULL});
  }
  return status_of(child);
}
