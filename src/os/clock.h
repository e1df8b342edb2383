/*
 * clock.h: the time, as cheap as it can be had: CLOCK_MONOTONIC_COARSE, which moves every few milliseconds, for what
 * happens often, and CLOCK_MONOTONIC, which takes five times as long; read from the vDSO and not by libc's
 * clock_gettime, which programs that play with time replace.
 */
#ifndef RATION_OS_CLOCK_H
#define RATION_OS_CLOCK_H

#include <stdint.h>

/* At start: finds the vDSO's function. Where there is none, each reading is a system call. */
void clock_prepare(void);

/* Nanoseconds, on the same scale as process_monotonic_ns. */
uint64_t clock_coarse_ns(void);
uint64_t clock_ns(void);

/*
 * Between what is timed and what is not: all before it is done, and nothing behind it has begun. A reading by itself
 * waits for what comes before it alone. Elsewhere than on x86-64 it is nothing, and short stretches come out too short.
 */
static inline void clock_settle(void) {
#if defined(__x86_64__)
  __builtin_ia32_lfence();
#endif
}

/* CPU time that the process, and the calling thread, has used: a system call. */
uint64_t clock_cpu_ns(void);
uint64_t clock_thread_cpu_ns(void);

/*
 * What a stretch of `took` ns stands for, where every so many-th is timed: itself alone if it was a long one, for then
 * the thread was off its processor, or did what few stretches do.
 */
#define CLOCK_ALIKE_NS_MOST UINT64_C(20000)

static inline uint64_t clock_estimate(uint64_t took, uint64_t every) {
  return took > CLOCK_ALIKE_NS_MOST ? took : took * every;
}

#endif
