/*
 * A handler of a fault that is raised outside malloc may do what it likes: crash reporters allocate, on a
 * small alternate stack, and leave by siglongjmp. Expected: it works, again and again, and its blocks are in
 * the books.
 */
#include <setjmp.h>

#include "victim.h"

#define FAULTS 1000

static sigjmp_buf back;
static void *volatile made;

static void handle(int signal_number) {
  enter("handler");
  made = calloc(10, 100);
  if (signal_number == SIGSEGV) siglongjmp(back, 1); /* leaves a scope open */
  leave();
}

int main(void) {
  static char stack[8192];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
  ration_tag_is_present(); /* dlsym needs more stack than the handler has */
  CHECK_EQUAL(sigaltstack(&alternate, NULL), 0);
  CHECK_EQUAL(sigaction(SIGSEGV, &action, NULL), 0);
  CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
  for (volatile int i = 0; i < FAULTS; i++) {
    if (sigsetjmp(back, 1) == 0) {
      *(volatile int *)(uintptr_t)(i % 7) = 1;
      CHECK(!"the fault did not happen");
    }
    leave();
    free(made);
    raise(SIGUSR1);
    free(made);
  }
  check_books("handler", 2 * FAULTS, 2 * FAULTS);
  puts("done");
  return 0;
}
