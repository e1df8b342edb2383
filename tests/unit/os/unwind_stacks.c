/*
 * unwind_stacks.c: tests of src/os/unwind.c on stacks of every kind, by threads at once, round fork, and without a
 * system call.
 */
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomics.h"
#include "os/coroutine.h"
#include "os/walk.h"

#define KIB         ((size_t)1024)
#define STACK_BYTES (2048 * KIB) /* of threads: sanitizers want much */

/* ---- threads ---- */

static uint32_t failures;

/* As compare(), for other threads than the test's. */
static NOINLINE void count_if_different(void) {
  struct walk walk;
  int expected, same = walk_beside_backtrace(&walk, &expected);
  if (walk.end != -ENOENT || same != expected || walk.count != expected) add_relaxed(&failures, 1);
}

static NOINLINE void go_deeper(int depth) {
  volatile char memory[500];
  memory[0] = 0;
  if (depth > 0)
    go_deeper(depth - 1);
  else
    count_if_different();
  memory[1] = memory[0];
}

static void *walk_on_unknown_stack(void *nothing) {
  go_deeper(0);
  go_deeper(30);
  if (stack.own.top || !stack.other.top) add_relaxed(&failures, 1);
  return nothing;
}

static void *walk_on_noted_stack(void *top) {
  stack_note(top, STACK_BYTES);
  go_deeper(0);
  go_deeper(30);
  if (stack.other.top) add_relaxed(&failures, 1);
  return NULL;
}

static void run_thread(void *(*function)(void *)) {
  char *memory = memory_map(STACK_BYTES);
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  cr_assert_eq(pthread_attr_setstack(&attributes, memory, STACK_BYTES), 0);
  cr_assert_eq(pthread_create(&thread, &attributes, function, memory + STACK_BYTES), 0);
  pthread_join(thread, NULL);
  cr_assert_eq(failures, 0);
}

Test(unwind, goes_to_the_end_of_a_thread_that_is_not_known, .init = prepare) {
  run_thread(walk_on_unknown_stack);
}

Test(unwind, goes_to_the_end_of_a_thread_whose_stack_was_noted, .init = prepare) {
  run_thread(walk_on_noted_stack);
}

static void *forget_and_walk(void *nothing) {
  for (int i = 0; i < 200; i++) {
    unwind_forget();
    go_deeper(i % 5);
  }
  return nothing;
}

Test(unwind, threads_learn_at_once, .init = prepare) {
  pthread_t threads[8];
  for (int i = 0; i < 8; i++) cr_assert_eq(pthread_create(&threads[i], NULL, forget_and_walk, NULL), 0);
  for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
  cr_assert_eq(failures, 0);
}

/* ---- coroutines ---- */

static void compare_in_coroutine(void) {
  go_deeper(0);
  go_deeper(20);
}

Test(unwind, goes_to_the_end_of_a_coroutine, .init = prepare) {
  struct coroutine coroutine;
  uintptr_t end;
  coroutine_run(&coroutine, 64, compare_in_coroutine, &end);
  cr_assert_eq(failures, 0);
}

/* ---- fork ---- */

static uint32_t is_over;

static void *forget_and_learn(void *nothing) {
  while (!load_relaxed(&is_over)) {
    unwind_forget();
    unwind_learn((uintptr_t)__builtin_return_address(0));
  }
  return nothing;
}

/* Whether it could go all the way; a child that learns nothing may not, but must not wait. */
static int walk_in_child(void) {
  struct unwind_frame frame = unwind_from(__builtin_frame_address(0));
  int result;
  unwind_forget();
  alarm(20);
  do {
    result = unwind_step(&frame);
    if (result == -EAGAIN) result = unwind_learn(frame.pc);
  } while (result == 0);
  return result;
}

static int status_of_fork(void) {
  unwind_fork_prepare();
  pid_t child = fork();
  if (child == 0) {
    unwind_fork_child();
    _exit(-walk_in_child());
  }
  unwind_fork_parent();
  int status = 0;
  cr_assert_gt(child, 0);
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFEXITED(status), "%#x", (unsigned)status);
  return WEXITSTATUS(status);
}

Test(unwind, learns_in_a_forked_child, .init = prepare) {
  cr_assert_eq(status_of_fork(), ENOENT);
  compare("after the fork");
}

Test(unwind, a_child_of_many_threads_waits_for_none, .init = prepare) {
  unwind_reads_entries = 0;
  enum { FORKS = 30 };
  pthread_t threads[3];
  int complete = 0;
  for (int i = 0; i < 3; i++) cr_assert_eq(pthread_create(&threads[i], NULL, forget_and_learn, NULL), 0);
  for (int i = 0; i < FORKS; i++) {
    int status = status_of_fork();
    cr_assert(status == ENOENT || status == EBUSY, "%d", status);
    complete += status == ENOENT;
  }
  store_relaxed(&is_over, 1);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  cr_assert_gt(complete, 0);
}

static void *fork_in_other_thread(void *ret_status) {
  pid_t child = fork();
  if (child == 0) {
    unwind_fork_child();
    _exit(-walk_in_child());
  }
  waitpid(child, ret_status, 0);
  return NULL;
}

Test(unwind, a_child_of_one_who_asked_learns_nothing, .init = prepare) {
  unwind_reads_entries = 0;
  pthread_t thread;
  int status = 0;
  unwind_fork_prepare(); /* this thread holds what another one that asks would hold */
  cr_assert_eq(pthread_create(&thread, NULL, fork_in_other_thread, &status), 0);
  pthread_join(thread, NULL);
  unwind_fork_parent();
  cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == EBUSY, "%#x", (unsigned)status);
  compare("in the parent all is as before");
}

/* Who finds that another one asks, and goes on asking, waits a bounded time; the next does not wait for him again. */
Test(unwind, one_who_does_not_come_back_is_not_waited_for, .init = prepare) {
  unwind_reads_entries = 0;
  uintptr_t pc = (uintptr_t)__builtin_return_address(0);
  unwind_fork_prepare();
  cr_assert_eq(unwind_learn(pc), -EBUSY);
  for (int i = 0; i < 100000; i++) cr_assert_eq(unwind_learn(pc), -EBUSY); /* minutes, if each waited */
  unwind_fork_parent();
  cr_assert_eq(unwind_learn(pc), 0);
}

/*
 * Not under ThreadSanitizer, which delivers signals when it likes, from no signal frame, and has a thread of its own that
 * outlives SYS_exit.
 */
#ifndef __SANITIZE_THREAD__

/* ---- signal stacks ---- */

static char *signal_stack;
static struct walk of_handler;
static int same_in_handler;

static void walk_in_handler(int number) {
  (void)number;
  int expected;
  same_in_handler = walk_beside_backtrace(&of_handler, &expected);
  KEEP_FRAME();
}

Test(unwind, stops_where_a_signal_interrupted, .init = prepare) {
  const size_t page = memory_page_bytes();
  signal_stack = memory_map(65 * page);
  cr_assert_eq(mprotect(signal_stack + 64 * page, page, PROT_NONE), 0);
  stack_t stack_of_signals = {.ss_sp = signal_stack, .ss_size = 64 * page};
  struct sigaction action = {.sa_handler = walk_in_handler, .sa_flags = SA_ONSTACK};
  cr_assert_eq(sigaltstack(&stack_of_signals, NULL), 0);
  cr_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
  raise(SIGUSR1);
  cr_assert_eq(of_handler.end, -ENOTSUP, "%d", of_handler.end);
  cr_assert_geq(of_handler.count, 2, "the handler, and who called it");
  cr_assert_eq(same_in_handler, of_handler.count, "as far as it goes, it is right");
}

/* ---- no system call, once all is known ---- */

static NOINLINE int walk_many_times(void) {
  int count = 0;
  for (int i = 0; i < 1000; i++) {
    struct unwind_frame frame = unwind_from(__builtin_frame_address(0));
    int result;
    do result = step_or_learn(&frame);
    while (result == 0);
    count += result == -ENOENT;
  }
  return count;
}

/* SECCOMP_MODE_STRICT kills who calls anything but read, write, exit and sigreturn. */
static void walk_and_end(void) {
  int complete = 0;
  for (volatile int is_known = 0; is_known < 2; is_known++) { /* volatile: one call, from one place */
    if (is_known && prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0) _exit(77);
    complete += walk_many_times();
  }
  syscall(SYS_exit, complete == 2000 ? 0 : 1);
}

static void walk_in_coroutine_and_end(void) {
  walk_and_end();
}

Test(unwind, makes_no_system_call_once_all_is_known, .init = prepare) {
  for (int is_coroutine = 0; is_coroutine < 2; is_coroutine++) {
    pid_t child = fork();
    struct coroutine coroutine;
    uintptr_t end;
    if (child == 0 && !is_coroutine) walk_and_end();
    if (child == 0) coroutine_run(&coroutine, 16, walk_in_coroutine_and_end, &end);
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%d: %#x", is_coroutine, (unsigned)status);
  }
}

#endif
