/*
 * thread_end.c: a pthread key whose destructor puts itself off until the last round.
 */
#include "os/thread_end.h"

#include <limits.h>
#include <pthread.h>
#include <stdint.h>

#include "base/compiler.h"

static pthread_key_t key;
static int is_prepared;
static void (*call_at_end)(void);

/* ThreadSanitizer ends the thread for itself in the last round. */
#ifdef __SANITIZE_THREAD__
#define ROUNDS (PTHREAD_DESTRUCTOR_ITERATIONS - 1)
#else
#define ROUNDS PTHREAD_DESTRUCTOR_ITERATIONS
#endif

/* The key's value counts the rounds left. */
static void run(void *rounds_left) {
  uintptr_t left = (uintptr_t)rounds_left;
  if (left > 1 && pthread_setspecific(key, (void *)(left - 1)) == 0) return;
  call_at_end();
}

int thread_end_prepare(void (*on_end)(void)) {
  call_at_end = on_end;
  int error = pthread_key_create(&key, run);
  is_prepared = error == 0;
  return -error;
}

void thread_end_watch(void) {
  /* Fails only for want of memory: then the thread's slab stays with it. */
  if (is_prepared) pthread_setspecific(key, (void *)(uintptr_t)ROUNDS);
}
