/*
 * A program that tunes libc's malloc, and keeps books by what that says of itself: mallopt, mallinfo2, malloc_trim,
 * malloc_info. A tracker with a pool of its own makes them wrong. Expected, over libc: the figures, printed, are the same to
 * the byte. With an argument: what they return alone, since blocks come from elsewhere.
 */
#include <malloc.h>

#include "victim.h"

#define BLOCKS 1000

int main(int argc, char **argv) {
  (void)argv;
  static void *blocks[BLOCKS];
  free(malloc(100));
  printf("mallopt: %d %d %d\n", mallopt(M_MMAP_THRESHOLD, 1 << 20), mallopt(M_TRIM_THRESHOLD, 1 << 22),
         mallopt(M_ARENA_MAX, 1));
  struct mallinfo2 before = mallinfo2();
  for (int i = 0; i < BLOCKS; i++) blocks[i] = malloc((size_t)i * 13 + 1);
  void *large = malloc(3 << 20);
  struct mallinfo2 full = mallinfo2();
  for (int i = 0; i < BLOCKS; i += 2) free(blocks[i]);
  struct mallinfo2 half = mallinfo2();
  free(large);
  struct mallinfo2 after = mallinfo2();
  if (argc == 1) {
    printf("used %zu more, then %zu less; mapped %zu more, then %zu less\n", full.uordblks - before.uordblks,
           full.uordblks - half.uordblks, full.hblkhd - before.hblkhd, half.hblkhd - after.hblkhd);
  }
  for (int i = 1; i < BLOCKS; i += 2) free(blocks[i]);
  int trimmed = malloc_trim(0);
  if (argc == 1) printf("malloc_trim: %d, then %d\n", trimmed, malloc_trim(0));
  FILE *nowhere = fopen("/dev/null", "w");
  CHECK(nowhere != NULL);
  printf("malloc_info: %d %d\n", malloc_info(0, nowhere), malloc_info(1, nowhere));
  fclose(nowhere);
  return 0;
}
