/*
 * trace: `trace COUNT factoring|logic|batches`: blocks as programs of the literature ask for them, after the shapes given by
 * Grunwald, Zorn and Henderson, "Improving the cache locality of memory allocation" (PLDI 1993), and by the benchmarks of
 * Hoard and mimalloc:
 *   factoring  cfrac: tiny numbers, nearly all freed among the next few
 *   logic      espresso: sets of up to 500 bytes, some of which grow, freed in bursts; a few stay
 *   batches    sh6bench: 1,000 to 4,000 blocks of one size, freed in the order that they came in, against it, or every other
 * Prints ns of CPU time a block.
 */
#include <string.h>

#include "bench.h"

#define LIVE 4096

static char *live[LIVE];
static uint64_t state = 88172645463325252u;

static char *make(size_t bytes) {
  char *block = malloc(bytes);
  if (!block) bench_fail("out of memory");
  block[0] = 1;
  return block;
}

static void replace(uint64_t place, char *block) {
  free(live[place]);
  live[place] = block;
}

static void factoring(uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    uint64_t random = bench_random(&state);
    replace(random % 100 < 98 ? i % 16 : 16 + (random >> 32) % (LIVE - 16), make(8 + (random >> 8) % 40));
  }
}

static void logic(uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    uint64_t random = bench_random(&state), place = random % 256;
    if (random % 1000 == 0)
      for (int j = 0; j < 128; j++) replace(128 + (uint64_t)j, NULL);
    if ((random >> 10) % 8 == 0 && live[place]) {
      live[place] = realloc(live[place], 16 + (random >> 20) % 800);
      if (!live[place]) bench_fail("out of memory");
    } else {
      replace((random >> 40) % 64 == 0 ? 256 + (random >> 48) % (LIVE - 256) : place,
              make(16 + (random >> 20) % 484));
    }
  }
}

static void free_batch(uint64_t blocks, uint64_t how) {
  for (uint64_t j = 0; j < blocks; j++) {
    uint64_t at = how == 0 ? j : how == 1 ? blocks - 1 - j : j * 2 < blocks ? j * 2 : (j * 2 - blocks) | 1;
    free(live[at % LIVE]);
    live[at % LIVE] = NULL;
  }
  for (uint64_t j = 0; j < LIVE; j++) replace(j, NULL);
}

static void batches(uint64_t count) {
  for (uint64_t done = 0; done < count;) {
    uint64_t random = bench_random(&state), blocks = 1000 + random % 3000;
    for (uint64_t j = 0; j < blocks; j++) live[j] = make(16 + (random >> 20) % 1000);
    free_batch(blocks, (random >> 40) % 3);
    done += blocks;
  }
}

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  void (*shape)(uint64_t) = NULL;
  if (argc > 2 && strcmp(argv[2], "factoring") == 0) shape = factoring;
  if (argc > 2 && strcmp(argv[2], "logic") == 0) shape = logic;
  if (argc > 2 && strcmp(argv[2], "batches") == 0) shape = batches;
  if (!shape) bench_fail("factoring, logic or batches expected");
  shape(count / 10);
  double begun = bench_cpu_ns();
  shape(count);
  bench_print((bench_cpu_ns() - begun) / (double)count);
  return 0;
}
