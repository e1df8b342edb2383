/*
 * Says how many bytes of a block are usable for each size that the arguments name. For tests over either heap, whose sizes
 * differ. Expected: no less than what was asked for.
 */
#include <malloc.h>

#include "victim.h"

int main(int argc, char **argv) {
  free(malloc(1)); /* a process's first block is always the system heap's */
  for (int i = 1; i < argc; i++) {
    size_t bytes = strtoul(argv[i], NULL, 10);
    void *block = malloc(bytes);
    CHECK(malloc_usable_size(block) >= bytes);
    dprintf(1, "%zu\n", malloc_usable_size(block));
    free(block);
  }
  return 0;
}
