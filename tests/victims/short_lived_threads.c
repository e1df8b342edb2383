/*
 * Many threads one after another: state that is not handed back at the end of a thread adds up until there is
 * none. Expected: 20000 threads (or so many as the argument says), twenty at a time, leave exact books, and the
 * segment has seen no more than a few slabs.
 */
#include "victim.h"

#define AT_ONCE  20
#define PER_LIFE 3

static void *run(void *unused) {
  enter("threads");
  for (int i = 0; i < PER_LIFE; i++) free(malloc(100));
  leave();
  return unused;
}

int main(int argc, char **argv) {
  pthread_t threads[AT_ONCE];
  int rounds = (argc > 1 ? atoi(argv[1]) : 20000) / AT_ONCE;
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < AT_ONCE; i++) threads[i] = start_thread(run, NULL);
    for (int i = 0; i < AT_ONCE; i++) join_thread(threads[i]);
  }
  uint64_t allocations = (uint64_t)rounds * AT_ONCE * PER_LIFE;
  check_books("threads", allocations, allocations);
  puts("done");
  return 0;
}
