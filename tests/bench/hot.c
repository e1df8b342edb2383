/*
 * hot: malloc and free in pairs, small sizes, one thread: what the shim adds to each, with all in cache. Some
 * blocks of each size stay live, as in any program: for some allocators a page that falls empty at each free
 * is a slow case of its own. Prints ns a pair.
 */
#include "bench.h"

static uint32_t sizes[BENCH_SIZES];
static void *kept[BENCH_SIZES];

static void pairs(uint64_t count) {
  for (uint64_t i = 0; i < count; i++) free(malloc(sizes[i & (BENCH_SIZES - 1)]));
}

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  bench_sizes(sizes, 16, 128);
  for (int i = 0; i < BENCH_SIZES; i++) kept[i] = malloc(sizes[i]);
  pairs(BENCH_SIZES);

  double begun = bench_cpu_ns();
  pairs(count);
  bench_print((bench_cpu_ns() - begun) / (double)count);
  return 0;
}
