/*
 * A forked child that is not tracked (with follow=none; or for want of a segment) has its parent's blocks all the same. While
 * a thread of it resizes one of them over and over, it makes children of its own by the raw system call. Expected: these give
 * back a block and end, without waiting for a thread that they do not have: without sleeping often.
 */
#include <sys/resource.h>
#include <sys/syscall.h>

#include "victim.h"

#define MIB      ((size_t)1 << 20)
#define CHILDREN 100

static char *resized;
static void *blocks[CHILDREN];
static int is_done;

static void *resize(void *unused) {
  (void)unused;
  for (size_t mib = 40; !__atomic_load_n(&is_done, __ATOMIC_RELAXED); mib = 100 - mib)
    CHECK((resized = realloc(resized, mib * MIB)) != NULL);
  return NULL;
}

static void clone_and_give_back(void *block) {
  struct rusage usage;
  pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
  CHECK(pid >= 0);
  if (pid == 0) {
    free(block);
    _exit(4);
  }
  CHECK_EQUAL(status_of(pid), 4);
  CHECK_EQUAL(getrusage(RUSAGE_CHILDREN, &usage), 0);
  CHECK(usage.ru_nvcsw < 1000 + CHILDREN);
}

int main(void) {
  free(malloc(1)); /* of the next allocator: the shim learns that one's sizes by it */
  CHECK((resized = malloc(60 * MIB)) != NULL);
  for (int i = 0; i < CHILDREN; i++) CHECK((blocks[i] = malloc(MIB)) != NULL);
  pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    pthread_t thread = start_thread(resize, NULL);
    for (int i = 0; i < CHILDREN; i++) clone_and_give_back(blocks[i]);
    __atomic_store_n(&is_done, 1, __ATOMIC_RELAXED);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    _exit(5);
  }
  CHECK_EQUAL(status_of(pid), 5);
  puts("done");
  return 0;
}
