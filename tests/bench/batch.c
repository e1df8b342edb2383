/*
 * batch: 1,000 blocks are allocated, then freed in the same order, over and over: more than a thread cache
 * holds. Prints ns a pair.
 */
#include "bench.h"

#define BATCH 1000

static uint32_t sizes[BENCH_SIZES];

static void batches(uint64_t count) {
  void *blocks[BATCH];
  for (uint64_t done = 0; done < count; done += BATCH) {
    for (int i = 0; i < BATCH; i++) blocks[i] = malloc(sizes[(done + (uint64_t)i) & (BENCH_SIZES - 1)]);
    for (int i = 0; i < BATCH; i++) free(blocks[i]);
  }
}

int main(int argc, char **argv) {
  uint64_t count = (bench_count(argc, argv, 1) + BATCH - 1) / BATCH * BATCH;
  bench_sizes(sizes, 16, 128);
  batches(10 * BATCH);

  double begun = bench_cpu_ns();
  batches(count);
  bench_print((bench_cpu_ns() - begun) / (double)count);
  return 0;
}
