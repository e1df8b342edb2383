/*
 * A program whose own handlers of fork were there before the shim's: between the two it maps and unmaps, and in the
 * child it allocates before the shim's handler has run. Expected: neither waits for the other, and at the end 2 pages
 * are mapped, in parent and child.
 */
#include <sys/mman.h>

#include "victim.h"

#define PAGE 4096

static char *kept;

static char *map(void) {
  char *mapped = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(mapped != MAP_FAILED);
  return mapped;
}

static void round_fork(void) {
  CHECK_EQUAL(munmap(map(), 2 * PAGE), 0);
}

static void in_child(void) {
  free(malloc(10));
  round_fork();
}

static void begin(void) {
  pthread_atfork(round_fork, round_fork, in_child);
}

__attribute__((section(".preinit_array"), used)) static void (*const before_all)(void) = begin;

int main(void) {
  kept = map();
  for (int i = 0; i < 5; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      CHECK_EQUAL(munmap(map(), 2 * PAGE), 0);
      _exit(0);
    }
    CHECK_EQUAL(status_of(pid), 0);
  }
  puts("done");
  return 0;
}
