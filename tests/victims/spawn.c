/*
 * posix_spawn, system and popen start a child that shares its parent's memory until it execs. Expected: they
 * work, and leave the parent's books as they should be.
 */
#include <spawn.h>

#include "victim.h"

extern char **environ;

int main(int argc, char **argv) {
  char line[64] = "";
  char *const arguments[] = {argv[0], strdup("again"), NULL};
  pid_t pid;
  if (argc > 1) {
    puts("the child");
    return 6;
  }
  enter("blocks");
  void *block = malloc(100);
  leave();
  CHECK_EQUAL(posix_spawn(&pid, argv[0], NULL, NULL, arguments, environ), 0);
  CHECK_EQUAL(status_of(pid), 6);
  CHECK_EQUAL(posix_spawnp(&pid, "no-such-program", NULL, NULL, arguments, environ), ENOENT);
  CHECK_EQUAL(system("exit 5") >> 8, 5);
  FILE *pipe = popen("echo from a shell; sort /dev/null", "r");
  CHECK(pipe && fgets(line, sizeof line, pipe));
  CHECK_EQUAL(pclose(pipe), 0);
  CHECK_EQUAL(strcmp(line, "from a shell\n"), 0);
  free(block);
  check_books("blocks", 1, 1);
  puts("done");
  return 0;
}
