/*
 * handover: `handover COUNT GROUPS`: one thread allocates, another frees: every free is of another thread's
 * block. Blocks are handed over 1,000 at a time, by semaphores, so that the handing over costs little beside
 * them. With 1 group the two take turns; with more they run at once, and meet in the allocator's locks.
 * Prints ns of time elapsed a block.
 */
#include "bench.h"
#include <pthread.h>
#include <semaphore.h>

#define GROUP       1000
#define GROUPS_MOST 64

static uint32_t sizes[BENCH_SIZES];
static void *groups[GROUPS_MOST][GROUP];
static uint64_t group_count;
static sem_t full, empty; /* groups that hold blocks, and groups that hold none */

static void *consume(void *ptr_count) {
  uint64_t count = *(const uint64_t *)ptr_count;
  for (uint64_t done = 0; done < count; done += GROUP) {
    void **group = groups[done / GROUP % group_count];
    sem_wait(&full);
    for (int i = 0; i < GROUP; i++) free(group[i]);
    sem_post(&empty);
  }
  return NULL;
}

static void produce(uint64_t count) {
  for (uint64_t done = 0; done < count; done += GROUP) {
    void **group = groups[done / GROUP % group_count];
    sem_wait(&empty);
    for (int i = 0; i < GROUP; i++) group[i] = malloc(sizes[(done + (uint64_t)i) & (BENCH_SIZES - 1)]);
    sem_post(&full);
  }
}

int main(int argc, char **argv) {
  uint64_t count = (bench_count(argc, argv, 1) + GROUP - 1) / GROUP * GROUP;
  pthread_t consumer;
  group_count = bench_count(argc, argv, 2);
  if (group_count > GROUPS_MOST) bench_fail("too many groups");
  bench_sizes(sizes, 16, 128);
  sem_init(&full, 0, 0);
  sem_init(&empty, 0, (unsigned)group_count);

  double begun = bench_wall_ns();
  if (pthread_create(&consumer, NULL, consume, &count)) bench_fail("no thread");
  produce(count);
  pthread_join(consumer, NULL);
  bench_print((bench_wall_ns() - begun) / (double)count);
  return 0;
}
