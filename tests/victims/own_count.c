/*
 * A program that reads its own numbers. Expected: after each of many random steps ration_stats and ration_block_info
 * say what the program has counted itself, to the byte and the block.
 */
#include <malloc.h>

#include "victim.h"

#define SLOTS 500
#define STEPS 20000

static struct ration_figures counted;

static void gone(void *block) {
  if (!block) return;
  counted.frees++;
  counted.live_blocks--;
  counted.live_bytes -= malloc_usable_size(block);
}

static void come(void *block, size_t size) {
  counted.allocations++;
  counted.live_blocks++;
  counted.live_bytes += malloc_usable_size(block);
  counted.allocated_bytes += malloc_usable_size(block);
  counted.requested_bytes += size;
}

static void check_all(void) {
  struct ration_figures books = books_of("own/count");
  CHECK_EQUAL(books.allocations, counted.allocations);
  CHECK_EQUAL(books.frees, counted.frees);
  CHECK_EQUAL(books.reallocations, counted.reallocations);
  CHECK_EQUAL(books.live_blocks, counted.live_blocks);
  CHECK_EQUAL(books.live_bytes, counted.live_bytes);
  CHECK_EQUAL(books.allocated_bytes, counted.allocated_bytes);
  CHECK_EQUAL(books.requested_bytes, counted.requested_bytes);
  struct ration_figures above = books_of("own");
  CHECK_EQUAL(above.live_bytes, 0);
  CHECK_EQUAL(above.subtree_live_bytes, counted.live_bytes);
}

static void check_block(void *block) {
  struct ration_block info;
  info.size = sizeof info;
  CHECK_EQUAL(SHIM(ration_block_info)(block, &info), 0);
  CHECK_EQUAL(info.usable_bytes, malloc_usable_size(block));
  CHECK_EQUAL(SHIM(ration_block_info)((char *)block + 1, &info), -ENOENT);
  CHECK_EQUAL(info.category, 0);
  CHECK_EQUAL(SHIM(ration_block_info)(&counted, &info), -ENOENT);
  CHECK_EQUAL(SHIM(ration_block_info)(NULL, &info), -ENOENT);
  CHECK_EQUAL(SHIM(ration_block_info)((void *)(uintptr_t)-16, &info), -ENOENT);
}

int main(void) {
  static void *blocks[SLOTS];
  unsigned random = 1;
  if (!is_tracked()) return puts("done") < 0;
  enter("own/count");
  for (int step = 0; step < STEPS; step++) {
    random = random * 1103515245 + 12345;
    void **slot = &blocks[random / 65536 % SLOTS];
    size_t size = random / 7 % (step % 100 ? 400 : 400000);
    switch (random >> 28 & 3) {
    case 0:
      gone(*slot);
      free(*slot);
      *slot = NULL;
      break;
    case 1:
      gone(*slot);
      counted.reallocations += *slot != NULL;
      *slot = realloc(*slot, size + 1);
      come(*slot, size + 1);
      break;
    default:
      gone(*slot);
      free(*slot);
      *slot = size % 2 ? malloc(size) : memalign(64, size);
      come(*slot, size);
      check_block(*slot);
    }
    if (step % 50 == 0) check_all();
  }
  leave();
  check_all();
  puts("done");
  return 0;
}
