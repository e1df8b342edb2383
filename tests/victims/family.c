/*
 * A parent, a child of fork, and programs that either execs: which of them are tracked is what `follow`, `only` and
 * `not` say. Expected: each says itself whether it is; a process that is not has no segment, and what it does with
 * categories is not in its parent's.
 */
#include "victim.h"

static void say(const char *who) {
  enter(who);
  free(malloc(100));
  leave();
  if (SHIM(ration_category)) SHIM(ration_category)("made/by/a/child");
  fprintf(stderr, "%s %d\n", who, is_tracked());
}

static int spawn_program(const char *program) {
  pid_t pid = fork();
  if (pid == 0) {
    execl(program, program, "program", (char *)NULL);
    _exit(127);
  }
  return status_of(pid);
}

int main(int argc, char **argv) {
  if (argc > 1) return say("program"), 0;
  enter("parent");
  free(malloc(100));
  leave();
  fprintf(stderr, "parent %d\n", is_tracked());
  ration_category_id last = SHIM(ration_category) ? SHIM(ration_category)("last/of/parent") : 0;
  pid_t pid = fork();
  if (pid == 0) {
    say("child");
    _exit(spawn_program(argv[0]));
  }
  CHECK_EQUAL(status_of(pid), 0);
  CHECK_EQUAL(spawn_program(argv[0]), 0);
  if (is_tracked()) CHECK_EQUAL(SHIM(ration_category)("next/of/parent"), last + 3);
  return 0;
}
