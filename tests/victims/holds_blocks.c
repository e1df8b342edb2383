/*
 * For reading a process from outside: it holds blocks of known sizes in known categories, says where they are, and
 * waits until stdin ends. Expected: `ration report`, `list` and `whose` show just these, running, stopped and killed.
 */
#include "victim.h"

int main(void) {
  static char on_no_heap[16];
  free(malloc(1)); /* a process's first block is always the system heap's */
  enter("held/small");
  char *small = malloc(100);
  leave();
  enter("held/large");
  char *large = malloc(1 << 20);
  free(malloc(5000));
  leave();
  CHECK(small && large);
  printf("%p %p %p %p\n", (void *)small, (void *)large, (void *)(small + 16), (void *)on_no_heap);
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) continue;
  free(small);
  free(large);
  return 0;
}
