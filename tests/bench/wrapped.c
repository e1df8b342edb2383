/*
 * wrapped: strdup and free in pairs. The block is asked for by libc, on behalf of this program: unless libc is not
 * looked through, each look-up of its category goes one frame up the stack. Prints ns a pair.
 */
#include <string.h>

#include "bench.h"

static void pairs(uint64_t count) {
  static char text[] = "a text of some bytes";
  for (uint64_t i = 0; i < count; i++) {
    text[0] = (char)('a' + (i & 15));
    free(strdup(text));
  }
}

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  pairs(1000);

  double begun = bench_cpu_ns();
  pairs(count);
  bench_print((bench_cpu_ns() - begun) / (double)count);
  return 0;
}
