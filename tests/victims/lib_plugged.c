/*
 * A library that allocates, to be loaded by whatever path it has.
 * link: -shared -fPIC
 */
#include <stdlib.h>

void *plugged_take(size_t bytes);

__attribute__((noinline)) void *plugged_take(size_t bytes) {
  void *block = malloc(bytes);
  __asm__ volatile("" ::"r"(block));
  return block;
}
