/*
 * relay: `relay COUNT THREADS`: threads in a ring. Each takes a batch of 100 blocks from the one before, frees them,
 * allocates as many, and hands those on: what one thread allocates, another frees, in every thread. Prints ns of time
 * elapsed a block.
 */
#include "bench.h"
#include <pthread.h>
#include <semaphore.h>

#define BATCH        100
#define THREADS_MOST 64

static uint32_t sizes[BENCH_SIZES];
static uint64_t threads, rounds;

struct runner {
  pthread_t thread;
  sem_t has_batch, has_room;
  void *batch[BATCH];
  uint64_t number;
};
static struct runner runners[THREADS_MOST];

static void fill(void **batch, uint64_t from) {
  for (int i = 0; i < BATCH; i++) {
    batch[i] = malloc(sizes[(from + (uint64_t)i) & (BENCH_SIZES - 1)]);
    if (!batch[i]) bench_fail("out of memory");
    *(char *)batch[i] = 1;
  }
}

static void *run(void *ptr_runner) {
  struct runner *own = ptr_runner, *behind = &runners[(own->number + 1) % threads];
  for (uint64_t round = 0; round < rounds; round++) {
    sem_wait(&own->has_batch);
    for (int i = 0; i < BATCH; i++) free(own->batch[i]);
    sem_post(&own->has_room);
    sem_wait(&behind->has_room);
    fill(behind->batch, round * BATCH);
    sem_post(&behind->has_batch);
  }
  return NULL;
}

/* Two batches are under way, so that two threads run. */
int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  threads = bench_count(argc, argv, 2);
  if (threads < 4 || threads > THREADS_MOST) bench_fail("4 to 64 threads");
  rounds = count / BATCH / threads + 1;
  bench_sizes(sizes, 16, 512);
  for (uint64_t i = 0; i < threads; i++) {
    runners[i].number = i;
    int has_batch = i % (threads / 2) == 0;
    sem_init(&runners[i].has_batch, 0, (unsigned)has_batch);
    sem_init(&runners[i].has_room, 0, (unsigned)!has_batch);
    if (has_batch) fill(runners[i].batch, i);
  }
  double begun = bench_wall_ns();
  for (uint64_t i = 0; i < threads; i++)
    if (pthread_create(&runners[i].thread, NULL, run, &runners[i])) bench_fail("no thread");
  for (uint64_t i = 0; i < threads; i++) pthread_join(runners[i].thread, NULL);
  bench_print((bench_wall_ns() - begun) / (double)(rounds * threads * BATCH));
  return 0;
}
