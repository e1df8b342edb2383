/*
 * Blocks grow, shrink, move, and cannot be had as large as that. Expected: whatever comes of it, the books are the sum of
 * what lives, and a block that was not resized is what it was.
 */
#include <malloc.h>

#include "victim.h"

#define BLOCKS 100

int main(void) {
  void *blocks[BLOCKS] = {NULL};
  long long bytes = 0;
  for (unsigned i = 0; i < 20000; i++) {
    void **block = &blocks[i * 7919 % BLOCKS];
    enter(i % 2 ? "odd" : "even");
    size_t size = i % 11 ? i * 31 % 5000 + 1 : i % 23 ? (size_t)1 << 17 : PTRDIFF_MAX / 2;
    void *resized = realloc(*block, size);
    if (resized) memset(resized, (int)i, size < 16 ? size : 16);
    if (resized) *block = resized;
    if (!resized) CHECK_EQUAL(errno, ENOMEM);
    if (i % 5 == 0) *block = realloc(*block, 0); /* also where errno is ENOMEM from before */
    leave();
  }
  for (int i = 0; i < BLOCKS; i++) bytes += (long long)malloc_usable_size(blocks[i]);
  if (is_tracked()) CHECK_EQUAL(books_of("odd").live_bytes + books_of("even").live_bytes, bytes);
  for (int i = 0; i < BLOCKS; i++) free(blocks[i]);
  if (is_tracked()) CHECK_EQUAL(books_of("odd").live_bytes + books_of("even").live_bytes, 0);
  puts("done");
  return 0;
}
