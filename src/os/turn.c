/*
 * turn.c: a word, and a futex for those who wait.
 */
#include "os/turn.h"

#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "base/atomics.h"
#include "os/system.h"

#define TRIES      100
#define WAITS_MOST 200
#define WAIT_NS    10000000

enum { FREE, TAKEN, AWAITED };

static int wait(struct turn *turn);

/* The kernel's set of signals, which is shorter than libc's. */
static void set_signals(uint64_t signals, uint64_t *ret_before) {
  SYSTEM(rt_sigprocmask, SIG_SETMASK, &signals, ret_before, sizeof signals);
}

int turn_begin(struct turn *turn, uint64_t *ret_signals) {
  uint64_t signals = 0;
  set_signals(UINT64_MAX, &signals);
  for (int i = 0; i < TRIES; i++) {
    uint32_t expected = FREE;
    if (cas_acq_rel(&turn->state, &expected, TAKEN)) { /* pairs with turn_end */
      *ret_signals = signals;
      return 0;
    }
  }
  int result = wait(turn);
  if (result == 0)
    *ret_signals = signals;
  else
    set_signals(signals, NULL);
  return result;
}

static int wait(struct turn *turn) {
  struct timespec time = {.tv_nsec = WAIT_NS};
  for (int i = 0; i < WAITS_MOST; i++) {
    uint32_t expected = FREE;
    if (cas_acq_rel(&turn->state, &expected, AWAITED)) return 0; /* pairs with turn_end */
    if (expected == TAKEN && !cas_relaxed(&turn->state, &expected, AWAITED) && expected == FREE) continue;
    SYSTEM(futex, &turn->state, FUTEX_WAIT_PRIVATE, AWAITED, &time);
  }
  return -EBUSY;
}

void turn_end(struct turn *turn, uint64_t signals) {
  uint32_t expected = TAKEN;
  if (!cas_acq_rel(&turn->state, &expected, FREE)) { /* pairs with turn_begin */
    store_release(&turn->state, FREE);               /* pairs with turn_begin */
    SYSTEM(futex, &turn->state, FUTEX_WAKE_PRIVATE, 1);
  }
  set_signals(signals, NULL);
}

int turn_is_taken(const struct turn *turn) {
  return load_relaxed(&turn->state) != FREE; /* one thread runs: nothing to order */
}

void turn_forget(struct turn *turn) {
  store_relaxed(&turn->state, FREE); /* likewise */
}
