/*
 * stack.c: tests of src/os/stack.c.
 */
#include "os/stack.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/mman.h>

#include "base/atomics.h"
#include "os/coroutine.h"
#include "os/memory.h"

#define KIB         ((size_t)1024)
#define STACK_BYTES (2048 * KIB) /* of threads: sanitizers want much */

/* Of locals a sanitizer may keep copies elsewhere. */
static __attribute__((noinline)) char *here(void) {
  return __builtin_frame_address(0);
}

Test(stack, of_the_main_thread_is_known) {
  stack_prepare();
  char *frame = __builtin_frame_address(0);
  cr_assert(stack_has(frame, 64));
  cr_assert_not(stack_has(frame - 256 * KIB, 8), "below the stack pointer");
  cr_assert_not(stack_has(frame, 128 * KIB * KIB), "longer than the stack");
  cr_assert_not(stack_has(frame, SIZE_MAX));
  static int elsewhere;
  cr_assert_not(stack_has(&elsewhere, sizeof elsewhere));
  cr_assert_not(stack_has(NULL, 8));
  cr_assert_eq(stack.other.top, 0, "the kernel was not asked");
}

/* ---- a thread ---- */

static const char *wrong;

#define EXPECT(condition)                                                                                    \
  do {                                                                                                       \
    if (!(condition)) store_relaxed(&wrong, #condition);                                                     \
  } while (0)

static void *look_at_noted_stack(void *top) {
  EXPECT(stack_top((uintptr_t)here()) != (uintptr_t)top);
  char *frame = __builtin_frame_address(0);
  stack_note((char *)top, STACK_BYTES);
  EXPECT(stack_top((uintptr_t)frame) == (uintptr_t)top);
  EXPECT(stack_has(frame, (size_t)((char *)top - frame)));
  EXPECT(!stack_has(frame, (size_t)((char *)top - frame) + 1));
  stack_note(top, 0);
  EXPECT(stack_top((uintptr_t)frame) != (uintptr_t)top);
  return NULL;
}

Test(stack, of_a_thread_is_what_is_noted) {
  stack_prepare();
  char *memory = memory_map(STACK_BYTES);
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  cr_assert_eq(pthread_attr_setstack(&attributes, memory, STACK_BYTES), 0);
  cr_assert_eq(pthread_create(&thread, &attributes, look_at_noted_stack, memory + STACK_BYTES), 0);
  pthread_join(thread, NULL);
  cr_assert_null(wrong, "%s", wrong);
}

/* ---- a stack that nobody has noted: a coroutine's, PAGES long, between two pages that cannot be read ---- */

#define PAGES 24

static uintptr_t end; /* of its last page */

static void look_at_unknown_stack(void) {
  uintptr_t page = memory_page_bytes(), sp = (uintptr_t)__builtin_frame_address(0), top = stack_top(sp);
  EXPECT(top == (sp & -page) + page);
  EXPECT(stack_top(sp) == top);
  EXPECT(stack_has((void *)sp, 8));
  EXPECT(stack_extend(top - 1, top) == 0); /* not the top that was given out */
  EXPECT(stack_extend(top, top) == (top < end ? top + page : 0));
}

static void look_up_to_the_end(void) {
  uintptr_t page = memory_page_bytes(), sp = (uintptr_t)__builtin_frame_address(0), top = stack_top(sp);
  while (top < end) {
    uintptr_t next = stack_extend(top, top);
    EXPECT(next == top + page);
    if (next != top + page) return;
    top = next;
  }
  EXPECT(stack_extend(top, top) == 0);     /* the page that cannot be read */
  EXPECT(stack_has((void *)sp, end - sp)); /* is remembered */
  EXPECT(stack_top(sp) == end);
}

static __attribute__((noinline)) void look_from_deep_down(void) {
  volatile char memory[80 * 1024];
  memory[0] = 0;
  uintptr_t sp = (uintptr_t)__builtin_frame_address(0) - sizeof memory, top = stack_top(sp);
  EXPECT(stack_extend(top, sp + 72 * KIB) == 0); /* further than what is looked for */
  EXPECT(stack_extend(top, sp + 32 * KIB) > sp + 32 * KIB);
  EXPECT(memory[0] == 0);
}

static void run_beside(void (*function)(void)) {
  struct coroutine coroutine;
  stack_prepare();
  coroutine_run(&coroutine, PAGES, function, &end);
  cr_assert_null(wrong, "%s", wrong);
  cr_assert_eq(stack_top((uintptr_t)here()), stack.own.top, "back on the thread's own");
}

Test(stack, of_a_coroutine_is_asked_for_a_page_at_a_time) {
  run_beside(look_at_unknown_stack);
}

Test(stack, of_a_coroutine_ends_at_a_page_that_cannot_be_read) {
  run_beside(look_up_to_the_end);
}

Test(stack, of_a_coroutine_is_not_looked_for_without_end) {
  run_beside(look_from_deep_down);
}
