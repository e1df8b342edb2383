/*
 * cache: `cache COUNT THREADS scratch|thrash`: do blocks of several threads share cache lines? After Berger et al.,
 * "Hoard: a scalable memory allocator for multithreaded applications" (ASPLOS 2000). scratch: each thread frees a small
 * block that the first thread has allocated, and goes on with one of its own; thrash: with its own from the start. Each
 * block is written 200 times while it lives. Prints ns of time elapsed a block, over all threads.
 */
#include <pthread.h>
#include <string.h>

#include "bench.h"

#define BYTES        8
#define WRITES       200
#define THREADS_MOST 64

struct worker {
  pthread_t thread;
  uint64_t count;
  char *passed; /* by the first thread; NULL: none */
};

static pthread_barrier_t start;

static void *work(void *ptr_worker) {
  struct worker *worker = ptr_worker;
  free(worker->passed);
  pthread_barrier_wait(&start);
  for (uint64_t i = 0; i < worker->count; i++) {
    volatile char *block = malloc(BYTES);
    if (!block) bench_fail("out of memory");
    for (int write = 0; write < WRITES; write++) block[write % BYTES]++;
    free((void *)(uintptr_t)block);
  }
  return NULL;
}

int main(int argc, char **argv) {
  static struct worker workers[THREADS_MOST];
  uint64_t count = bench_count(argc, argv, 1), threads = bench_count(argc, argv, 2);
  if (threads > THREADS_MOST) bench_fail("too many threads");
  int is_scratch = argc > 3 && strcmp(argv[3], "scratch") == 0;
  pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
  for (uint64_t i = 0; i < threads; i++) {
    workers[i].count = count / threads;
    workers[i].passed = is_scratch ? malloc(BYTES) : NULL;
  }
  for (uint64_t i = 0; i < threads; i++)
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) bench_fail("no thread");
  pthread_barrier_wait(&start);
  double begun = bench_wall_ns();
  for (uint64_t i = 0; i < threads; i++) pthread_join(workers[i].thread, NULL);
  bench_print((bench_wall_ns() - begun) / (double)(count / threads * threads));
  return 0;
}
