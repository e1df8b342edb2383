/*
 * bench.h: what each workload needs beside its loop: the count it was given, two clocks, block sizes, and one
 * way to print a result.
 *
 * A workload is a program of its own: `NAME COUNT` does COUNT operations and prints one line,
 * "VALUE tracked|untracked". Whose malloc it meets is up to LD_PRELOAD; scripts/bench compares.
 */
#ifndef RATION_BENCH_H
#define RATION_BENCH_H

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BENCH_SIZES 4096 /* a power of two: index with & (BENCH_SIZES - 1) */

/* xorshift64: the same numbers in each run, so that all contenders see the same requests. */
static inline uint64_t bench_random(uint64_t *state) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return *state = x;
}

/* Fills `ret_sizes` with sizes spread evenly over lowest..highest. */
static inline void bench_sizes(uint32_t ret_sizes[BENCH_SIZES], uint32_t lowest, uint32_t highest) {
  uint64_t state = 88172645463325252u;
  for (int i = 0; i < BENCH_SIZES; i++)
    ret_sizes[i] = lowest + (uint32_t)(bench_random(&state) % (highest - lowest + 1));
}

static inline void bench_fail(const char *what) {
  fprintf(stderr, "bench: %s\n", what);
  exit(2);
}

/* The count in argument `place`; ends the program where that is none. */
static inline uint64_t bench_count(int argc, char **argv, int place) {
  char *end = NULL;
  uint64_t count = place < argc ? strtoull(argv[place], &end, 10) : 0;
  if (count == 0 || *end) bench_fail("a count is missing or no positive number");
  return count;
}

static inline double bench_clock_ns(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now)) bench_fail("no clock");
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* For one thread: what the process itself used, so that other programs on the machine disturb less. */
static inline double bench_cpu_ns(void) {
  return bench_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* For several threads: waiting for each other counts. */
static inline double bench_wall_ns(void) {
  return bench_clock_ns(CLOCK_MONOTONIC);
}

/* A figure of a shim that stood aside would be flattering and worthless: the result says which it was. */
static inline void bench_print(double value) {
  int (*is_tracking)(void);
  *(void **)&is_tracking = dlsym(RTLD_DEFAULT, "ration_is_tracking");
  printf("%.3f %s\n", value, is_tracking && is_tracking() ? "tracked" : "untracked");
}

#endif
