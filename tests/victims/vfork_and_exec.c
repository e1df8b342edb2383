/*
 * A child of vfork runs in its parent's memory: a shim that sees a new pid there and resets itself, resets
 * its parent. Expected: the parent's books are exact after a child that ended by _exit, one that could not
 * exec, and one that did; a child of vfork that allocates (as shells do) does so in its parent's books.
 */
#include "victim.h"

static void *from_child;

int main(int argc, char **argv) {
  if (argc > 1) return 9;
  enter("parent");
  void *block = malloc(1000);
  for (volatile int i = 0; i < 3; i++) {
    pid_t pid = vfork();
    if (pid == 0) {
      if (i == 0) execl("/no/such/program", "program", (char *)NULL);
      if (i == 1) execl(argv[0], argv[0], "again", (char *)NULL);
      from_child = malloc(2000);
      _exit(8);
    }
    CHECK_EQUAL(status_of(pid), i == 1 ? 9 : 8);
    if (i != 1) free(from_child);
  }
  free(block);
  leave();
  check_books("parent", 3, 3);
  puts("done");
  return 0;
}
