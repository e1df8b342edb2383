/*
 * Threads that neither allocate nor open scopes, each on a stack of its own elsewhere: the note of where a thread's
 * stack lies must go with the thread, or the table of such notes fills up for good. Expected: the same as without the
 * shim, and the report has lost no range of memory.
 */
#include <sys/mman.h>

#include "victim.h"

#define STACKS      3000
#define STACK_BYTES ((size_t)64 << 10)

static int lives;

static void *run(void *unused) {
  lives++; /* one thread at a time */
  return unused;
}

int main(void) {
  char *stacks = mmap(NULL, STACKS * STACK_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(stacks != MAP_FAILED);
  for (size_t i = 0; i < STACKS; i++) {
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK_EQUAL(pthread_attr_init(&attributes), 0);
    CHECK_EQUAL(pthread_attr_setstack(&attributes, stacks + i * STACK_BYTES, STACK_BYTES), 0);
    CHECK_EQUAL(pthread_create(&thread, &attributes, run, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_EQUAL(pthread_attr_destroy(&attributes), 0);
  }
  CHECK_EQUAL(lives, STACKS);
  puts("done");
  return 0;
}
