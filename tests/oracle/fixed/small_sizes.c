/*
 * small_sizes.c: 10 blocks of each size from 0 to 8 bytes, and 10 of 25; then calloc, reallocarray and an
 * aligned one.
 */
#include <stdlib.h>

int main(void) {
  static void *blocks[103];
  for (int i = 0; i < 90; i++) blocks[i] = malloc((size_t)i / 10);
  for (int i = 90; i < 100; i++) blocks[i] = malloc(25);
  blocks[100] = calloc(10, 30);
  blocks[101] = reallocarray(NULL, 7, 100);
  blocks[102] = aligned_alloc(64, 128);
  return blocks[102] ? 0 : 1;
}
