/*
 * A signal handler forks on an alternate stack of 8 KiB, or what else SIGSTKSZ was, which the signal's own frame shares;
 * the child's first allocation sets up a segment there. Expected: it does not reach the guard page below.
 */
#include <sys/mman.h>

#include "victim.h"

#if defined(__aarch64__) /* whose frame alone has more than half of 8 KiB */
#define STACK 16384
#else
#define STACK 8192
#endif

static volatile int status = -1;

static void handle(int number) {
  (void)number;
  pid_t pid = fork();
  if (pid == 0) {
    free(malloc(100));
    _exit(5);
  }
  status = status_of(pid);
}

int main(void) {
  char *pages = mmap(NULL, 3 * STACK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(pages != MAP_FAILED);
  CHECK_EQUAL(mprotect(pages + STACK, STACK, PROT_READ | PROT_WRITE), 0);
  stack_t stack = {.ss_sp = pages + STACK, .ss_size = STACK};
  CHECK_EQUAL(sigaltstack(&stack, NULL), 0);
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
  CHECK_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
  free(malloc(100));
  raise(SIGUSR1);
  CHECK_EQUAL(status, 5);
  puts("done");
  return 0;
}
