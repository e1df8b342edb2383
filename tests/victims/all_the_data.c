/*
 * A program that uses all the memory that its limit on data allows (RLIMIT_DATA), and knows how much that is. What a
 * tracker takes for itself the program has not. Expected: it gets as much as without the shim, but for a sixteenth.
 */
#include <sys/resource.h>

#include "victim.h"

int main(void) {
  struct rlimit limit;
  CHECK_EQUAL(getrlimit(RLIMIT_DATA, &limit), 0);
  size_t wanted = limit.rlim_cur / 16 * 13, step = 64 * 1024;
  if (wanted > (size_t)1 << 28) wanted = (size_t)1 << 28;
  for (size_t got = 0; got + step < wanted; got += step) {
    char *block = malloc(step - 64);
    CHECK(block != NULL);
    memset(block, 1, 4096);
  }
  puts("done");
  return 0;
}
