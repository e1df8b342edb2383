/*
 * fork.c: pthread_atfork.
 */
#include "os/fork.h"

#include <pthread.h>

int fork_watch(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
  return -pthread_atfork(prepare, parent, child);
}
