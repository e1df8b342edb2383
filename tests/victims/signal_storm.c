/*
 * Signals arrive in the middle of malloc, thousands of times; the handler does not allocate. Locks that it
 * could meet, system calls that it interrupts, and state that it sees half changed show themselves here.
 * Expected: exact books, errno as it was.
 */
#include <sys/time.h>

#include "victim.h"

#define ROUNDS 300000

static volatile int ticks;

static void tick(int signal_number) {
  int kept_errno = errno;
  (void)signal_number;
  ticks++;
  errno = kept_errno;
}

int main(void) {
  struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
  struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
  void *blocks[100] = {NULL};
  CHECK_EQUAL(sigaction(SIGALRM, &action, NULL), 0);
  CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
  enter("storm");
  for (unsigned i = 0; i < ROUNDS || ticks < 100; i++) {
    size_t size = i * 7919 % 5000;
    void **block = &blocks[i % 100];
    if (i % 3) {
      errno = 77;
      free(*block);
      *block = malloc(size);
      CHECK_EQUAL(errno, 77);
    } else {
      *block = realloc(*block, size + 1);
    }
  }
  for (int i = 0; i < 100; i++) free(blocks[i]);
  leave();
  setitimer(ITIMER_REAL, &never, NULL);
  if (is_tracked()) {
    struct ration_figures books = books_of("storm");
    CHECK_EQUAL(books.live_blocks, 0);
    CHECK_EQUAL(books.live_bytes, 0);
  }
  puts("done");
  return 0;
}
