/*
 * counted_clock.h: the time by the processor's counter, set by CLOCK_MONOTONIC about once a millisecond: a reading takes
 * 11 ns instead of 28.
 *
 *   time = ns + (counter - ticks) rate / 2^32,   as long as counter - ticks < 2^21
 *
 * The rate is that between the last two settings. Whatever the counter does meanwhile (a machine that sleeps or is moved,
 * sockets that disagree), the time is off by the length of that stretch at most; as a rule by less than 0.1 us, by which
 * it may also go back. Where the processor does not say that its counter is steady, and elsewhere than on x86-64, each
 * reading is clock_ns.
 *
 * Each thread has its own. Async-signal-safe, also where a signal handler reads the same one meanwhile.
 */
#ifndef RATION_OS_COUNTED_CLOCK_H
#define RATION_OS_COUNTED_CLOCK_H

#include <stdint.h>

#include "base/compiler.h"

/* All zero at first. */
struct counted_clock {
  uint64_t ticks; /* the counter, when it was set */
  uint64_t ns;    /* the time then; 0: it was never */
  uint64_t rate;  /* ns in 2^32 ticks; 0: not known */
};

#define COUNTED_CLOCK_STRETCH (UINT64_C(1) << 21) /* ticks: how far a setting reaches */

/* Reads the true time, and sets the clock by it where that makes sense. */
uint64_t counted_clock_set(struct counted_clock *clock);

/* Nanoseconds, on the same scale as clock_ns. */
static inline uint64_t counted_clock_ns(struct counted_clock *clock) {
#if defined(__x86_64__)
  uint64_t gone = __builtin_ia32_rdtsc() - clock->ticks, rate = clock->rate;
  if (LIKELY(gone < COUNTED_CLOCK_STRETCH) && LIKELY(rate != 0)) return clock->ns + (gone * rate >> 32);
#endif
  return counted_clock_set(clock);
}

#endif
