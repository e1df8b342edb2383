/*
 * A coroutine's stack is unmapped, and a smaller one mapped in its place: what lay above it is gone. Expected: whoever
 * remembers the stack that was there, reads none of it that is not there any more.
 */
#include <sys/mman.h>

#include "other_stack.h"

#define LARGE ((size_t)128 << 10)

static char *place;
static uintptr_t leaf_at;
static size_t depth; /* of leaf's frame below the top of the small stack */

__attribute__((noinline)) static void leaf(void) {
  leaf_at = (uintptr_t)__builtin_frame_address(0);
  free(malloc(100));
  __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void wide(void) {
  volatile char much[60000];
  much[0] = 1;
  leaf();
  much[1] = much[0];
}

__attribute__((noinline)) static void further(int frames) {
  if (frames > 0)
    further(frames - 1);
  else
    wide();
  __asm__ volatile("" ::: "memory"); /* called, not jumped to */
}

static void run_wide(void) {
  further(10);
}

static void run_small(void) {
  leaf();
  __asm__ volatile("" ::: "memory");
}

static void map(size_t bytes) {
  munmap(place, LARGE);
  char *memory = mmap(place, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | (place ? MAP_FIXED : 0), -1, 0);
  CHECK(memory != MAP_FAILED);
  place = memory;
}

int main(void) {
  void *sky = mmap(NULL, 4 * LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  place = (char *)sky + LARGE;
  map(LARGE);
  run_on(place, LARGE, run_small);
  depth = (uintptr_t)place + LARGE - leaf_at;
  for (int i = 0; i < 100; i++) {
    map(LARGE);
    run_on(place, LARGE, run_wide);
    size_t small = leaf_at + depth - (uintptr_t)place; /* leaf's frame is where it was */
    map(small);
    run_on(place, small, run_small);
    CHECK_EQUAL(leaf_at + depth, (uintptr_t)place + small);
  }
  puts("done");
  return 0;
}
