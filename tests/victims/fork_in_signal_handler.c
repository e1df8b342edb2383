/*
 * fork may be called in a signal handler, also one that has interrupted malloc. Expected: the child goes on where its
 * parent was, and writes nothing into its parent's books.
 */
#include <sys/time.h>

#include "victim.h"

#define FORKS 150

static volatile int forks, is_child, failed;

static void fork_once(int signal_number) {
  int kept_errno = errno, status;
  (void)signal_number;
  if (is_child || forks == FORKS) return;
  forks++;
  pid_t pid = fork();
  if (pid == 0) {
    is_child = 1;
  } else if (waitpid(pid, &status, 0) != pid || status != 0) {
    failed++;
  }
  errno = kept_errno;
}

int main(void) {
  struct sigaction action = {.sa_handler = fork_once, .sa_flags = SA_RESTART};
  struct itimerval often = {{0, 3000}, {0, 3000}}, never = {{0, 0}, {0, 0}};
  void *blocks[64] = {NULL};
  unsigned rounds = 0;
  CHECK_EQUAL(sigaction(SIGALRM, &action, NULL), 0);
  enter("storm");
  CHECK_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
  while (forks < FORKS) {
    void **block = &blocks[rounds++ % 64];
    if (rounds % 3 == 0) {
      *block = realloc(*block, rounds % 700 + 1);
    } else {
      free(*block);
      *block = malloc(rounds % 700);
    }
    if (is_child) break;
  }
  if (!is_child) setitimer(ITIMER_REAL, &never, NULL);
  for (int i = 0; i < 64; i++) free(blocks[i]);
  leave();
  if (is_child) _exit(0);
  CHECK_EQUAL(failed, 0);
  if (is_tracked()) {
    struct ration_figures books = books_of("storm");
    CHECK_EQUAL(books.live_blocks, 0);
    CHECK_EQUAL(books.live_bytes, 0);
  }
  puts("done");
  return 0;
}
