/*
 * worker.c: waiting, and running what is due.
 *
 * `calls` rises with each wake; the worker reads it before it looks at what is due, and sleeps only while it has not
 * risen since. So no wake is lost.
 */
#include "track/worker.h"

#include <errno.h>
#include <stddef.h>

#include "base/atomics.h"
#include "os/futex.h"
#include "os/thread_start.h"
#include "track/handlers.h"
#include "track/outside.h"

enum { NONE, STARTING, RUNNING };

static uint32_t state;
static uint32_t calls;
static uint32_t is_asleep;

static int lesser(int a, int b) {
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void *work(void *unused) {
  while (load_relaxed(&state) != NONE) {  /* in the child of a handler that has forked it ends */
    uint32_t seen = load_acquire(&calls); /* pairs with worker_wake */
    outside_look();
    handlers_run_due(RATION_DISPATCH_DEFERRED);
    store_relaxed(&is_asleep, 1); /* the fence orders it before the look */
    fence_full();                 /* pairs with worker_wake */
    int wait = lesser(handlers_wait_ms(RATION_DISPATCH_DEFERRED), outside_wait_ms());
    if (wait != 0 && load_relaxed(&calls) == seen) futex_wait(&calls, seen, wait);
    store_relaxed(&is_asleep, 0); /* a wake too many does no harm */
  }
  return unused;
}

int worker_start(void) {
  uint32_t expected = NONE;
  if (!cas_acq_rel(&state, &expected, STARTING))
    return 0; /* pairs with worker_start: one thread comes through */
  struct record *record = thread_go_inside();
  int result = thread_start(work, "ration-pressure");
  thread_come_out(record);
  store_relaxed(&state, result < 0 ? NONE : RUNNING); /* a word by itself */
  return result;
}

void worker_wake(void) {
  add_relaxed(&calls, 1); /* the fence orders it */
  fence_full();           /* pairs with work */
  if (load_relaxed(&is_asleep)) futex_wake(&calls);
}

int worker_is_running(void) {
  return load_relaxed(&state) == RUNNING; /* a word by itself */
}

void worker_forget(void) {
  state = NONE;
  is_asleep = 0;
}
