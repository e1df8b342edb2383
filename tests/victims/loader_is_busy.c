/*
 * One thread holds the loader's lock, in a callback of dl_iterate_phdr and in a library's constructor, and waits until
 * another has allocated by way of code that nobody has met. Arguments: lib_waits, then libraries that call back. Expected:
 * the other one does not wait for the loader.
 */
#include <link.h>
#include <time.h>

#include "victim.h"

typedef void *call_back_function(void *(*allocate)(void));

static volatile int asked, done;
static call_back_function *volatile way;

static void *allocate(void) {
  void *block = malloc(100);
  __asm__ volatile("" ::: "memory");
  return block;
}

static void *work(void *nothing) {
  for (int seen = 0; asked >= 0;) {
    if (asked == seen) {
      nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
      continue;
    }
    seen = asked;
    if (seen > 0) free(way(allocate));
    done = seen;
  }
  return nothing;
}

/* Seconds are plenty for microseconds. */
static void let_other_allocate(void) {
  int number = asked + 1;
  asked = number;
  for (int i = 0; i < 20000 && done != number; i++) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  CHECK_EQUAL(done, number);
}

static int visit(struct dl_phdr_info *info, size_t size, void *nothing) {
  (void)info, (void)size, (void)nothing;
  let_other_allocate();
  return 1;
}

int main(int argc, char **argv) {
  CHECK(argc > 3);
  pthread_t other = start_thread(work, NULL);
  for (int i = 2; i < argc; i++) {
    void *library = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    way = (call_back_function *)dlsym(library, "call_back");
    if (i % 2) {
      dl_iterate_phdr(visit, NULL);
    } else {
      char address[32];
      snprintf(address, sizeof address, "%p", (void *)let_other_allocate);
      setenv("LIB_WAITS_CALLS", address, 1);
      void *waits = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
      CHECK(waits != NULL);
      dlclose(waits);
    }
  }
  asked = -1;
  join_thread(other);
  puts("done");
  return 0;
}
