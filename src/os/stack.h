/*
 * stack.h: which addresses belong to the stack that the calling thread runs on.
 *
 * Three kinds of stack are told apart. The main thread's ends where the kernel put the program's random bytes. A
 * thread's of pthread_create is noted by whoever starts it (stack_note). Of all others (threads of a raw clone,
 * coroutines, sigaltstack) nothing is known but that the page which the stack pointer lies in is there: upward from
 * it, pages are asked of the kernel one at a time, as a walk comes to them, and at most 64 KiB. What was found is
 * remembered for the thread, as long as its stack pointer lies within.
 *
 * A page that can be read need not be stack any more, so on a stack that is not known the walker must not err: there,
 * as everywhere, unwind tables are exact, no step goes further than 1 MiB, and no word is read below the frame.
 *
 * In-malloc: no allocation, no lock; a system call only in stack_extend.
 */
#ifndef RATION_OS_STACK_H
#define RATION_OS_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

/* Bytes [start, top) of a stack. */
struct stack_range {
  uintptr_t start;
  uintptr_t top;
};

struct stack {
  struct stack_range own;   /* the thread's own; empty: not noted */
  struct stack_range other; /* the part that is known of another, which it last ran on */
};

extern __thread struct stack stack STATIC_TLS INTERNAL;

_Static_assert(sizeof(struct stack) <= 48, "static TLS is scarce");

/* Once, at start, in the main thread: notes its stack. */
void stack_prepare(void);

/* At the start of a thread, in it: its stack is the `bytes` bytes below `top`. 0 bytes: not known after all. */
void stack_note(const void *top, size_t bytes);

uintptr_t stack_begin_other(uintptr_t sp);
uintptr_t stack_extend(uintptr_t top, uintptr_t address);

/*
 * To be called where a walk is about to follow what may lead anywhere, at `sp`, below the top that it was given: what is
 * remembered of a stack that is not known may have been unmapped since. Returns the top of what is there for certain.
 */
static inline uintptr_t stack_doubt(uintptr_t top, uintptr_t sp) {
  return LIKELY(top == stack.own.top) ? top : stack_begin_other(sp);
}

/*
 * One past the last byte that is known to belong to the stack on which `sp` lies, the calling thread's stack pointer
 * or an address above it in a frame that is live.
 */
ALWAYS_INLINE uintptr_t stack_top(uintptr_t sp) {
  if (LIKELY(sp - stack.own.start < stack.own.top - stack.own.start)) return stack.own.top;
  if (sp - stack.other.start < stack.other.top - stack.other.start) return stack.other.top;
  return stack_begin_other(sp);
}

/*
 * Are the `bytes` bytes at `address` on the calling thread's stack, above its stack pointer? Never for more than
 * what is known without asking the kernel.
 */
ALWAYS_INLINE int stack_has(const void *address, size_t bytes) {
  uintptr_t start = (uintptr_t)address, sp = (uintptr_t)__builtin_frame_address(0);
  uintptr_t top = stack_top(sp);
  return start >= sp && start <= top && bytes <= top - start;
}

/* The same, but where the stack is not known, the kernel is asked. */
int stack_reaches(const void *address, size_t bytes);

#endif
