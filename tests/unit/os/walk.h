/*
 * walk.h: a walk from here as far as it goes, to be compared with backtrace(3), which unwinds by libgcc.
 */
#ifndef RATION_TESTS_OS_WALK_H
#define RATION_TESTS_OS_WALK_H

#include <criterion/criterion.h>
#include <errno.h>
#include <execinfo.h>

#include "os/unwind.h"

#define NOINLINE __attribute__((noinline))
#define DEPTH    128

/* At the end of a function whose last call must not become a jump. */
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")

struct walk {
  void *addresses[DEPTH]; /* return addresses, first that of the function which began the walk */
  int count;
  int end; /* what the last step said */
};

/* Others may make it forget at any time, or ask. */
static inline int step_or_learn(struct unwind_frame *frame) {
  int result;
  while ((result = unwind_step(frame)) == -EAGAIN) {
    do result = unwind_learn(frame->pc);
    while (result == -EBUSY);
    if (result < 0) break;
  }
  return result;
}

static inline void walk_from(struct unwind_frame frame, struct walk *ret_walk) {
  ret_walk->count = 0;
  do {
    ret_walk->addresses[ret_walk->count++] = (void *)frame.pc;
    ret_walk->end = step_or_learn(&frame);
  } while (ret_walk->end == 0 && ret_walk->count < DEPTH);
}

/*
 * Walks, and asks backtrace(3), from this function's caller. Returns how many frames they have in common; backtrace's
 * first one lies in this function, or, under a sanitizer, before that in its own backtrace.
 */
static NOINLINE int walk_beside_backtrace(struct walk *ret_walk, int *ret_expected) {
  void *expected[DEPTH];
  int count = backtrace(expected, DEPTH), first = 1, same = 0;
  walk_from(unwind_from(__builtin_frame_address(0)), ret_walk);
  if (count > 2 && expected[1] != ret_walk->addresses[0]) first = 2;
  count -= first;
  while (same < count && same < ret_walk->count && ret_walk->addresses[same] == expected[same + first])
    same++;
  *ret_expected = count;
  return same;
}

/* They must be the same to the end of the stack. */
static NOINLINE void compare(const char *where) {
  struct walk walk;
  int expected, same = walk_beside_backtrace(&walk, &expected);
  cr_assert_eq(walk.end, -ENOENT, "%s: ended by %d after %d frames of %d", where, walk.end, walk.count,
               expected);
  cr_assert_eq(same, expected, "%s: of %d frames the first %d are the same", where, expected, same);
  cr_assert_eq(walk.count, expected, "%s: %d frames, not %d", where, walk.count, expected);
}

static inline void prepare(void) {
  cr_assert_eq(unwind_prepare(UNWIND_LIBUNWIND), 0);
  cr_assert_eq(unwind_way_now(), UNWIND_LIBUNWIND);
}

#endif
