/*
 * A signal handler leaves by siglongjmp, wherever it comes, but never the allocator itself, which could not bear it:
 * so it jumps where it has interrupted the shim. Expected: what comes after is sampled as before.
 */
#include <setjmp.h>
#include <sys/time.h>

#include "interrupted.h"

#define JUMPS 300

static volatile int jumps, may_jump;
static sigjmp_buf back;

static void jump(int signal_number, siginfo_t *info, void *context) {
  (void)signal_number, (void)info;
  if (!may_jump || !has_interrupted_shim(context)) return;
  jumps++;
  siglongjmp(back, 1);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = jump, .sa_flags = SA_RESTART | SA_SIGINFO};
  struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
  find_shim();
  free(malloc(10));
  CHECK_EQUAL(sigaction(SIGALRM, &action, NULL), 0);
  CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
  volatile unsigned rounds = 0;
  sigsetjmp(back, 1);
  may_jump = 1;
  while ((shim_text && jumps < JUMPS && rounds < 300000000) || rounds < 100000) {
    rounds++;
    void *block = malloc(100);
    may_jump = 0; /* of a free, the shim may have to do the rest */
    free(block);
    may_jump = 1;
  }
  may_jump = 0;
  setitimer(ITIMER_REAL, &never, NULL);
  enter("after");
  for (int i = 0; i < 1000; i++) CHECK(malloc(100) != NULL);
  leave();
  puts("done");
  return 0;
}
