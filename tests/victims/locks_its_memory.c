/*
 * A program with hard deadlines locks all of its memory, now and in future. Expected: what the shim might need one day is
 * not made present for that; the last line on stderr says how many KiB are.
 */
#include <sys/mman.h>

#include "victim.h"

static long resident_kib(void) {
  char line[256];
  long kib = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
  if (status) fclose(status);
  return kib;
}

int main(void) {
  free(malloc(100));
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) puts("not permitted");
  for (int i = 0; i < 10000; i++) free(malloc((size_t)i));
  fprintf(stderr, "%ld\n", resident_kib());
  pid_t pid = fork();
  if (pid == 0) {
    free(malloc(100));
    _exit(3);
  }
  CHECK_EQUAL(status_of(pid), 3);
  puts("done");
  return 0;
}
