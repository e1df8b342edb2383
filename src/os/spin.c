/*
 * spin.c: first busily, then asleep.
 */
#include "os/spin.h"

#include <time.h>

#include "os/system.h"

#define TRIES    200
#define WAITS    20000
#define WAITS_NS 100000

static void rest(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

int spin_try_long(struct spin *spin) {
  struct timespec time = {.tv_nsec = WAITS_NS};
  if (spin_is_own(spin)) return 0;
  for (int i = 0; i < TRIES; i++, rest())
    if (!load_relaxed(&spin->holder) && spin_try(spin)) return 1; /* only a look */
  for (int i = 0; i < WAITS && !load_relaxed(&spin->is_stuck); i++) {
    SYSTEM(clock_nanosleep, CLOCK_MONOTONIC, 0, &time, NULL);
    if (spin_try(spin)) return 1;
  }
  store_relaxed(&spin->is_stuck, 1); /* a hint */
  return 0;
}
