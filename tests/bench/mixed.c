/*
 * mixed: `mixed COUNT THREADS`: each thread keeps 1,000 blocks of its own and replaces them at random, by
 * malloc, calloc and realloc, sizes to 1 KiB and now and then to 32 KiB. Prints ns of time elapsed an
 * operation, over all threads: falls as they run in parallel.
 */
#include "bench.h"
#include <pthread.h>

#define LIVE         1000
#define THREADS_MOST 64

static uint32_t small_sizes[BENCH_SIZES];
static uint32_t large_sizes[BENCH_SIZES];
static pthread_barrier_t start;

struct worker {
  pthread_t thread;
  uint64_t count;
  uint64_t random;
};

static void operate(void **block, uint64_t random) {
  uint32_t pick = (uint32_t)(random >> 32) & (BENCH_SIZES - 1);
  uint32_t size = (random & 0xff) == 0 ? large_sizes[pick] : small_sizes[pick];
  switch ((random >> 8) & 7) {
  case 0:
    *block = realloc(*block, size);
    break;
  case 1:
    free(*block);
    *block = calloc(1, size);
    break;
  default:
    free(*block);
    *block = malloc(size);
  }
  if (!*block) bench_fail("out of memory");
  *(char *)*block = 1;
}

static void *work(void *ptr_worker) {
  struct worker *worker = ptr_worker;
  void *blocks[LIVE] = {NULL};
  pthread_barrier_wait(&start);
  for (uint64_t i = 0; i < worker->count; i++) {
    uint64_t random = bench_random(&worker->random);
    operate(&blocks[(random >> 44) % LIVE], random);
  }
  for (int i = 0; i < LIVE; i++) free(blocks[i]);
  return NULL;
}

int main(int argc, char **argv) {
  static struct worker workers[THREADS_MOST];
  uint64_t count = bench_count(argc, argv, 1);
  uint64_t threads = bench_count(argc, argv, 2);
  if (threads > THREADS_MOST) bench_fail("too many threads");
  bench_sizes(small_sizes, 16, 1024);
  bench_sizes(large_sizes, 4096, 32768);
  pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
  for (uint64_t i = 0; i < threads; i++) {
    workers[i].count = count / threads;
    workers[i].random = 0x9e3779b97f4a7c15u * (i + 1);
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) bench_fail("no thread");
  }

  pthread_barrier_wait(&start);
  double begun = bench_wall_ns();
  for (uint64_t i = 0; i < threads; i++) pthread_join(workers[i].thread, NULL);
  bench_print((bench_wall_ns() - begun) / (double)(count / threads * threads));
  return 0;
}
