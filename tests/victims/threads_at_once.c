/*
 * More threads than a fixed table of threads has room for: trackers write past its end, hang, or stop
 * counting. Expected: 2000 threads (or so many as the argument says) alive at once, more than there are slabs; the
 * books are exact when they have gone, and blocks that the main thread frees later are their category's.
 */
#include "victim.h"

#define MOST   32000
#define BLOCKS 20

static pthread_barrier_t all_are_there;
static void *left[MOST];

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

int main(int argc, char **argv) {
  static pthread_t threads[MOST];
  int count = argc > 1 ? atoi(argv[1]) : 2000;
  CHECK(count > 0 && count <= MOST);
  CHECK_EQUAL(pthread_barrier_init(&all_are_there, NULL, (unsigned)count), 0);
  for (int i = 0; i < count; i++) threads[i] = start_thread(run, &left[i]);
  for (int i = 0; i < count; i++) join_thread(threads[i]);
  uint64_t allocations = (uint64_t)count * BLOCKS;
  check_books("threads", allocations, allocations - (uint64_t)count);
  for (int i = 0; i < count; i++) free(left[i]);
  check_books("threads", allocations, allocations);
  puts("done");
  return 0;
}
