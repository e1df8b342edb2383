/*
 * stack.c: the bounds of stacks.
 */
#include "os/stack.h"

#include <sys/auxv.h>

#include "os/memory.h"
#include "os/system.h"

__thread struct stack stack;

/*
 * The kernel leaves that much room below the top of the main thread's stack (mmap_base in its arch/x86/mm/mmap.c; with
 * randomised addresses as good as always), so whatever lies so near is that stack. A deeper one is one that is not known.
 */
#define MAIN_MOST ((uintptr_t)128 << 20)

#define OTHER_MOST ((uintptr_t)64 << 10)

static int may_probe; /* the kernel tells what can be read */

static int is_readable(uintptr_t page);

void stack_prepare(void) {
  const uintptr_t nowhere = 8;
  may_probe = !is_readable(nowhere);
  uintptr_t top = (uintptr_t)getauxval(AT_RANDOM), sp = (uintptr_t)__builtin_frame_address(0);
  if (top <= sp || top - sp >= MAIN_MOST || SYSTEM(gettid, 0) != SYSTEM(getpid, 0)) return;
  stack.own = (struct stack_range){.start = top - MAIN_MOST, .top = top};
}

void stack_note(const void *top, size_t bytes) {
  stack.own = (struct stack_range){.start = (uintptr_t)top - bytes, .top = (uintptr_t)top};
}

/* The rest of the page of the word below sp, which is there, since it lies in a frame that is live. */
SLOW_PATH uintptr_t stack_begin_other(uintptr_t sp) {
  uintptr_t page = memory_page_bytes(), start = (sp - 1) & -page;
  stack.other = (struct stack_range){.start = start, .top = start + page};
  return stack.other.top;
}

/* A walk has come to `address`, at or above the top that it was given. Returns the new top, or 0: it lies beyond. */
SLOW_PATH uintptr_t stack_extend(uintptr_t top, uintptr_t address) {
  uintptr_t page = memory_page_bytes();
  if (!may_probe || top != stack.other.top || address - stack.other.start >= OTHER_MOST) return 0;
  while (address >= stack.other.top) {
    if (!is_readable(stack.other.top)) return 0;
    stack.other.top += page;
  }
  return stack.other.top;
}

int stack_reaches(const void *address, size_t bytes) {
  uintptr_t start = (uintptr_t)address, sp = (uintptr_t)__builtin_frame_address(0);
  uintptr_t top = stack_doubt(stack_top(sp), sp);
  if (start < sp || start + bytes < start) return 0;
  return start + bytes <= top || stack_extend(top, start + bytes - 1) != 0;
}

/*
 * A system call that reads a word of the program's before it finds the rest of its arguments wrong: -EFAULT where
 * that cannot be read, else -EINVAL, and nothing is done. Unlike mincore(2) it sees PROT_NONE. Emulators may look at the other arguments first: may_probe.
 */
static int is_readable(uintptr_t page) {
  enum { NO_SUCH_WAY = 0x7fff, MASK_BYTES = 8 };
  return SYSTEM(rt_sigprocmask, NO_SUCH_WAY, page, 0, MASK_BYTES) == -EINVAL;
}
