/*
 * A million blocks by five ways, a few alive at a time, between two lines of output. Expected: what was met before takes
 * no system call.
 */
#include "victim.h"

#define AT_ONCE 64

static void *blocks[AT_ONCE];

__attribute__((noinline)) static void allocate(unsigned i, int further) {
  if (further > 0)
    allocate(i, further - 1);
  else
    blocks[i % AT_ONCE] = malloc(i % 1000);
  __asm__ volatile("" ::: "memory");
}

static void run(unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    free(blocks[i % AT_ONCE]);
    blocks[i % AT_ONCE] = NULL;
    allocate(i, (int)(i % 5));
  }
}

int main(void) {
  run(100000);
  if (write(1, "begin\n", 6) != 6) return 1;
  run(1000000);
  if (write(1, "end\n", 4) != 4) return 1;
  return 0;
}
