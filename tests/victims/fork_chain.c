/*
 * Each process of a chain forks the next, and has a segment of its own; where no folder takes it, that is a descriptor
 * which stays open. Expected: a child has closed its parent's, so that the last has no more than the first.
 */
#include <dirent.h>

#include "victim.h"

#define GENERATIONS 6

static int descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  int count = 0;
  CHECK(folder != NULL);
  while (readdir(folder)) count++;
  closedir(folder);
  return count;
}

int main(void) {
  if (SHIM(ration_version)) CHECK(is_tracked());
  int first = descriptors();
  for (int generation = 1; generation < GENERATIONS; generation++) {
    pid_t pid = fork();
    if (pid) {
      CHECK_EQUAL(status_of(pid), 3);
      _exit(3);
    }
    free(malloc(100));
    if (SHIM(ration_version)) CHECK(is_tracked());
    CHECK_EQUAL(descriptors(), first);
  }
  CHECK_EQUAL(write(1, "done\n", 5), 5);
  _exit(3);
}
