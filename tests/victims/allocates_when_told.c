/*
 * For each byte that it reads: 2,000 blocks, taken and given back, so that a heartbeat is certain; then a line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  char told;
  puts("ready");
  fflush(stdout);
  while (read(0, &told, 1) == 1) {
    for (int i = 0; i < 2000; i++) free(malloc(100));
    puts("done");
    fflush(stdout);
  }
  return 0;
}
