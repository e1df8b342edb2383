/*
 * libc's own malloc, and libraries bound to it, give blocks that the program frees by name. A tracker with a header
 * before each block crashes here. Expected: the program runs on; what the shim never saw is counted as foreign, once
 * for each realloc and free (300 here), and stays foreign when it is resized.
 */
#include <malloc.h>

#include "victim.h"

extern void *__libc_malloc(size_t size);

int main(void) {
  for (size_t i = 0; i < 100; i++) {
    char *block = __libc_malloc(10 + i);
    CHECK(malloc_usable_size(block) >= 10 + i);
    CHECK_EQUAL(strcmp(category_of(block), ""), 0);
    memset(block, 'x', 10 + i);
    block = realloc(block, 3000 + i);
    CHECK(block[9 + i] == 'x');
    free(block);
    block = __libc_malloc(1000);
    free(block);
  }
  puts("done");
  return 0;
}
