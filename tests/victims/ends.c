/*
 * Ways to end that run no destructor. What was counted must not wait for one: expected is a segment that
 * stays and holds the last block, 12345 bytes in `last`, whichever way is named by the argument; after
 * `return` none stays unless it is to be kept.
 */
#include "victim.h"

static void *end_in_thread(void *unused) {
  exit(3);
  return unused;
}

static void stop_by(int signal_number) {
  raise(signal_number);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  puts("about to end");
  fflush(stdout);
  enter("last");
  void *block = malloc(12345);
  leave();
  if (!block) return 2;
  check_books("last", 1, 0);
  if (!strcmp(argv[1], "_exit")) _exit(3);
  if (!strcmp(argv[1], "quick_exit")) quick_exit(3);
  if (!strcmp(argv[1], "abort")) abort();
  if (!strcmp(argv[1], "SIGKILL")) stop_by(SIGKILL);
  if (!strcmp(argv[1], "SIGSEGV")) stop_by(SIGSEGV);
  if (!strcmp(argv[1], "thread")) {
    pthread_t thread = start_thread(end_in_thread, NULL);
    join_thread(thread);
  }
  return 3;
}
