/*
 * A heap larger than most: sums in 32 bits, tables that were sized for less. Of its blocks little more than the first page
 * is touched, so that a machine with less memory can have it. Expected: books of the whole, of half of it, and of nothing,
 * each to the byte.
 *
 *   large_heap MEBIBYTES
 */
#include <malloc.h>

#include "victim.h"

#define BLOCK_BYTES 300000 /* on average, from half to one and a half times as many */

static char **blocks;
static size_t count, usable, live_blocks;

static void fill(size_t bytes) {
  blocks = calloc(bytes / BLOCK_BYTES * 2 + 1, sizeof *blocks);
  CHECK(blocks != NULL);
  enter("large");
  for (unsigned random = 1; usable < bytes; count++) {
    random = random * 1103515245 + 12345;
    char *block = malloc(BLOCK_BYTES / 2 + (random >> 8) % BLOCK_BYTES);
    CHECK(block != NULL);
    *block = 1;
    blocks[count] = block;
    usable += malloc_usable_size(block);
  }
  leave();
  live_blocks = count;
}

static void check(void) {
  if (!is_tracked()) return;
  CHECK_EQUAL(books_of("large").live_bytes, usable);
  check_books("large", count, count - live_blocks);
}

/* Those whose number is `rest` when divided by two. */
static void free_half(size_t rest) {
  for (size_t i = rest; i < count; i += 2) {
    usable -= malloc_usable_size(blocks[i]);
    free(blocks[i]);
    live_blocks--;
  }
}

int main(int argc, char **argv) {
  fill((size_t)(argc > 1 ? atoi(argv[1]) : 256) << 20);
  size_t all = usable;
  check();
  if (is_tracked()) CHECK(books_of("large").peak_bytes >= all);
  free_half(0);
  check();
  free_half(1);
  check();
  CHECK_EQUAL(usable, 0);
  free(blocks);
  puts("done");
  return 0;
}
