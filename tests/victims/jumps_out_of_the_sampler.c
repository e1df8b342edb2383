/*
 * A signal handler leaves by siglongjmp, wherever it comes, but never the allocator itself, which could not bear it:
 * so it jumps where it has interrupted the shim. Expected: what comes after is sampled as before.
 */
#include <link.h>
#include <setjmp.h>
#include <sys/time.h>
#include <ucontext.h>

#include "victim.h"

#define JUMPS 300

static uintptr_t text, text_end;
static volatile int jumps, may_jump;
static sigjmp_buf back;

static int find_shim(struct dl_phdr_info *info, size_t size, void *nothing) {
  (void)size, (void)nothing;
  for (int i = 0; strstr(info->dlpi_name, "libration.so") && i < info->dlpi_phnum; i++) {
    if (!(info->dlpi_phdr[i].p_flags & PF_X) || info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    text = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    text_end = text + info->dlpi_phdr[i].p_memsz;
  }
  return 0;
}

static void jump(int signal_number, siginfo_t *info, void *context) {
  uintptr_t pc = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  (void)signal_number, (void)info;
  if (!may_jump || pc < text || pc >= text_end) return;
  jumps++;
  siglongjmp(back, 1);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = jump, .sa_flags = SA_RESTART | SA_SIGINFO};
  struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
  dl_iterate_phdr(find_shim, NULL);
  free(malloc(10));
  CHECK_EQUAL(sigaction(SIGALRM, &action, NULL), 0);
  CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
  volatile unsigned rounds = 0;
  sigsetjmp(back, 1);
  may_jump = 1;
  while ((text && jumps < JUMPS && rounds < 300000000) || rounds < 100000) {
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
