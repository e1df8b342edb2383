/*
 * stack_memo.c: tests of src/track/stack_memo.c: what it says of a stack, whichever way it came by it, is what a walk of
 * the whole stack finds.
 */
#include "track/stack_memo.h"

#include <string.h>

#include "base/random.h"
#include "os/walk.h"
#include "track/tracked.h"

#define KINDS 4
#define MOST  9 /* calls below a test */

static struct stack_room room, whole; /* the second one remembers nothing */
static struct random random_of = {.seed = 1};
static unsigned stood, glanced, walked;

static int is_way_in(uintptr_t pc) {
  (void)pc;
  return 0;
}

static void expect(const char *how, uint64_t hash, uint32_t count) {
  cr_assert_eq(count, whole.count, "%s: %u frames, not %u", how, count, whole.count);
  cr_assert_eq(hash, whole.kept[whole.count - 1].hash, "%s: another hash", how);
}

static NOINLINE void look(void) {
  const void *start = __builtin_frame_address(0);
  struct stack_glance seen;
  whole.count = 0;
  whole.result = 0;
  stack_memo_walk(&whole, start, 1, is_way_in);
  cr_assert_eq(whole.result, -ENOENT);
  if (stack_memo_stands(&room, start, 1)) {
    stood++;
  } else if (stack_memo_glance(&room, start, 1, is_way_in, &seen)) {
    glanced++;
    expect("at a glance", seen.hash, seen.count);
    return;
  } else {
    walked++;
    stack_memo_walk(&room, start, 1, is_way_in);
  }
  expect("as kept", room.kept[room.count - 1].hash, room.count);
}

typedef void way(int depth);
static way small, middle, large, by_pointer;
static way *const ways[KINDS] = {small, middle, large, by_pointer};

/* Looks, or goes on, now and then several times, so that one stack follows another in all kinds of ways. */
static inline void go_on(int depth) {
  for (uint64_t turns = 1 + random_below(&random_of, 3); turns > 0; turns--) {
    if (depth == 0 || random_below(&random_of, 4) == 0)
      look();
    else
      ways[random_below(&random_of, KINDS)](depth - 1);
  }
}

static NOINLINE void small(int depth) {
  go_on(depth);
  KEEP_FRAME();
}

static NOINLINE void middle(int depth) {
  volatile char memory[200];
  memory[depth] = 1;
  go_on(depth);
  memory[depth + 1] = memory[depth];
}

static NOINLINE void large(int depth) {
  volatile char memory[3000];
  memory[depth] = 1;
  go_on(depth);
  go_on(depth);
  memory[depth + 1] = memory[depth];
}

/* A frame of a size that is not known before: those further in and out are found by its frame pointer. */
static NOINLINE void by_pointer(int depth) {
  volatile char *memory = __builtin_alloca(16 + random_below(&random_of, 500));
  memory[0] = 1;
  go_on(depth);
  memory[1] = 2;
}

static NOINLINE void descend(int depth, int below) {
  if (below > 0)
    descend(depth, below - 1);
  else
    go_on(depth);
  KEEP_FRAME();
}

static void start(void) {
  tracked_start();
  prepare();
  compare("a test, so that walks may be compared with");
}

Test(stack_memo, says_what_a_walk_finds, .init = start) {
  for (int round = 0; round < 3000; round++) descend(MOST, (int)random_below(&random_of, 3) * 10);
  cr_expect_gt(stood, 1000);
  cr_expect_gt(glanced, 1000);
  cr_expect_gt(walked, 1000);
}

/* Where one stack comes again and again it is kept, so that it stands from then on. */
Test(stack_memo, a_stack_that_stays_is_kept, .init = start) {
  random_of.seed = 2;
  descend(3, 20);
  for (volatile int i = 0; i < 10; i++) look(); /* volatile: or it would be called from ten places */
  cr_expect_geq(stood, 8);
}

static NOINLINE void look_far_below(int depth) {
  if (depth > 0)
    look_far_below(depth - 1);
  else
    look();
  KEEP_FRAME();
}

Test(stack_memo, many_new_frames_are_no_glance, .init = start) {
  look();
  look_far_below(GLANCE_FRAMES);
  cr_expect_eq(glanced, 0);
  look_far_below(2);
  look_far_below(GLANCE_FRAMES - 2);
  cr_expect_eq(glanced, 2);
}

Test(stack_memo, what_was_walked_in_another_generation_is_no_help, .init = start) {
  struct stack_glance seen;
  look();
  look_far_below(2);
  cr_assert_eq(glanced, 1);
  const void *here = __builtin_frame_address(0);
  cr_expect_eq(stack_memo_stands(&room, here, 2), 0);
  cr_expect_eq(stack_memo_glance(&room, here, 2, is_way_in, &seen), 0);
}
