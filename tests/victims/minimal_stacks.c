/*
 * Threads on the smallest stacks that there may be, and libraries that still want room of the static TLS, which all threads
 * have: what a preloaded library takes of it, neither has. Arguments: libraries of initial-exec TLS. Expected: all of them
 * are loaded, before and after there are threads, each thread has its own copy, and a thread on PTHREAD_STACK_MIN allocates.
 */
#include <limits.h>

#include "victim.h"

#define THREADS 20

static int (*counts[8])(void);
static int libraries;

static void *run(void *unused) {
  for (int i = 0; i < libraries; i++) CHECK_EQUAL(counts[i](), 1);
  for (int i = 1; i < 200; i++) free(calloc(1, (size_t)i * 13));
  return unused;
}

static void start_all(void) {
  pthread_t threads[THREADS];
  pthread_attr_t attributes;
  CHECK_EQUAL(pthread_attr_init(&attributes), 0);
  CHECK_EQUAL(pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN), 0);
  for (int i = 0; i < THREADS; i++) CHECK_EQUAL(pthread_create(&threads[i], &attributes, run, NULL), 0);
  for (int i = 0; i < THREADS; i++) join_thread(threads[i]);
}

int main(int argc, char **argv) {
  start_all();
  for (int i = 1; i < argc; i++) {
    void *library = dlopen(argv[i], RTLD_NOW);
    if (!library) printf("%s\n", dlerror());
    CHECK(library != NULL);
    counts[libraries] = (int (*)(void))dlsym(library, "count_in_this_thread");
    CHECK(counts[libraries++] != NULL);
    start_all();
  }
  return 0;
}
