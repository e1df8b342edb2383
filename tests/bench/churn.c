/*
 * churn: `churn COUNT`: threads that live for 1,000 blocks, half of which they free themselves; the rest is freed by who
 * started them, when they are gone. COUNT is of blocks. Prints ns of time elapsed a block.
 */
#include "bench.h"
#include <pthread.h>

#define BLOCKS 1000

static uint32_t sizes[BENCH_SIZES];

static void *live(void *ptr_blocks) {
  void **blocks = ptr_blocks;
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = malloc(sizes[i]);
    if (!blocks[i]) bench_fail("out of memory");
    *(char *)blocks[i] = 1;
  }
  for (int i = 0; i < BLOCKS; i += 2) free(blocks[i]);
  return NULL;
}

int main(int argc, char **argv) {
  uint64_t threads = bench_count(argc, argv, 1) / BLOCKS + 1;
  static void *blocks[BLOCKS];
  bench_sizes(sizes, 16, 512);
  double begun = bench_wall_ns();
  for (uint64_t i = 0; i < threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, live, blocks)) bench_fail("no thread");
    pthread_join(thread, NULL);
    for (int j = 1; j < BLOCKS; j += 2) free(blocks[j]);
  }
  bench_print((bench_wall_ns() - begun) / (double)(threads * BLOCKS));
  return 0;
}
