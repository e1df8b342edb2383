/*
 * A server starts as root, and goes on as nobody: the segment of root, its folder and /proc are then another's. Expected: it
 * allocates, forks, starts threads and programs, and ends as before; its books go on in the segment that it has.
 */
#include <grp.h>

#include "victim.h"

static void *run(void *unused) {
  enter("nobody");
  for (int i = 0; i < 5000; i++) free(malloc((size_t)i + 1));
  leave();
  return unused;
}

int main(int argc, char **argv) {
  if (argc > 1) return run(NULL) == NULL ? 7 : 1;
  void *of_root = malloc(1000);
  int is_root = getuid() == 0;
  if (is_root) {
    CHECK_EQUAL(setgroups(0, NULL), 0);
    CHECK_EQUAL(setgid(65534), 0);
    CHECK_EQUAL(setuid(65534), 0);
    CHECK(setuid(0) < 0);
  }
  run(NULL);
  join_thread(start_thread(run, NULL));
  check_books("nobody", 10000, 10000);
  pid_t child = fork();
  if (child == 0) {
    run(NULL);
    free(of_root);
    execl(argv[0], argv[0], "again", (char *)NULL);
    _exit(8);
  }
  int status = status_of(child);
  printf("was root: %d; the program: %d\n", is_root, status);
  free(of_root);
  return 0;
}
