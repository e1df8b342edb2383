/*
 * clock.c: see clock.h; vdso(7).
 */
#include "os/clock.h"

#include <stddef.h>
#include <sys/auxv.h>
#include <time.h>

#include "base/text.h"
#include "os/module.h"
#include "os/symbols.h"
#include "os/system.h"

static int (*read_clock)(clockid_t, struct timespec *);

static void take_if_clock(void *unused, const struct symbol *symbol) {
  (void)unused;
  if (text_is_equal(symbol->name, "__vdso_clock_gettime") ||
      text_is_equal(symbol->name, "__kernel_clock_gettime"))
    *(void **)&read_clock = (void *)symbol->start;
}

void clock_prepare(void) {
  struct module module;
  const void *image = (const void *)getauxval(AT_SYSINFO_EHDR);
  if (image && module_find(image, &module) == 0) symbols_visit_dynamic(&module, take_if_clock, NULL);
}

static uint64_t time_of(clockid_t clock) {
  struct timespec now = {0, 0};
  if (!read_clock || read_clock(clock, &now) != 0) SYSTEM(clock_gettime, clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_coarse_ns(void) {
  return time_of(CLOCK_MONOTONIC_COARSE);
}

uint64_t clock_ns(void) {
  return time_of(CLOCK_MONOTONIC);
}

static uint64_t cpu_time_of(clockid_t clock) {
  struct timespec now = {0, 0};
  SYSTEM(clock_gettime, clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_cpu_ns(void) {
  return cpu_time_of(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t clock_thread_cpu_ns(void) {
  return cpu_time_of(CLOCK_THREAD_CPUTIME_ID);
}
