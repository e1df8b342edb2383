/*
 * resident: COUNT small blocks, all live, each written to. Prints the bytes of resident memory that a block
 * costs: block, padding, headers, and what a shim keeps beside it.
 */
#include "bench.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static uint32_t sizes[BENCH_SIZES];

/* In bytes, shared pages included; summed by the kernel page by page, where statm may be off by some. */
static double resident_bytes(void) {
  char text[4096];
  int file = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
  ssize_t bytes = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
  if (bytes < 0) bench_fail("/proc/self/smaps_rollup cannot be read");
  close(file);
  text[bytes] = 0;
  const char *line = strstr(text, "\nRss:");
  if (!line) bench_fail("/proc/self/smaps_rollup has no Rss");
  return strtod(line + strlen("\nRss:"), NULL) * 1024;
}

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  void **newest = NULL;
  bench_sizes(sizes, 16, 128);
  free(malloc(1));

  double before = resident_bytes();
  for (uint64_t i = 0; i < count; i++) {
    void **block = malloc(sizes[i & (BENCH_SIZES - 1)]);
    if (!block) bench_fail("out of memory");
    *block = newest;
    newest = block;
  }
  bench_print((resident_bytes() - before) / (double)count);
  return 0;
}
