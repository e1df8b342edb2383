/*
 * deep: malloc and free below 40 calls, for samplers that take every stack. `same`: one call site, freed at once, so all
 * stacks are the same; `varied`: 32 ways to one that replaces one of 1,024 live blocks. Prints ns a pair.
 */
#include <string.h>

#include "bench.h"

#define LIVE  1024
#define DEPTH 33 /* with main, its callers, and what lies between: 40 */

static uint32_t sizes[BENCH_SIZES];
static void *live[LIVE];
static uint64_t state = 88172645463325252u;
static volatile uint64_t calls; /* so that no call becomes a jump */

typedef void way(void);

static __attribute__((noinline)) void replace(void) {
  uint64_t number = bench_random(&state);
  void **place = &live[number % LIVE];
  free(*place);
  *place = malloc(sizes[number / LIVE % BENCH_SIZES]);
  calls++;
}

/* Each ends in a declaration, so that a semicolon may follow. */
#define INNER(n)                                                                                             \
  static __attribute__((noinline)) void inner_##n(void) {                                                    \
    replace();                                                                                               \
    calls++;                                                                                                 \
  }                                                                                                          \
  static way inner_##n
INNER(0);
INNER(1);
INNER(2);
INNER(3);
INNER(4);
INNER(5);
INNER(6);
INNER(7);
static way *const inner[] = {inner_0, inner_1, inner_2, inner_3, inner_4, inner_5, inner_6, inner_7};

#define OUTER(n)                                                                                             \
  static __attribute__((noinline)) void outer_##n(void) {                                                    \
    inner[bench_random(&state) % 8]();                                                                       \
    calls++;                                                                                                 \
  }                                                                                                          \
  static way outer_##n
OUTER(0);
OUTER(1);
OUTER(2);
OUTER(3);
static way *const outer[] = {outer_0, outer_1, outer_2, outer_3};

static __attribute__((noinline)) void vary(uint64_t count) {
  for (uint64_t i = 0; i < count; i++) outer[bench_random(&state) % 4]();
}

static __attribute__((noinline)) void repeat(uint64_t count) {
  for (uint64_t i = 0; i < count; i++) free(malloc(sizes[i & (BENCH_SIZES - 1)]));
}

static __attribute__((noinline)) void descend(int depth, int is_varied, uint64_t count) {
  if (depth > 0)
    descend(depth - 1, is_varied, count);
  else if (is_varied)
    vary(count);
  else
    repeat(count);
  calls++;
}

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  int is_varied = argc > 2 && strcmp(argv[2], "varied") == 0;
  bench_sizes(sizes, 16, 128);
  descend(DEPTH, is_varied, BENCH_SIZES);
  double begun = bench_cpu_ns();
  descend(DEPTH, is_varied, count);
  bench_print((bench_cpu_ns() - begun) / (double)count);
  return 0;
}
