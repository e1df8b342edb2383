/*
 * Rules by the names of threads. Argument: what is to be done. Rules: io for io-*, cpu for cpu-?, main for threads, which is
 * what the main thread is called. Expected: each thread's blocks are charged by its name, also where it takes
 * over from one that has ended, and a new name counts from the next heartbeat on.
 */
#include <malloc.h>
#include <sys/prctl.h>

#include "victim.h"

#define THREADS 300

/* The same call site for all. */
static __attribute__((noinline)) void *make(size_t bytes) {
  void *block = malloc(bytes);
  __asm__ volatile("" : "+r"(block)); /* no jump: this function is the caller */
  return block;
}

static void is_charged(const void *block, const char *category) {
  if (!is_tracked() || !strcmp(category_of(block), category)) return;
  dprintf(1, "charged to %s, not to %s\n", category_of(block), category);
  _exit(1);
}

static const char *category_of_number(uintptr_t number) {
  return number % 3 == 0 ? "io" : number % 3 == 1 ? "cpu" : "bin/threads";
}

static void name_by_number(uintptr_t number) {
  char name[16];
  const char *formats[] = {"io-%u", "cpu-%u", "other-%u"};
  snprintf(name, sizeof name, formats[number % 3], (unsigned)number % 10);
  CHECK_EQUAL(pthread_setname_np(pthread_self(), name), 0);
}

static void *run(void *number) {
  name_by_number((uintptr_t)number);
  for (int i = 0; i < 10; i++) {
    void *block = make(100);
    is_charged(block, category_of_number((uintptr_t)number));
    free(block);
  }
  return NULL;
}

/* One after another: each takes over what the one before has left behind. */
static void one_by_one(void) {
  for (uintptr_t i = 0; i < THREADS; i++) join_thread(start_thread(run, (void *)i));
}

static void at_once(void) {
  static pthread_t threads[THREADS];
  for (uintptr_t i = 0; i < THREADS; i++) threads[i] = start_thread(run, (void *)i);
  for (uintptr_t i = 0; i < THREADS; i++) join_thread(threads[i]);
  check_books("io", 10 * THREADS / 3, 10 * THREADS / 3);
  check_books("cpu", 10 * THREADS / 3, 10 * THREADS / 3);
}

/* At most 1000 blocks after the new name. */
static void *run_renamed(void *unused) {
  CHECK_EQUAL(prctl(PR_SET_NAME, "io-first"), 0);
  void *block = make(100);
  is_charged(block, "io");
  free(block);
  CHECK_EQUAL(prctl(PR_SET_NAME, "cpu-2"), 0);
  for (int i = 0; i < 1100; i++) free(make(100));
  block = make(100);
  is_charged(block, "cpu");
  free(block);
  CHECK_EQUAL(prctl(PR_SET_NAME, "nobody"), 0);
  for (int i = 0; i < 20; i++) free(make(100000)); /* or at most 1 MiB */
  block = make(100);
  is_charged(block, "bin/threads");
  free(block);
  return unused;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  void *block = make(100);
  is_charged(block, "main");
  if (!strcmp(argv[1], "one_by_one")) one_by_one();
  if (!strcmp(argv[1], "at_once")) at_once();
  if (!strcmp(argv[1], "renamed")) join_thread(start_thread(run_renamed, NULL));
  void *again = make(100);
  is_charged(again, "main");
  free(again);
  free(block);
  puts(argv[1]);
  return 0;
}
