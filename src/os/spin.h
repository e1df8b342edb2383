/*
 * spin.h: a lock for a few dozen instructions, which nobody waits for for ever.
 *
 * Who does not get it does without: at once, if the caller has it already (it is in a handler of a signal that came
 * meanwhile); after some two seconds, if its holder was stopped, or, in a child of a raw clone, is not there. After that
 * nobody waits long, until it has been given back once. No signal is blocked: that takes two system calls. In-malloc.
 */
#ifndef RATION_OS_SPIN_H
#define RATION_OS_SPIN_H

#include <stdint.h>

#include "base/atomics.h"

struct spin {
  uintptr_t holder; /* its thread pointer; 0: nobody's */
  uint32_t is_stuck;
};

static inline int spin_try(struct spin *spin) {
  uintptr_t expected = 0;
  /* Pairs with spin_end. */
  return cas_acq_rel(&spin->holder, &expected, (uintptr_t)__builtin_thread_pointer());
}

static inline int spin_is_own(const struct spin *spin) {
  return load_relaxed(&spin->holder) == (uintptr_t)__builtin_thread_pointer(); /* its own word */
}

/* 1: the caller has it. 0: it is to do without. */
int spin_try_long(struct spin *spin);

static inline void spin_end(struct spin *spin) {
  store_relaxed(&spin->is_stuck, 0); /* a hint */
  store_release(&spin->holder, 0);   /* pairs with spin_try */
}

#endif
