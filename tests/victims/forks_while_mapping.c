/*
 * Children of fork and of the raw system call clone, which runs no handler of pthread_atfork, while other threads map
 * and unmap: a child may inherit a table half changed, and a lock that no thread of its own will ever release.
 * Expected: each child maps and unmaps at once, as its parent does; it takes no longer than the parent's own.
 */
#include <sys/mman.h>
#include <sys/syscall.h>

#include "victim.h"

#define PAGE     4096
#define CHILDREN 60

static volatile int is_over;

static void map_and_unmap(void) {
  char *mapped = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(mapped != MAP_FAILED);
  mapped = mremap(mapped, 3 * PAGE, 5 * PAGE, MREMAP_MAYMOVE);
  CHECK(mapped != MAP_FAILED);
  mapped[5 * PAGE - 1] = 1;
  CHECK_EQUAL(munmap(mapped + PAGE, PAGE), 0);
  CHECK_EQUAL(munmap(mapped, 5 * PAGE), 0);
}

static void *keep_mapping(void *nothing) {
  while (!is_over) map_and_unmap();
  return nothing;
}

static void begin(int is_cloned) {
  pid_t pid = is_cloned ? (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) : fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    alarm(20);
    for (int i = 0; i < 100; i++) map_and_unmap();
    _exit(0);
  }
  CHECK_EQUAL(status_of(pid), 0);
}

int main(void) {
  pthread_t threads[3];
  pthread_atfork(map_and_unmap, map_and_unmap, map_and_unmap);
  for (int i = 0; i < 3; i++) threads[i] = start_thread(keep_mapping, NULL);
  for (int i = 0; i < CHILDREN; i++) begin(i % 2);
  is_over = 1;
  for (int i = 0; i < 3; i++) join_thread(threads[i]);
  puts("done");
  return 0;
}
