/*
 * counted_clock.c: see counted_clock.h. The counter is x86's TSC; that it is steady, CPUID says in leaf 0x80000007, EDX
 * bit 8 (Intel SDM volume 3, "Invariant TSC"; AMD APM volume 2). A program that forbids itself to read it, with
 * prctl(PR_SET_TSC), cannot read the vDSO's clock either.
 */
#include "os/counted_clock.h"

#include "base/atomics.h"
#include "base/compiler.h"
#include "os/clock.h"

#if defined(__x86_64__)

#include <cpuid.h>

#define READING_MOST (UINT64_C(1) << 13)  /* ticks: longer, and the thread was off its processor meanwhile */
#define APART_MOST   UINT64_C(1000000000) /* ns between two settings: longer, and the machine may have slept */
#define STEADY       (1u << 8)

static uint64_t set(struct counted_clock *clock);
static int is_steady(void);

SAMPLE_PATH uint64_t counted_clock_set(struct counted_clock *clock) {
  return is_steady() ? set(clock) : clock_ns();
}

/* Two settings that lie too close together say nothing about the rate: then the first one stands. */
static uint64_t set(struct counted_clock *clock) {
  uint64_t begun = __builtin_ia32_rdtsc(), now = clock_ns(), took = __builtin_ia32_rdtsc() - begun;
  uint64_t ticks = begun + took / 2, gone = ticks - clock->ticks, apart = now - clock->ns;
  if (took > READING_MOST || (clock->ns && gone < COUNTED_CLOCK_STRETCH)) return now;
  int is_known = clock->ns && apart < APART_MOST;
  clock->rate = is_known ? (apart << 32) / gone : 0;
  clock->ticks = ticks;
  clock->ns = now;
  return now;
}

static int is_steady(void) {
  static uint32_t answer; /* + 1; the same whoever asks first */
  uint32_t known = load_relaxed(&answer);
  if (LIKELY(known != 0)) return known == 2;
  unsigned eax, ebx, ecx, edx;
  int has_leaf = __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx);
  known = has_leaf && (edx & STEADY) ? 2 : 1;
  store_relaxed(&answer, known);
  return known == 2;
}

#else

uint64_t counted_clock_set(struct counted_clock *clock) {
  (void)clock;
  return clock_ns();
}

#endif
