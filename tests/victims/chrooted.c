/*
 * After chroot neither /proc nor /dev/shm nor the folder of the segment are there. Expected: the program allocates,
 * starts threads, forks and ends as before.
 */
#include "victim.h"

static void *run(void *unused) {
  free(malloc(100));
  return unused;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  CHECK_EQUAL(chroot(argv[1]), 0);
  CHECK_EQUAL(chdir("/"), 0);
  join_thread(start_thread(run, NULL));
  pid_t pid = fork();
  if (pid == 0) {
    run(NULL);
    exit(3);
  }
  CHECK_EQUAL(status_of(pid), 3);
  puts("done");
  return 0;
}
