/*
 * lib_large.c: keeps 10 blocks of 200,000 bytes, which glibc maps by themselves.
 */
#include <stdlib.h>

void large_blocks_keep(void);

static void *blocks[10];

void large_blocks_keep(void) {
  for (int i = 0; i < 10; i++) blocks[i] = malloc(200000);
}
