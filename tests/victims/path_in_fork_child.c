/*
 * ration_category_path() gives storage that lasts as long as the process, of which a forked child is a copy; but the
 * child leaves its parent's segment at its first allocation. Expected: the child, and its own child, read the name all
 * the same, tracked or not.
 */
#include "victim.h"

static const char *name = "world/terrain";

static int child(int generations) {
  if (generations == 0) return 7;
  pid_t pid = fork();
  if (pid == 0) {
    free(malloc(100));
    CHECK_EQUAL(strcmp(name, "world/terrain"), 0);
    enter("of/child");
    free(malloc(100));
    leave();
    CHECK_EQUAL(strcmp(name, "world/terrain"), 0);
    _exit(child(generations - 1));
  }
  return status_of(pid);
}

int main(void) {
  if (is_tracked()) name = SHIM(ration_category_path)(SHIM(ration_category)(name));
  free(malloc(100));
  CHECK_EQUAL(child(2), 7);
  puts("done");
  return 0;
}
