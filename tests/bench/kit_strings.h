/*
 * kit_strings.h: what benches of the toolkit share: 100,000 different strings and an order to ask for them in, and the
 * median over rounds.
 */
#ifndef RATION_BENCH_KIT_STRINGS_H
#define RATION_BENCH_KIT_STRINGS_H

#include "bench.h"

#define STRINGS     100000
#define LONGEST     32
#define ROUNDS_MOST 101

static char texts[STRINGS][LONGEST];
static uint32_t order[STRINGS];

static inline void make_strings(void) {
  uint64_t state = 88172645463325252u;
  for (uint32_t i = 0; i < STRINGS; i++) {
    unsigned number = (unsigned)bench_random(&state) >> 12;
    snprintf(texts[i], LONGEST, "%s/%x/%u", i % 3 ? "creature" : "biome", number, (unsigned)i);
    order[i] = i;
  }
  for (uint32_t i = STRINGS - 1; i > 0; i--) {
    uint32_t other = (uint32_t)(bench_random(&state) % (i + 1)), kept = order[i];
    order[i] = order[other];
    order[other] = kept;
  }
}

static inline uint64_t rounds_of(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  return count < ROUNDS_MOST ? count : ROUNDS_MOST;
}

static inline int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static inline double median(double *values, uint64_t count) {
  qsort(values, count, sizeof *values, compare_doubles);
  return values[count / 2];
}

/* ns a string, of adding all strings, and of finding each again, in another order. */
static inline void measure_strings(uint32_t (*add)(const char *), uint32_t (*find)(const char *),
                                   double *ret_add, double *ret_find) {
  uint64_t sum = 0;
  double begun = bench_cpu_ns();
  for (uint32_t i = 0; i < STRINGS; i++) sum += add(texts[i]);
  *ret_add = (bench_cpu_ns() - begun) / STRINGS;
  begun = bench_cpu_ns();
  for (uint32_t i = 0; i < STRINGS; i++) sum -= find(texts[order[i]]);
  *ret_find = (bench_cpu_ns() - begun) / STRINGS;
  if (sum) bench_fail("a string was not found by its text");
}

#endif
