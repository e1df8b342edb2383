/*
 * lib_small.c: keeps 100 blocks of 24 bytes.
 */
#include <stdlib.h>

void small_blocks_keep(void);

static void *blocks[100];

void small_blocks_keep(void) {
  for (int i = 0; i < 100; i++) blocks[i] = malloc(24);
}
