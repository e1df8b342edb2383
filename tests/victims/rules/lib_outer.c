/* A wrapper of a wrapper in another library. */
#include <stddef.h>

void *xmalloc(size_t bytes);
void *xxmalloc(size_t bytes);

void *xxmalloc(size_t bytes) {
  void *block = xmalloc(bytes);
  __asm__ volatile("" : "+r"(block));
  return block;
}
