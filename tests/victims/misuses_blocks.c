/*
 * Does with its blocks what no program may: `double`, `other` (the same, by another thread), `inside` (gives back an
 * address within a block), `beside` (the block beside one, which it was never given), `far` and `far-other` (one far from any
 * that anybody was given; by another thread), `late` (writes to a block after it was given back), `link` (to its first word),
 * `overrun` (writes behind a block's end). COUNT times, each with a block of another size; then it goes on as a good program
 * does.
 * Expected, over the page heap: it ends, none of the blocks that it gets afterwards overlap, and the report says what
 * was noticed.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>

#include "victim.h"

#define BLOCKS 20000

static char *blocks[BLOCKS];

static size_t size_of(long number) {
  return 24 + (size_t)number * 37 % 2000;
}

static void *give_back(void *block) {
  free(block);
  return NULL;
}

static void in_another_thread(void *block) {
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, give_back, block) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
}

/* Where a block so many bytes away, or a little less, would begin; in the same page, if the block is one of a page. */
static char *another(char *block, size_t away) {
  size_t bytes = (malloc_usable_size(block) + 15) & ~(size_t)15, whole = away / bytes * bytes;
  return ((uintptr_t)block & 0xffff) + whole + bytes <= 0x10000 ? block + whole : block - whole;
}

/* Not to be seen through by the compiler. */
static void misuse(const char *how, char *volatile block) {
  volatile char *bytes = block;
  size_t usable = malloc_usable_size(block);
  if (strcmp(how, "overrun") == 0) bytes[usable] ^= 1;
  if (strcmp(how, "inside") == 0) free(block + 16);
  if (strcmp(how, "beside") == 0) free(another(block, (usable + 15) & ~(size_t)15));
  if (strcmp(how, "far") == 0) free(another(block, 0x8000));
  if (strcmp(how, "far-other") == 0) in_another_thread(another(block, 0x8000));
  free(block);
  if (strcmp(how, "double") == 0) free(block);
  if (strcmp(how, "other") == 0) in_another_thread(block);
  if (strcmp(how, "late") == 0) bytes[20] ^= 1;
  if (strcmp(how, "link") == 0) *(volatile uint64_t *)(volatile void *)block = UINT64_C(0x4141414141414141);
}

static void behave(void) {
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = malloc(size_of(i));
    CHECK(blocks[i] != NULL);
    memset(blocks[i], i, size_of(i));
  }
  for (int i = 0; i < BLOCKS; i++) {
    for (size_t at = 0; at < size_of(i); at++) CHECK(blocks[i][at] == (char)i);
    free(blocks[i]);
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  char *volatile first = malloc(1); /* of the next allocator: the shim learns that one's sizes by it */
  free(first);
  for (long i = 0; i < atol(argv[2]); i++) misuse(argv[1], malloc(size_of(i)));
  behave();
  puts("done");
  return 0;
}
