/*
 * own_stack.h: to call a function on a stack of the shim's own.
 *
 * What the program runs on may have no room left for more than a few frames: a signal stack of 2 KiB, a coroutine.
 * There is one such stack, so one call at a time: callers hold a lock. Signals are blocked meanwhile (handlers would run
 * on it, and it is not theirs), nobody allocates from the program's heap, and nobody leaves but by returning.
 */
#ifndef RATION_OS_OWN_STACK_H
#define RATION_OS_OWN_STACK_H

#include <stdint.h>

/* Once, at start: maps it, with a page below that nothing can be written to. Returns 0 or -ENOMEM. */
int own_stack_prepare(void);

/* Calls function(argument) there; before own_stack_prepare, and on machines other than x86-64, where the caller is. */
uint64_t own_stack_call(uint64_t (*function)(uintptr_t argument), uintptr_t argument);

#endif
