/*
 * Programs grow into the slack that malloc_usable_size grants, and keep books by it. Expected: it is never
 * less than was asked for, does not change while the block lives, all of it is the program's, a realloc to it
 * keeps all, and the shim's books are the sum of it, for every entry point.
 */
#include <malloc.h>

#include "victim.h"

#define BLOCKS 3000

static void *allocate(int i, size_t size) {
  void *block = NULL;
  switch (i % 7) {
  case 0:
    return malloc(size);
  case 1:
    return calloc(1, size);
  case 2:
    return memalign((size_t)1 << i % 13, size);
  case 3:
    return aligned_alloc(64, size);
  case 4:
    return posix_memalign(&block, (size_t)8 << i % 8, size) == 0 ? block : NULL;
  case 5:
    return valloc(size);
  default:
    return reallocarray(NULL, size, 1);
  }
}

int main(void) {
  static unsigned char *blocks[BLOCKS];
  static size_t usable[BLOCKS];
  uint64_t all = 0;
  enter("blocks");
  for (int i = 0; i < BLOCKS; i++) {
    size_t size = (size_t)i * 7919 % (i % 50 ? 300 : 300000);
    blocks[i] = allocate(i, size);
    usable[i] = malloc_usable_size(blocks[i]);
    CHECK(blocks[i] && usable[i] >= size);
    memset(blocks[i], i & 0xff, usable[i]);
  }
  for (int i = 0; i < BLOCKS; i++) {
    CHECK_EQUAL(malloc_usable_size(blocks[i]), usable[i]);
    blocks[i] = realloc(blocks[i], usable[i]);
    size_t now = malloc_usable_size(blocks[i]);
    CHECK(usable[i] == 0 || now >= usable[i]);
    for (size_t at = 0; at < usable[i]; at++) CHECK(blocks[i][at] == (i & 0xff));
    usable[i] = now;
    all += now;
  }
  if (is_tracked()) {
    CHECK_EQUAL(books_of("blocks").live_bytes, all);
    CHECK_EQUAL(books_of("blocks").reallocations, BLOCKS);
  }
  for (int i = 0; i < BLOCKS; i++) free(blocks[i]);
  leave();
  check_books("blocks", 2 * BLOCKS, 2 * BLOCKS);
  puts("done");
  return 0;
}
