/*
 * turn.h: a short stretch of code in which one thread is alone, and which no signal handler interrupts.
 *
 * For tables that are no part of malloc, where a call costs a system call anyway. All signals are blocked meanwhile:
 * so no handler can find its own thread in the stretch, nor leave it by a longjmp or a cancellation. Nobody waits for
 * ever: who cannot have a turn does without. In-malloc rules hold in the stretch: no allocation, no other lock.
 */
#ifndef RATION_OS_TURN_H
#define RATION_OS_TURN_H

#include <stdint.h>

struct turn {
  uint32_t state; /* zero: nobody's */
};

/*
 * Begins a turn; *ret_signals is for turn_end. Returns 0, or -EBUSY: another thread has held it for two seconds (it was
 * stopped, or this is a child of a raw clone, where that thread is not). errno may change.
 */
int turn_begin(struct turn *turn, uint64_t *ret_signals);
void turn_end(struct turn *turn, uint64_t signals);

/* Somebody has it. For a child with one thread. */
int turn_is_taken(const struct turn *turn);

/* In a forked child: it is nobody's, whoever had it in the parent. */
void turn_forget(struct turn *turn);

#endif
