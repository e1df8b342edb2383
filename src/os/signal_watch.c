/*
 * signal_watch.c: sigaction(2).
 */
#include "os/signal_watch.h"

#include <errno.h>
#include <signal.h>

int signal_watch(int number, void (*on_signal)(int number)) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, NULL) == 0 ? 0 : -errno;
}
