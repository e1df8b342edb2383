/*
 * Coroutines run on stacks that the loader and the C library know nothing of, and switch in the middle of scopes.
 * Expected: they allocate and fork there; scopes belong to the thread, so they stay even where each coroutine closes
 * what it has opened before it yields.
 */
#include <ucontext.h>

#include "victim.h"

#define COROUTINES 50
#define STEPS      200

static ucontext_t scheduler, contexts[COROUTINES];
static int steps_run;

static void run(int which) {
  char name[32];
  void *blocks[STEPS];
  snprintf(name, sizeof name, "coroutine/%d", which);
  for (int i = 0; i < STEPS; i++) {
    enter(name);
    blocks[i] = malloc(10 + (size_t)i);
    leave();
    if (is_tracked()) CHECK_EQUAL(strcmp(category_of(blocks[i]), name), 0);
    if (i % 7 == 0) free(realloc(malloc(10), 1000));
    steps_run++;
    swapcontext(&contexts[which], &scheduler);
  }
  for (int i = 0; i < STEPS; i++) free(blocks[i]);
  check_books(name, STEPS, STEPS);
  if (which == 0) {
    pid_t pid = fork();
    if (pid == 0) {
      free(malloc(100));
      _exit(3);
    }
    CHECK_EQUAL(status_of(pid), 3);
  }
}

int main(void) {
  for (volatile int i = 0; i < COROUTINES; i++) {
    CHECK_EQUAL(getcontext(&contexts[i]), 0);
    contexts[i].uc_stack.ss_size = 32 * 1024;
    contexts[i].uc_stack.ss_sp = malloc(contexts[i].uc_stack.ss_size);
    contexts[i].uc_link = &scheduler;
    makecontext(&contexts[i], (void (*)(void))(void *)run, 1, i);
  }
  for (int step = 0; step <= STEPS; step++)
    for (int i = 0; i < COROUTINES; i++) CHECK_EQUAL(swapcontext(&scheduler, &contexts[i]), 0);
  CHECK_EQUAL(steps_run, COROUTINES * STEPS);
  puts("done");
  return 0;
}
