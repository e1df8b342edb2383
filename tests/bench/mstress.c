/*
 * mstress: `mstress COUNT THREADS`: threads that allocate, keep some of their blocks, free others, and exchange some with
 * whoever comes by a common table, after Daan Leijen's stress test of mimalloc. Prints ns of time elapsed a block, over all
 * threads.
 */
#include "bench.h"
#include <pthread.h>

#define TABLE        1000
#define KEPT         2000
#define THREADS_MOST 64

static void *table[TABLE];

struct worker {
  pthread_t thread;
  uint64_t count, random;
  void *kept[KEPT];
};

/* Most are small, one in 100 is up to 16 KiB, one in 1,000 up to 256 KiB. */
static size_t size_of(uint64_t random) {
  uint64_t kind = random % 1000;
  return 8 + (random >> 20) % (kind == 0 ? 256 << 10 : kind < 11 ? 16 << 10 : 512);
}

static void *make(uint64_t random) {
  char *block = malloc(size_of(random));
  if (!block) bench_fail("out of memory");
  block[0] = 1;
  return block;
}

static void *work(void *ptr_worker) {
  struct worker *worker = ptr_worker;
  for (uint64_t i = 0; i < worker->count; i++) {
    uint64_t random = bench_random(&worker->random);
    void *block = make(random), **place = &worker->kept[(random >> 44) % KEPT];
    if ((random >> 16) % 4 == 0)
      block = __atomic_exchange_n(&table[(random >> 32) % TABLE], block, __ATOMIC_ACQ_REL);
    free(*place);
    *place = block;
  }
  for (int i = 0; i < KEPT; i++) free(worker->kept[i]);
  return NULL;
}

int main(int argc, char **argv) {
  static struct worker workers[THREADS_MOST];
  uint64_t count = bench_count(argc, argv, 1), threads = bench_count(argc, argv, 2);
  if (threads > THREADS_MOST) bench_fail("too many threads");
  double begun = bench_wall_ns();
  for (uint64_t i = 0; i < threads; i++) {
    workers[i].count = count / threads;
    workers[i].random = 0x9e3779b97f4a7c15u * (i + 1);
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) bench_fail("no thread");
  }
  for (uint64_t i = 0; i < threads; i++) pthread_join(workers[i].thread, NULL);
  bench_print((bench_wall_ns() - begun) / (double)(count / threads * threads));
  return 0;
}
