/*
 * For each byte that it reads: 2,000 blocks, taken and given back, so that a heartbeat is certain; for a `p` no block, but
 * a poll for handlers, of which there are none; then a line.
 */
#include "victim.h"

int main(void) {
  char told;
  puts("ready");
  fflush(stdout);
  while (read(0, &told, 1) == 1) {
    if (told == 'p') CHECK_EQUAL(SHIM(ration_pressure_poll)(), 0);
    for (int i = 0; told != 'p' && i < 2000; i++) free(malloc(100));
    puts("done");
    fflush(stdout);
  }
  return 0;
}
