/*
 * Shells fork children by the hundred that only exec or exit; a segment for each would litter the folder.
 * Expected: a child that never allocates makes no segment; likewise the one between two forks of a daemon,
 * whose grandchild has the books of the first.
 */
#include "victim.h"

int main(int argc, char **argv) {
  enter("before");
  void *block = malloc(100);
  leave();
  pid_t pid = fork();
  if (pid == 0) {
    if (argc == 1) _exit(7);
    pid_t second = fork();
    if (second) _exit(status_of(second));
    check_books("before", 1, 0);
    free(block);
    check_books("before", 1, 1);
    _exit(7);
  }
  CHECK_EQUAL(status_of(pid), 7);
  check_books("before", 1, 0);
  printf("%s done\n", argv[argc - 1] == argv[0] ? "once" : "twice");
  return 0;
}
