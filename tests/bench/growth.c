/*
 * growth: `growth COUNT BYTES`: eight blocks grow in turn, by realloc and a quarter each time, from 16 bytes up to BYTES,
 * as vectors and strings do; what came is written to. COUNT is of reallocs. Prints ns of CPU time a realloc.
 */
#include <string.h>

#include "bench.h"

#define BLOCKS 8

static char *blocks[BLOCKS];
static size_t sizes[BLOCKS];

static void grow(int which, size_t most) {
  size_t size = sizes[which] ? sizes[which] + sizes[which] / 4 + 8 : 16;
  if (size > most) {
    free(blocks[which]);
    blocks[which] = NULL;
    sizes[which] = 0;
    return;
  }
  char *grown = realloc(blocks[which], size);
  if (!grown) bench_fail("out of memory");
  memset(grown + sizes[which], 1, size - sizes[which]);
  blocks[which] = grown;
  sizes[which] = size;
}

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1), most = bench_count(argc, argv, 2);
  double begun = bench_cpu_ns();
  for (uint64_t i = 0; i < count; i++) grow((int)(i % BLOCKS), most);
  bench_print((bench_cpu_ns() - begun) / (double)count);
  return 0;
}
