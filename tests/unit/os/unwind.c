/*
 * unwind.c: tests of src/os/unwind.c, against backtrace(3), which unwinds by libgcc.
 */
#include "os/unwind.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <execinfo.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))
#define DEPTH    128

/* What a walk has met: return addresses, from the caller of the function that began it. */
struct walk {
  void *addresses[DEPTH];
  int count;
  int end; /* what the last step said */
};

/* From a frame as far as it goes. */
static void go_on(struct unwind_frame frame, struct walk *ret_walk) {
  ret_walk->count = 0;
  do {
    ret_walk->addresses[ret_walk->count++] = (void *)frame.pc;
    ret_walk->end = unwind_step(&frame);
    if (ret_walk->end == -EAGAIN && (ret_walk->end = unwind_learn(frame.pc)) == 0)
      ret_walk->end = unwind_step(&frame);
  } while (ret_walk->end == 0 && ret_walk->count < DEPTH);
}

/* Compares a walk from here with backtrace(3), whose first address is in this function, not in its caller. */
static NOINLINE void compare(const char *where) {
  void *expected[DEPTH];
  int count = backtrace(expected, DEPTH) - 1;
  struct walk walk;
  go_on(unwind_from(__builtin_frame_address(0)), &walk);
  cr_assert_eq(walk.end, -ENOENT, "%s: ended by %d after %d frames", where, walk.end, walk.count);
  cr_assert_eq(walk.addresses[0], __builtin_return_address(0), "%s", where);
  cr_assert_eq(walk.count, count, "%s: %d frames, not %d", where, walk.count, count);
  for (int i = 0; i < count; i++)
    cr_assert_eq(walk.addresses[i], expected[i + 1], "%s: frame %d: %p, not %p", where, i, walk.addresses[i],
                 expected[i + 1]);
}

static int compare_in_callback(const void *a, const void *b) {
  (void)a, (void)b;
  compare("a callback of qsort");
  return 0;
}

static void prepare(void) {
  cr_assert_eq(unwind_prepare(UNWIND_LIBUNWIND), 0);
  cr_assert_eq(unwind_way_now(), UNWIND_LIBUNWIND);
}

Test(unwind, goes_from_a_test_to_the_end_of_the_stack, .init = prepare) {
  compare("a test");
}

Test(unwind, goes_through_a_function_of_libc, .init = prepare) {
  int numbers[] = {2, 1};
  qsort(numbers, 2, sizeof *numbers, compare_in_callback);
}

Test(unwind, goes_by_frame_pointers_without_libunwind) {
  unwind_library = "libunwind-of-no-machine.so.8";
  cr_assert_eq(unwind_prepare(UNWIND_LIBUNWIND), -ENOENT);
  cr_assert_eq(unwind_way_now(), UNWIND_FP);
  cr_assert_eq(unwind_learn((uintptr_t)__builtin_return_address(0)), -ENOTSUP);
}

Test(unwind, stays_where_it_is_when_it_is_off) {
  cr_assert_eq(unwind_prepare(UNWIND_OFF), 0);
  struct unwind_frame frame = unwind_from(__builtin_frame_address(0)), before = frame;
  cr_assert_eq(unwind_step(&frame), -ENOTSUP);
  cr_assert_eq(memcmp(&frame, &before, sizeof frame), 0);
}
