/*
 * More threads than a fixed table of threads has room for: trackers write past its end, hang, or stop
 * counting. Expected: 2000 threads alive at once, more than there are slabs; the books are exact when they
 * have gone, and blocks that the main thread frees later are their category's.
 */
#include "victim.h"

#define THREADS 2000
#define BLOCKS  20

static pthread_barrier_t all_are_there;
static void *left[THREADS];

static void *run(void *place) {
  enter("threads");
  void *blocks[BLOCKS];
  for (int i = 0; i < BLOCKS; i++) blocks[i] = malloc(16 + 100 * (size_t)i);
  pthread_barrier_wait(&all_are_there);
  for (int i = 1; i < BLOCKS; i++) free(blocks[i]);
  *(void **)place = blocks[0];
  leave();
  return NULL;
}

int main(void) {
  static pthread_t threads[THREADS];
  CHECK_EQUAL(pthread_barrier_init(&all_are_there, NULL, THREADS), 0);
  for (int i = 0; i < THREADS; i++) threads[i] = start_thread(run, &left[i]);
  for (int i = 0; i < THREADS; i++) join_thread(threads[i]);
  check_books("threads", THREADS * BLOCKS, THREADS * (BLOCKS - 1));
  for (int i = 0; i < THREADS; i++) free(left[i]);
  check_books("threads", THREADS * BLOCKS, THREADS * BLOCKS);
  puts("done");
  return 0;
}
