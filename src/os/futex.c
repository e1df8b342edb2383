/*
 * futex.c: futex(2).
 */
#include "os/futex.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <time.h>

#include "os/system.h"

void futex_wait(const uint32_t *word, uint32_t value, int milliseconds) {
  struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
  SYSTEM(futex, word, FUTEX_WAIT_PRIVATE, value, milliseconds < 0 ? NULL : &time);
}

void futex_wake(const uint32_t *word) {
  SYSTEM(futex, word, FUTEX_WAKE_PRIVATE, INT_MAX);
}
