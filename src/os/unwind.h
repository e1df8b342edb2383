/*
 * unwind.h: from a call to the calls above it on the stack, a frame at a time.
 *
 * The walker is bounded: it reads only words between a frame's stack pointer and the top of the stack that the
 * calling thread runs on, and goes only upward. What it needs to know of a return address, its rule, comes from
 * one table that all threads share: one word a rule, read and written without a lock. A rule that is not there yet
 * is read from the module's unwind information by unwind_learn, once, or asked of libunwind, where that is of a kind
 * that compilers seldom write.
 *
 *   struct unwind_frame frame = unwind_from(__builtin_frame_address(0));
 *   do {
 *     ... frame.pc ...
 *     result = unwind_step(&frame);
 *     if (result == -EAGAIN && unwind_learn(frame.pc) == 0) result = unwind_step(&frame);
 *   } while (result == 0);
 *
 * In-malloc. unwind_step: no lock, no system call (but on a stack that is not known, see stack.h), no allocation.
  * unwind_learn: nothing of these either, and about 1 KiB of stack; but where libunwind is asked: system calls, since
 * signals are blocked, a lock of our own that is tried for a bounded time, and at times a mapping of libunwind's, on a
 * stack of its own. errno: unwind_learn and unwind_prepare may change it, unwind_step may on such a stack.
 */
#ifndef RATION_OS_UNWIND_H
#define RATION_OS_UNWIND_H

#include <stdint.h>

#include "base/compiler.h"
#include "os/stack.h"

enum unwind_way {
  UNWIND_LIBUNWIND, /* by the modules' unwind tables; where there is none for an address, as FP */
  UNWIND_TABLES,    /* the same without libunwind, which knows entries that unwind_entries.h does not */
  UNWIND_FP,        /* by frame pointers, in modules: true for code compiled with -fno-omit-frame-pointer */
  UNWIND_OFF,       /* not at all */
};

/* A function that waits for a call to return. */
struct unwind_frame {
  uintptr_t pc;    /* the return address, in that function */
  uintptr_t sp;    /* its stack pointer just after the return */
  uintptr_t fp;    /* and its frame pointer (rbp); 0: not known */
  uintptr_t top;   /* end of the stack that all lie on: nothing at or above it is read; 0: not known */
  uintptr_t fp_at; /* where the step that led here has read fp; 0: it has left it as it was */
  uint32_t by_fp;  /* that step went by the fp before it */
};

/*
 * All that a plain step depends on is pc, sp, where it says by_fp fp, and what it finds: the word below the next sp,
 * which is the next pc, and the one at fp_at, the next fp. As long as these words stand, and pc, sp and fp of some frame
 * are the same, so are all further out. UNWIND_OTHERWISE in fp_at: the step was not plain.
 */
#define UNWIND_OTHERWISE 1

/*
 * At start, by a caller who has arranged that what libunwind and the loader allocate is his: by another way than
 * UNWIND_LIBUNWIND as soon as anything is asked, then once in the main thread by the one that is wanted. That opens the
 * library, and closes the descriptors that libunwind opens at its first use. Returns 0, or -ENOENT: no libunwind (of
 * this machine), -ENOTSUP: not one that we can use, -ENOMEM; the way is then UNWIND_TABLES.
 */
int unwind_prepare(enum unwind_way way);

enum unwind_way unwind_way_now(void);

/*
 * The caller of the function whose frame that is: __builtin_frame_address(0), nothing else, of a function that runs
 * now in the calling thread.
 */
static inline struct unwind_frame unwind_from(const void *frame_address) {
  const uintptr_t *frame = frame_address;
  uintptr_t sp = (uintptr_t)(frame + 2);
  return (struct unwind_frame){.pc = frame[1], .sp = sp, .fp = frame[0], .top = stack_top(sp)};
}

/*
 * To the function that called this one. Returns 0; -ENOENT: none did, the frame is the outermost; -EAGAIN: the rule
 * of frame->pc is not known, unwind_learn it; -EFAULT: the rule leads out of the stack, further than 1 MiB, or, by FP,
 * to what is no code of a module; -ENOTSUP: its rule is of no kind that is followed, or the way is off. The frame is
 * changed only by 0.
 */
int unwind_step(struct unwind_frame *frame);

/*
 * Asks for the rule of a return address, after which unwind_step knows one, if only that there is none. Returns 0;
 * -EBUSY: others ask all the time, or one did when this process was forked from it: without it for now; -ENOTSUP:
 * the way is not libunwind, or that is no address.
 */
int unwind_learn(uintptr_t pc);

/* The same, where libunwind is called by way of `call`, while signals are blocked: as own_stack_call does. */
typedef uint64_t unwind_call(uint64_t (*function)(uintptr_t argument), uintptr_t argument);
int unwind_learn_by(uintptr_t pc, unwind_call *call);

/*
 * Addresses may be used again (dlclose): nothing is known any more. Whoever calls code that was loaded later has learned
 * of it by way of a lock, and so sees none of the old rules.
 */
void unwind_forget(void);

/*
 * Round fork, by the handlers of that name: so that a child never waits for a thread that it does not have.
 * unwind_fork_prepare waits for a bounded time; where that was not enough, the child learns nothing more.
 */
void unwind_fork_prepare(void);
void unwind_fork_parent(void);
void unwind_fork_child(void);

/* For tests: what is opened; and 0: libunwind is asked of all that is not known. */
extern const char *unwind_library INTERNAL;
extern int unwind_reads_entries INTERNAL;

#endif
