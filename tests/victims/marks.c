/*
 * Sets marks, and switches samples off and on. Arguments are steps:
 *   mark:NAME:N     a mark with number N, by ration.h's function
 *   tag:NAME:N      the same by tag.h's
 *   signal:NAME:N   the same in a signal handler, while allocating
 *   threads:N       N threads set 1,000 marks each
 *   on, off         switches samples; says what it was before
 *   take:N          N blocks of 1,000 bytes
 *   sleep:N         N milliseconds
 *   fork            goes on in a child, and waits for it
 */
#include "victim.h"

static char *signal_name;
static uint64_t signal_number;

static void mark(const char *name, uint64_t number) {
  if (SHIM(ration_mark)) CHECK_EQUAL(SHIM(ration_mark)(name, number), 0);
}

static void on_signal(int signal) {
  (void)signal;
  mark(signal_name, signal_number);
}

static void mark_in_handler(char *name, uint64_t number) {
  signal_name = name;
  signal_number = number;
  signal(SIGUSR1, on_signal);
  raise(SIGUSR1);
}

static void *mark_often(void *unused) {
  (void)unused;
  for (uint64_t i = 0; i < 1000; i++) mark("thread", i);
  return NULL;
}

static void mark_in_threads(int count) {
  pthread_t threads[64];
  for (int i = 0; i < count; i++) threads[i] = start_thread(mark_often, NULL);
  for (int i = 0; i < count; i++) join_thread(threads[i]);
}

/* What it was before is told where there is somebody to ask. */
static void switch_samples(int to_on) {
  if (!SHIM(ration_profiling)) return;
  int before = SHIM(ration_profiling)(to_on);
  if (is_tracked())
    dprintf(2, "was %s\n", before == 1 ? "on" : before == 0 ? "off" : "?");
  else
    CHECK_EQUAL(before, -ENOTSUP);
}

static void take(int count) {
  for (int i = 0; i < count; i++) (void)!malloc(1000);
}

static void check_refusals(void) {
  if (!SHIM(ration_mark)) return;
  errno = 77;
  CHECK_EQUAL(SHIM(ration_mark)(NULL, 1), -EINVAL);
  CHECK_EQUAL(SHIM(ration_mark)("", 1), -EINVAL);
  CHECK_EQUAL(errno, 77);
}

static void step(char *words) {
  char *rest = words, *what = strtok_r(words, ":", &rest);
  char *first = strtok_r(NULL, ":", &rest), *second = strtok_r(NULL, ":", &rest);
  if (strcmp(what, "mark") == 0) {
    mark(first, strtoull(second, NULL, 10));
  } else if (strcmp(what, "tag") == 0) {
    ration_tag_mark(first, strtoull(second, NULL, 10));
  } else if (strcmp(what, "signal") == 0) {
    mark_in_handler(first, strtoull(second, NULL, 10));
  } else if (strcmp(what, "threads") == 0) {
    mark_in_threads(atoi(first));
  } else if (strcmp(what, "take") == 0) {
    take(atoi(first));
  } else if (strcmp(what, "sleep") == 0) {
    usleep((useconds_t)atoi(first) * 1000);
  } else if (strcmp(what, "fork") == 0) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child > 0) _exit(status_of(child));
  } else {
    switch_samples(strcmp(what, "on") == 0);
  }
}

int main(int argc, char **argv) {
  check_refusals();
  for (int i = 1; i < argc; i++) step(argv[i]);
  return 0;
}
