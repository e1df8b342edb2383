/*
 * unwind.c: tests of src/os/unwind.c: frames of every kind, the three ways, and what is no frame.
 */
#include "os/unwind.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "os/walk.h"

/* ---- frames that the compiler lays out differently; each must not be merged with its neighbours ---- */

static volatile int zero;

static NOINLINE void nest(int depth) {
  if (depth > 0)
    nest(depth - 1);
  else
    compare("a nest of functions");
  KEEP_FRAME();
}

static NOINLINE void allocate_on_stack(size_t bytes) {
  volatile char *memory = __builtin_alloca(bytes);
  memory[0] = 1;
  compare("a function with alloca");
  memory[bytes - 1] = 1;
}

static NOINLINE int hold_large_frame(void) {
  volatile char memory[300000];
  memory[zero] = 1;
  compare("a function with a large frame");
  return memory[zero];
}

static NOINLINE long hold_registers(long a, long b, long c, long d, long e, long f, long g, long h) {
  long i = a * b + zero, j = c * d + zero, k = e * f + zero, l = g * h + zero, m = a * h + zero,
       n = b * g + zero;
  compare("a function with many registers saved");
  return i ^ j ^ k ^ l ^ m ^ n ^ a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
}

static NOINLINE void realign(int a, int b, int c, int d, int e, int f, int g) {
  _Alignas(128) volatile char memory[256] = {0};
  volatile char *more = __builtin_alloca((size_t)(64 + zero));
  memory[0] = more[0] = (char)(a + b + c + d + e + f + g);
  compare("a function that realigns its stack");
  if (memory[zero]) more[1] = memory[1];
}

static int compare_in_callback(const void *a, const void *b) {
  (void)a, (void)b;
  compare("a callback of qsort");
  return 0;
}

Test(unwind, goes_from_a_test_to_the_end_of_the_stack, .init = prepare) {
  compare("a test");
  KEEP_FRAME();
}

Test(unwind, goes_through_frames_of_every_kind, .init = prepare) {
  nest(0);
  nest(50);
  allocate_on_stack((size_t)(1000 + zero));
  hold_large_frame();
  hold_registers(1, 2, 3, 4, 5, 6, 7, 8);
  realign(1, 2, 3, 4, 5, 6, 7);
}

Test(unwind, goes_through_frames_by_libunwind_alone, .init = prepare) {
  unwind_reads_entries = 0;
  nest(50);
  allocate_on_stack((size_t)(1000 + zero));
  hold_large_frame();
  hold_registers(1, 2, 3, 4, 5, 6, 7, 8);
}

Test(unwind, goes_through_a_function_of_libc, .init = prepare) {
  int numbers[] = {2, 1};
  qsort(numbers, 2, sizeof *numbers, compare_in_callback);
}

Test(unwind, begins_with_the_caller) {
  struct unwind_frame frame = unwind_from(__builtin_frame_address(0));
  cr_assert_eq(frame.pc, (uintptr_t)__builtin_return_address(0));
}

Test(unwind, forgets_and_learns_anew, .init = prepare) {
  compare("before");
  struct unwind_frame frame = unwind_from(__builtin_frame_address(0)), first = frame, again = frame;
  cr_assert_eq(step_or_learn(&first), 0);
  cr_assert_eq(unwind_step(&again), 0, "it is known");
  unwind_forget();
  cr_assert_eq(unwind_step(&frame), -EAGAIN);
  cr_assert_eq(unwind_learn(frame.pc), 0);
  cr_assert_eq(unwind_step(&frame), 0);
  cr_assert_eq(frame.pc, first.pc);
  cr_assert_eq(frame.sp, first.sp);
  cr_assert_eq(frame.fp, first.fp);
  compare("after");
}

/* ---- the other ways ---- */

/* Functions that ask for their frame's address have a frame pointer. */
static void *called_from[8];

static NOINLINE void nest_frame_pointers(int depth, struct walk *ret_walk) {
  void *volatile frame = __builtin_frame_address(0);
  called_from[depth] = __builtin_return_address(0);
  if (depth > 0)
    nest_frame_pointers(depth - 1, ret_walk);
  else
    walk_from(unwind_from(frame), ret_walk);
  KEEP_FRAME();
}

static void check_frame_pointers(void) {
  enum { NESTED = sizeof called_from / sizeof *called_from };
  struct walk walk;
  nest_frame_pointers(NESTED - 1, &walk);
  cr_assert_geq(walk.count, NESTED);
  for (int i = 0; i < NESTED; i++) cr_assert_eq(walk.addresses[i], called_from[i], "frame %d", i);
  cr_assert(walk.end == -ENOENT || walk.end == -EFAULT, "%d", walk.end);
}

Test(unwind, goes_by_frame_pointers) {
  cr_assert_eq(unwind_prepare(UNWIND_FP), 0);
  cr_assert_eq(unwind_way_now(), UNWIND_FP);
  check_frame_pointers();
  cr_assert_eq(unwind_learn((uintptr_t)called_from[0]), -ENOTSUP);
}

/* A library without frame pointers leaves anything in the register. */
Test(unwind, goes_by_frame_pointers_to_code_alone) {
  enum { WORDS = 6 };
  uintptr_t memory[WORDS] = {0, 0, (uintptr_t)&memory[4], 0, 0, 0};
  struct unwind_frame frame = {.pc = (uintptr_t)abort,
                               .sp = (uintptr_t)memory,
                               .fp = (uintptr_t)&memory[2],
                               .top = (uintptr_t)&memory[WORDS]};
  const uintptr_t words[] = {0x1234, (uintptr_t)memory, (uintptr_t)called_from, 1};
  cr_assert_eq(unwind_prepare(UNWIND_FP), 0);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    struct unwind_frame next = frame;
    memory[3] = words[i];
    cr_expect_eq(unwind_step(&next), -EFAULT, "%zu", i);
    cr_expect_eq(memcmp(&next, &frame, sizeof next), 0);
  }
  memory[3] = (uintptr_t)abort + 1;
  cr_assert_eq(unwind_step(&frame), 0);
  cr_expect_eq(frame.pc, (uintptr_t)abort + 1);
}

Test(unwind, goes_by_tables_without_libunwind) {
  unwind_library = "libunwind-of-no-machine.so.8";
  cr_assert_eq(unwind_prepare(UNWIND_LIBUNWIND), -ENOENT);
  cr_assert_eq(unwind_way_now(), UNWIND_TABLES);
  nest(0);
  nest(50);
  hold_registers(1, 2, 3, 4, 5, 6, 7, 8);
}

Test(unwind, takes_no_other_library_for_libunwind) {
  unwind_library = "libm.so.6";
  cr_assert_eq(unwind_prepare(UNWIND_LIBUNWIND), -ENOTSUP);
  cr_assert_eq(unwind_way_now(), UNWIND_TABLES);
  nest(0);
  nest(50);
  hold_registers(1, 2, 3, 4, 5, 6, 7, 8);
}

Test(unwind, goes_by_frame_pointers_where_no_table_says, .init = prepare) {
  enum { WORDS = 6 };
  struct unwind_frame frame = unwind_from(__builtin_frame_address(0));
  uintptr_t memory[WORDS] = {0, 0, (uintptr_t)&memory[4], 0x1234, 0, 0};
  frame = (struct unwind_frame){.pc = (uintptr_t)memory,
                                .sp = (uintptr_t)memory,
                                .fp = (uintptr_t)&memory[2],
                                .top = (uintptr_t)&memory[WORDS]};
  cr_assert_eq(step_or_learn(&frame), 0, "code that was made at run time is in no module");
  cr_assert_eq(frame.pc, 0x1234);
  cr_assert_eq(frame.fp, (uintptr_t)&memory[4]);
  cr_assert_eq(frame.sp, (uintptr_t)&memory[4]);
  cr_assert_eq(step_or_learn(&frame), -ENOENT, "no return address");
}

Test(unwind, stays_where_it_is_when_it_is_off) {
  cr_assert_eq(unwind_prepare(UNWIND_OFF), 0);
  struct unwind_frame frame = unwind_from(__builtin_frame_address(0)), before = frame;
  cr_assert_eq(unwind_step(&frame), -ENOTSUP);
  cr_assert_eq(memcmp(&frame, &before, sizeof frame), 0);
  cr_assert_eq(unwind_learn(frame.pc), -ENOTSUP);
}

/* ---- what is no frame ---- */

static uintptr_t random_address(struct random *random, const struct unwind_frame *real) {
  uintptr_t room = real->top - real->sp;
  switch (random_below(random, 5)) {
  case 0:
    return random_next(random);
  case 1:
    return random_next(random) & ~(uintptr_t)7;
  case 2:
    return (uintptr_t)abort + random_below(random, 200000); /* somewhere in libc */
  case 3:
    return real->sp + random_below(random, room);
  default:
    return real->sp + (random_below(random, room) & ~(uintptr_t)7);
  }
}

/* No word is read but of the stack: else one of these would fault. */
static void step_from_garbage(void) {
  struct unwind_frame real = unwind_from(__builtin_frame_address(0));
  struct random random = {.seed = 6};
  unsigned ends = 0, steps = 0;
  for (int i = 0; i < 100000; i++) {
    struct unwind_frame frame = {.pc = random_address(&random, &real),
                                 .sp = real.sp + random_below(&random, real.top - real.sp),
                                 .fp = random_address(&random, &real),
                                 .top = real.top};
    uintptr_t sp = frame.sp;
    for (int j = 0; j < 10 && step_or_learn(&frame) == 0; j++, steps++) {
      cr_assert_gt(frame.sp, sp, "upward");
      cr_assert_leq(frame.sp, real.top);
      sp = frame.sp;
    }
    ends++;
  }
  cr_assert_eq(ends, 100000);
  cr_assert_gt(steps, 0, "some of it looks like a frame");
}

Test(unwind, survives_garbage, .init = prepare) {
  step_from_garbage();
}

Test(unwind, survives_garbage_by_frame_pointers) {
  cr_assert_eq(unwind_prepare(UNWIND_FP), 0);
  step_from_garbage();
}

Test(unwind, a_rule_leads_out_of_no_stack, .init = prepare) {
  struct unwind_frame frame = unwind_from(__builtin_frame_address(0)), next = frame;
  cr_assert_eq(step_or_learn(&next), 0);
  struct unwind_frame cut = frame;
  cut.top = next.sp - 1;
  cr_assert_eq(unwind_step(&cut), -EFAULT);
  cut.top = next.sp;
  cr_assert_eq(unwind_step(&cut), 0);
}
