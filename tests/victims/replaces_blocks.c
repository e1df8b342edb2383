/*
 * `replaces_blocks N`: keeps 1,000 blocks and replaces them at random, N times, by malloc, calloc, realloc and free, sizes
 * to 1 KiB and now and then to 32 KiB; then frees them. Expected: the time that the shim says it took is the time that
 * it took.
 */
#include "victim.h"

#define BLOCKS 1000

static uint64_t draw(void) {
  static uint64_t random = 88172645463325252u; /* xorshift (Marsaglia, 2003) */
  random ^= random << 13;
  random ^= random >> 7;
  random ^= random << 17;
  return random;
}

static void *replace(void *block, uint64_t random) {
  size_t size = (random & 0xff) == 0 ? 4096 + (random >> 32) % 28672 : 16 + (random >> 32) % 1008;
  if ((random >> 8 & 7) == 0) return realloc(block, size);
  free(block);
  return (random >> 8 & 7) == 1 ? calloc(1, size) : malloc(size);
}

int main(int argc, char **argv) {
  static void *blocks[BLOCKS];
  long count = argc > 1 ? atol(argv[1]) : 1000;
  for (long i = 0; i < count; i++) {
    uint64_t random = draw();
    void **block = &blocks[(random >> 44) % BLOCKS];
    *block = replace(*block, random);
    CHECK(*block != NULL);
    *(char *)*block = 1;
  }
  for (int i = 0; i < BLOCKS; i++) free(blocks[i]);
  return 0;
}
