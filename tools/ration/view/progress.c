/*
 * progress.c: waits a second, then draws five times a second.
 */
#include "view/progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "reader/monotonic.h"
#include "view/terminal.h"

#define FIRST_NS UINT64_C(1000000000)
#define EVERY_NS UINT64_C(200000000)

static bool is_one_on;

static int start(struct progress *progress);
static void *draw_on(void *context);
static void wait_until(struct progress *progress, uint64_t at);
static void draw(struct progress *progress);
static void put(const char *text, size_t bytes);

void progress_begin(struct progress *progress, const char *what, uint64_t whole) {
  *progress = (struct progress){.what = what, .whole = whole};
  if (is_one_on || !terminal_is_there(stderr)) return;
  progress->is_on = is_one_on = start(progress) == 0;
}

void progress_step(struct progress *progress, uint64_t done) {
  progress_step_of(progress, done, progress->whole);
}

void progress_step_of(struct progress *progress, uint64_t done, uint64_t whole) {
  if (!progress->is_on) return;
  pthread_mutex_lock(&progress->mutex);
  progress->done = done;
  progress->whole = whole;
  pthread_mutex_unlock(&progress->mutex);
}

void progress_end(struct progress *progress) {
  static const char erase[] = "\r\033[K";
  if (!progress->is_on) return;
  pthread_mutex_lock(&progress->mutex);
  progress->is_over = true;
  pthread_cond_signal(&progress->changed);
  pthread_mutex_unlock(&progress->mutex);
  pthread_join(progress->thread, NULL);
  if (progress->is_drawn) put(erase, sizeof erase - 1);
  pthread_cond_destroy(&progress->changed);
  pthread_mutex_destroy(&progress->mutex);
  progress->is_on = is_one_on = false;
}

void progress_forbid(void) {
  is_one_on = true;
}

/* Signals are the caller's. Returns 0 or an error. */
static int start(struct progress *progress) {
  pthread_condattr_t by_clock;
  sigset_t all, before;
  sigfillset(&all);
  pthread_mutex_init(&progress->mutex, NULL);
  pthread_condattr_init(&by_clock);
  pthread_condattr_setclock(&by_clock, CLOCK_MONOTONIC);
  pthread_cond_init(&progress->changed, &by_clock);
  pthread_condattr_destroy(&by_clock);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&progress->thread, NULL, draw_on, progress);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (!error) return 0;
  pthread_cond_destroy(&progress->changed);
  pthread_mutex_destroy(&progress->mutex);
  return error;
}

static void *draw_on(void *context) {
  struct progress *progress = context;
  pthread_mutex_lock(&progress->mutex);
  for (uint64_t at = monotonic_ns() + FIRST_NS; !progress->is_over; at = monotonic_ns() + EVERY_NS) {
    wait_until(progress, at);
    if (!progress->is_over) draw(progress);
  }
  pthread_mutex_unlock(&progress->mutex);
  return NULL;
}

static void wait_until(struct progress *progress, uint64_t at) {
  const struct timespec until = {.tv_sec = (time_t)(at / 1000000000u), .tv_nsec = (long)(at % 1000000000u)};
  while (!progress->is_over && monotonic_ns() < at) {
    if (pthread_cond_timedwait(&progress->changed, &progress->mutex, &until) != 0) return;
  }
}

static void draw(struct progress *progress) {
  char line[160];
  int length;
  if (progress->whole && progress->done <= progress->whole) {
    length = snprintf(line, sizeof line, "\r\033[Kration: %.60s: %llu of %llu", progress->what,
                      (unsigned long long)progress->done, (unsigned long long)progress->whole);
  } else {
    length = snprintf(line, sizeof line, "\r\033[Kration: %.60s ...", progress->what);
  }
  put(line, (size_t)length);
  progress->is_drawn = true;
}

/* At once and in one piece, past stdio. Who does not take it misses little. */
static void put(const char *text, size_t bytes) {
  ssize_t written = write(STDERR_FILENO, text, bytes);
  (void)written;
}
