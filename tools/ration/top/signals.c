/*
 * signals.c: see signals.h.
 */
#include "top/signals.h"

#include <errno.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_begin(void) {
  static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
  sigset_t taken;
  sigemptyset(&taken);
  signal(SIGPIPE, SIG_IGN);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct sigaction old;
    if (sigaction(all[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    sigaddset(&taken, all[i]);
  }
  sigprocmask(SIG_BLOCK, &taken, NULL);
  int fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

int signals_next(int fd) {
  struct signalfd_siginfo info;
  return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

/* One that comes by a kill(2) of its own stops who takes it as it comes. */
void signals_stop(void) {
  sigset_t stop, old;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  raise(SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &stop, &old);
  sigprocmask(SIG_SETMASK, &old, NULL);
}
