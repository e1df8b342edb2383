/*
 * Scopes that longjmp jumps over, and scopes that only look so: opened and closed by helpers, beside arrays of variable
 * length, twice in one function. Expected: after a jump, once a scope was opened or closed in the function that was
 * jumped to, its blocks have the category that they had there before; a million jumps leave no scope behind.
 */
#include <setjmp.h>

#include "victim.h"

#undef RATION_SCOPE /* ration.h's, which needs the library */
#define RATION_SCOPE(path) RATION_TAG_SCOPE_AT(path, __COUNTER__)
#define NOINLINE           __attribute__((noinline))

static jmp_buf target;
static sigjmp_buf signal_target;
static const char own[] = "bin/jumped_over";

/* A scope is opened and closed here, in the caller's frame, and then a block has this category. */
#define CHECK_IN(category)                                                                                   \
  do {                                                                                                       \
    RATION_SCOPE("probe") check_is("probe", __LINE__);                                                       \
    check_is(category, __LINE__);                                                                            \
  } while (0)

static NOINLINE void check_is(const char *category, int line) {
  void *volatile block = malloc(10);
  if (is_tracked() && strcmp(category_of(block), category)) {
    dprintf(1, "line %d: a block of %s is %s\n", line, category, category_of(block));
    _exit(1);
  }
  free(block);
}

static NOINLINE void take_room(volatile char *room) {
  *room = 1;
}

/* ---- anchored scopes ----------------------------------------------------------------------------------- */

static NOINLINE int jump_from_scopes(int depth) {
  RATION_SCOPE("jumped/over") {
    check_is("jumped/over", __LINE__);
    if (depth > 0) return jump_from_scopes(depth - 1) + depth;
    longjmp(target, 1);
  }
  return 0;
}

static NOINLINE void jump_to_no_scope(void) {
  if (setjmp(target) == 0) jump_from_scopes(5);
  CHECK_IN(own);
}

static NOINLINE void jump_to_a_scope(void) {
  RATION_SCOPE("target") {
    if (setjmp(target) == 0) jump_from_scopes(5);
    CHECK_IN("target");
    RATION_SCOPE("target/inner") {
      if (setjmp(target) == 0) jump_from_scopes(0);
      CHECK_IN("target/inner");
    }
    CHECK_IN("target");
  }
  CHECK_IN(own);
}

/* The closing of the function's own scope is the first that is seen after the jump. */
static NOINLINE void jump_to_the_end_of_a_scope(void) {
  RATION_SCOPE("target") {
    if (setjmp(target) == 0) jump_from_scopes(3);
  }
  check_is(own, __LINE__);
}

static NOINLINE void jump_below_a_scope(void) {
  if (setjmp(target) == 0) jump_from_scopes(2);
  CHECK_IN("outer");
}

/* Within one function a block that was left by a jump is known to be left when it is entered anew, or in the caller. */
static NOINLINE void jump_out_of_own_scope(void) {
  for (volatile int i = 0; i < 10; i++) {
    if (setjmp(target) != 0) continue;
    RATION_SCOPE("left") {
      check_is("left", __LINE__);
      RATION_SCOPE("left/inner") jump_from_scopes(i);
    }
  }
}

static void jump_from_handler(int number) {
  (void)number;
  siglongjmp(signal_target, 1);
}

static NOINLINE void raise_in_scopes(int depth) {
  RATION_SCOPE("interrupted") {
    if (depth > 0)
      raise_in_scopes(depth - 1);
    else
      raise(SIGUSR1);
  }
}

static NOINLINE void jump_out_of_a_handler(void) {
  struct sigaction action = {.sa_handler = jump_from_handler};
  CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
  RATION_SCOPE("target") {
    for (volatile int i = 0; i < 100; i++) {
      if (sigsetjmp(signal_target, 1) == 0) raise_in_scopes(i % 7);
      CHECK_IN("target");
    }
  }
  CHECK_IN(own);
}

/* ---- plain scopes -------------------------------------------------------------------------------------- */

static NOINLINE int jump_from_plain(int depth) {
  enter("jumped/plain");
  check_is("jumped/plain", __LINE__);
  if (depth == 0) longjmp(target, 1);
  return depth > 0 ? jump_from_plain(depth - 1) + depth : 0;
}

static NOINLINE void jump_to_plain(void) {
  for (volatile int i = 0; i < 10; i++) {
    enter("target");
    if (setjmp(target) == 0) jump_from_plain(i);
    enter("target/inner"); /* what was jumped over ends here */
    check_is("target/inner", __LINE__);
    leave();
    check_is("target", __LINE__);
    if (setjmp(target) == 0) jump_from_plain(i);
    leave(); /* or here */
    check_is(own, __LINE__);
  }
}

/* Plain ones inside an anchored one go with it. */
static NOINLINE void jump_over_plain_in_scope(void) {
  RATION_SCOPE("target") {
    if (setjmp(target) == 0) RATION_SCOPE("target/inner") jump_from_plain(3);
  }
  check_is(own, __LINE__);
  if (setjmp(target) == 0) jump_from_scopes(0);
  enter("after");
  check_is("after", __LINE__);
  leave();
  check_is(own, __LINE__);
}

/* ---- no jump ------------------------------------------------------------------------------------------- */

static NOINLINE void push(const char *category) {
  enter(category);
  __asm__ volatile(""); /* no tail call */
}

static NOINLINE void pop(void) {
  leave();
  __asm__ volatile("");
}

static NOINLINE void push_deep(const char *category, int depth) {
  volatile char room[100];
  take_room(room);
  if (depth > 0)
    push_deep(category, depth - room[0]);
  else
    push(category);
  room[0] = 0;
}

static NOINLINE void pop_deep(int depth) {
  volatile char room[300];
  take_room(room);
  if (depth > 0)
    pop_deep(depth - room[0]);
  else
    pop();
  room[0] = 0;
}

/* Each function closes what it has opened, by helpers that come at other depths. */
static NOINLINE void push_and_pop(int level, const char *outer) {
  static const char *const names[] = {"helped/0", "helped/1", "helped/2", "helped/3", "helped/4"};
  if (level == 5) return;
  for (int i = 0; i < 4; i++) {
    push_deep(names[level], i);
    check_is(names[level], __LINE__);
    push_and_pop(level + 1, names[level]);
    CHECK_IN(names[level]);
    pop_deep(3 - i);
    check_is(outer, __LINE__);
  }
}

/* Closed by one further out than the one that opened, and one further in. */
static NOINLINE void hand_scopes_about(void) {
  push_deep("given/out", 8);
  check_is("given/out", __LINE__);
  leave();
  check_is(own, __LINE__);
  enter("given/in");
  pop_deep(8);
  check_is(own, __LINE__);
}

#pragma GCC diagnostic ignored "-Wvla"
static NOINLINE void beside_arrays(int length) {
  enter("arrays");
  for (int i = 1; i < length; i++) {
    volatile char array[i * 100];
    array[i] = 1;
    enter("arrays/inner");
    RATION_SCOPE("arrays/scope") {
      volatile char inner[i * 50 + array[i]];
      inner[i] = array[i];
      CHECK_EQUAL(inner[i], 1);
      check_is("arrays/scope", __LINE__);
      RATION_SCOPE("arrays/innermost") check_is("arrays/innermost", __LINE__);
      check_is("arrays/scope", __LINE__);
    }
    check_is("arrays/inner", __LINE__);
    leave();
    check_is("arrays", __LINE__);
  }
  leave();
  check_is(own, __LINE__);
}

/* ---- all of it, many times ----------------------------------------------------------------------------- */

#define LEVELS 20

static jmp_buf levels[LEVELS];
static unsigned drawn = 1;

static unsigned draw(unsigned below) {
  drawn = drawn * 1664525 + 1013904223;
  return (drawn >> 16) % below;
}

static void descend(int level, const char *category);

static NOINLINE void descend_in_a_scope(int level) {
  if (draw(2))
    RATION_SCOPE("level/0") descend(level, "level/0");
  else
    RATION_SCOPE("level/1") RATION_SCOPE("level/2") descend(level, "level/2");
}

/* Every function knows the category that is its own, wherever the jump came from that has led back to it. */
static NOINLINE void descend(int level, const char *category) {
  const char *volatile within = category;
  volatile char room[draw(3) * 64 + 1];
  take_room(room);
  if (setjmp(levels[level]) != 0) CHECK_IN(within);
  for (;;) {
    unsigned what = draw(100);
    if (what < 10) return;
    if (what < 20) longjmp(levels[draw((unsigned)level + 1)], 1);
    if (level + 1 == LEVELS) continue;
    if (what < 50)
      descend(level + 1, within);
    else
      descend_in_a_scope(level + 1);
    CHECK_IN(within);
  }
}

static NOINLINE void jump_with_room(unsigned bytes) {
  volatile char room[bytes + 1];
  take_room(room);
  RATION_SCOPE("jumped/over") longjmp(target, 1);
}

/* From frames of many sizes, and nothing is opened where the jumps lead to. */
static NOINLINE void jump_a_million_times(void) {
  for (volatile int i = 0; i < 1000000; i++)
    if (setjmp(target) == 0) jump_with_room(draw(20) * 16);
}

static void *jump(void *unused) {
  jump_to_no_scope();
  jump_to_a_scope();
  jump_to_the_end_of_a_scope();
  RATION_SCOPE("outer") jump_below_a_scope();
  jump_out_of_own_scope();
  CHECK_IN(own);
  jump_out_of_a_handler();
  jump_to_plain();
  jump_over_plain_in_scope();
  push_and_pop(0, own);
  hand_scopes_about();
  beside_arrays(20);
  for (int i = 0; i < 2000; i++) {
    descend(0, own);
    CHECK_IN(own);
  }
  return unused;
}

int main(void) {
  jump(NULL);
  for (int i = 0; i < 3; i++) join_thread(start_thread(jump, NULL));
  mapped_pages(); /* stdio has its buffers now */
  long before = mapped_pages();
  jump_a_million_times();
  if (mapped_pages() - before > 1) puts("the scopes have grown");
  CHECK_IN(own);
  puts("done");
  return 0;
}
