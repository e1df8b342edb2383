/*
 * Requests of more than the machine has. Expected: they are granted or refused as without the shim, since what is granted and
 * then used is the end of the program; and a block that could not be resized is as it was.
 */
#include <sys/sysinfo.h>

#include "victim.h"

#define GIB ((size_t)1 << 30)

static void ask(size_t times, size_t bytes) {
  char *block = malloc(100000), *aligned = NULL;
  CHECK(block != NULL);
  memset(block, 7, 100000);
  void *plain = malloc(bytes), *zeroed = calloc(bytes / 16, 16);
  char *resized = realloc(block, bytes);
  int error = posix_memalign((void **)&aligned, 4096, bytes);
  printf("%zu times: %d %d %d %d\n", times, plain != NULL, zeroed != NULL, resized != NULL, error);
  if (resized) block = resized;
  CHECK(block[0] == 7 && block[99999] == 7);
  free(plain);
  free(zeroed);
  free(aligned);
  free(block);
}

int main(void) {
  struct sysinfo info;
  CHECK_EQUAL(sysinfo(&info), 0);
  size_t all = (info.totalram + info.totalswap) * info.mem_unit;
  free(malloc(1)); /* of the next allocator: the shim learns that one's sizes by it */
  for (size_t times = 2; times <= 64 && times * all < 512 * GIB; times *= 2) ask(times, times * all);
  return 0;
}
