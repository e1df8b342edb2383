/*
 * A signal handler allocates while the shim looks at code that it has not met: code that is made at run time, a new
 * place every time, below a library function that calls back. Expected: its blocks are the program's, and in the books.
 *
 * machine: x86_64
 */
#include <sys/time.h>

#include "interrupted.h"
#include "made_code.h"

#define PLACES 60000

static volatile int ticks, uncounted;
static ration_category_id (*find)(const char *);

static void tick(int signal_number, siginfo_t *info, void *context) {
  int kept_errno = errno;
  (void)signal_number, (void)info;
  if (context && !has_interrupted_shim(context)) return;
  enter("handler");
  void *block = malloc(100);
  if (find && strcmp(category_of(block), "handler") != 0) uncounted++;
  free(block);
  leave();
  ticks++;
  errno = kept_errno;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = tick, .sa_flags = SA_RESTART | SA_SIGINFO};
  struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
  const char *memory = made_code(PLACES, MADE_CODE_BYTES);
  find_shim();
  tick(0, NULL, NULL); /* what is looked up at the first time, and is no handler's to look up */
  if (is_tracked()) find = SHIM(ration_category);
  CHECK_EQUAL(sigaction(SIGALRM, &action, NULL), 0);
  CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
  for (int round = 0; round < 10 || (shim_text && ticks < 1000); round++)
    for (int i = 0; i < PLACES; i++) free(call_made(memory + i * MADE_CODE_BYTES, 100, malloc));
  setitimer(ITIMER_REAL, &never, NULL);
  CHECK_EQUAL(uncounted, 0);
  puts("done");
  return 0;
}
