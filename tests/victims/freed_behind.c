/*
 * libc's own free takes blocks that the program has from the shim. Trackers that look at the block before them, or
 * that trust an address to be free because nobody said otherwise, break. Expected: the program runs on, and the
 * addresses serve again. (Such blocks count as live until then: nobody saw them go.)
 */
#include "victim.h"

extern void __libc_free(void *block);

int main(void) {
  for (size_t round = 0; round < 3; round++) {
    for (size_t i = 0; i < 100; i++) __libc_free(malloc(1000 * i));
    char *blocks[100];
    for (size_t i = 0; i < 100; i++) {
      blocks[i] = malloc(40000 + 2000 * i);
      memset(blocks[i], (int)i, 40000 + 2000 * i);
    }
    for (size_t i = 0; i < 100; i++) blocks[i] = realloc(blocks[i], 50000);
    for (size_t i = 0; i < 100; i++) {
      for (size_t at = 0; at < 40000; at++) CHECK(blocks[i][at] == (char)i);
      free(blocks[i]);
    }
  }
  puts("done");
  return 0;
}
