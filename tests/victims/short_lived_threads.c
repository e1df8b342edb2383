/*
 * Many threads one after another: state that is not handed back at the end of a thread adds up until there is
 * none. Expected: 20000 threads, twenty at a time, leave exact books, and the segment has seen no more than a
 * few slabs.
 */
#include "victim.h"

#define ROUNDS   1000
#define AT_ONCE  20
#define PER_LIFE 3

static void *run(void *unused) {
  enter("threads");
  for (int i = 0; i < PER_LIFE; i++) free(malloc(100));
  leave();
  return unused;
}

int main(void) {
  pthread_t threads[AT_ONCE];
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < AT_ONCE; i++) threads[i] = start_thread(run, NULL);
    for (int i = 0; i < AT_ONCE; i++) join_thread(threads[i]);
  }
  check_books("threads", ROUNDS * AT_ONCE * PER_LIFE, ROUNDS * AT_ONCE * PER_LIFE);
  puts("done");
  return 0;
}
