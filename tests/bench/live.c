/*
 * live: 100,000 blocks live; one after the other, chosen at random, is freed and replaced: cache misses on
 * blocks and tags. Prints ns a replacement.
 */
#include "bench.h"

#define LIVE 100000

static uint32_t sizes[BENCH_SIZES];
static char *blocks[LIVE];

static void replace(uint64_t count, uint64_t *random) {
  for (uint64_t i = 0; i < count; i++) {
    uint64_t place = (bench_random(random) >> 16) % LIVE;
    free(blocks[place]);
    blocks[place] = malloc(sizes[i & (BENCH_SIZES - 1)]);
    blocks[place][0] = 1;
  }
}

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  uint64_t random = 1;
  bench_sizes(sizes, 16, 128);
  for (int i = 0; i < LIVE; i++) blocks[i] = malloc(sizes[i & (BENCH_SIZES - 1)]);
  replace(LIVE, &random);

  double begun = bench_cpu_ns();
  replace(count, &random);
  bench_print((bench_cpu_ns() - begun) / (double)count);
  return 0;
}
