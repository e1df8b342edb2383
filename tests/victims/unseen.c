/*
 * A process that others of its user cannot look at in /proc, where that is mounted with hidepid=2. Expected: whoever
 * starts after it takes it for alive. It says that it is there, and waits to be killed.
 */
#include <sys/prctl.h>

#include "victim.h"

int main(void) {
  free(malloc(100));
  CHECK_EQUAL(prctl(PR_SET_DUMPABLE, 0), 0);
  CHECK_EQUAL(write(1, "here\n", 5), 5);
  pause();
  return 0;
}
