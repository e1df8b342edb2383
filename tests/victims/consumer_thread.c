/*
 * Threads that never allocate and only free what others made: a tracker that makes thread state on free makes
 * it for threads that are already ending, and charges the wrong thread. Expected: exact books, whoever frees.
 */
#include "victim.h"

#define THREADS 200
#define BLOCKS  100

static void *blocks[THREADS][BLOCKS];

/* The first ones free only a few, fewer than it takes to be known as a consumer. */
static void *consume(void *row) {
  void **mine = row;
  int count = row < (void *)blocks[THREADS / 2] ? 3 : BLOCKS;
  for (int i = 0; i < count; i++) {
    free(mine[i]);
    mine[i] = NULL;
  }
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  enter("handed/over");
  for (int i = 0; i < THREADS * BLOCKS; i++) blocks[i / BLOCKS][i % BLOCKS] = malloc(10 + (size_t)i % 500);
  leave();
  for (int i = 0; i < THREADS; i++) threads[i] = start_thread(consume, blocks[i]);
  for (int i = 0; i < THREADS; i++) join_thread(threads[i]);
  check_books("handed/over", THREADS * BLOCKS, THREADS / 2 * (3 + BLOCKS));
  for (int i = 0; i < THREADS * BLOCKS; i++) free(blocks[i / BLOCKS][i % BLOCKS]);
  check_books("handed/over", THREADS * BLOCKS, THREADS * BLOCKS);
  puts("done");
  return 0;
}
