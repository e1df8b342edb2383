/*
 * Scopes, used badly: 100000 deep, closed more often than opened, opened with ids that do not exist, taken in turns at
 * one call site, open over a fork and at the end of a thread, left by return, break, continue and goto. Expected: each
 * block has the category of the innermost scope that is open, or that its thread began in, and nothing runs over.
 */
#include "victim.h"

#undef RATION_SCOPE /* ration.h's, which needs the library */
#define RATION_SCOPE(path) RATION_TAG_SCOPE_AT(path, __COUNTER__)

#define DEPTH 100000

static void check_in(const char *category) {
  void *block = malloc(10);
  if (is_tracked() && strcmp(category_of(block), category)) {
    dprintf(1, "a block of %s is %s\n", category, category_of(block));
    _exit(1);
  }
  free(block);
}

static void nest_deeply(void) {
  static const char *const names[] = {"deep/a", "deep/b", "deep/c"};
  for (int i = 0; i < DEPTH; i++) enter(names[i % 3]);
  for (int i = DEPTH - 1; i >= 0; i--) {
    if (i % 1000 == 0) check_in(names[i % 3]);
    leave();
  }
  check_in("bin/scopes");
}

/* One call site, now in this scope, now in that one, now in none, for a while in each and only once. */
static void take_turns(void) {
  static const char *const names[] = {"turn/a", "turn/b", "turn/c"};
  for (int i = 0; i < 1000; i++) {
    enter(names[i / 7 % 3]);
    check_in(names[i / 7 % 3]);
    enter(names[i % 3]);
    check_in(names[i % 3]);
    leave();
    check_in(names[i / 7 % 3]);
    leave();
    if (i % 5 == 0) check_in("bin/scopes");
  }
}

static void unbalance(void) {
  for (int i = 0; i < 10; i++) leave();
  check_in("bin/scopes");
  enter("one");
  leave();
  leave();
  enter("two");
  check_in("two");
  leave();
  check_in("bin/scopes");
}

static void open_nothing(void) {
  enter("real");
  ration_tag_enter(0);
  check_in("real");
  ration_tag_enter(251);
  check_in("real");
  ration_tag_enter(UINT32_MAX);
  check_in("real");
  for (int i = 0; i < 3; i++) leave();
  check_in("real");
  leave();
  check_in("bin/scopes");
}

static int return_from(int unused) {
  RATION_SCOPE("left/return") {
    check_in("left/return");
    return unused;
  }
  return 1;
}

static void leave_every_way(void) {
  CHECK_EQUAL(return_from(7), 7);
  check_in("bin/scopes");
  for (int i = 0; i < 3; i++) {
    RATION_SCOPE("left/break") {
      if (i == 0) continue; /* of the scope, not of the loop */
      if (i == 1) break;
      check_in("left/break");
    }
    check_in("bin/scopes");
  }
  RATION_SCOPE("left/goto") RATION_SCOPE("left/inner") {
    check_in("left/inner");
    goto out;
  }
out:
  check_in("bin/scopes");
}

static void *run_thread(void *creators) {
  check_in(creators);
  enter("thread");
  enter("thread/inner");
  check_in("thread/inner");
  for (int i = 0; i < 4; i++) leave(); /* more than it has opened */
  check_in(creators);
  enter("thread/left"); /* still open when it ends */
  return NULL;
}

static void cross_fork(void) {
  enter("forked");
  pid_t pid = fork();
  if (pid == 0) {
    check_in("forked");
    leave();
    check_in("bin/scopes");
    leave();
    enter("of/child");
    check_in("of/child");
    _exit(0);
  }
  CHECK_EQUAL(status_of(pid), 0);
  check_in("forked");
  leave();
}

int main(void) {
  take_turns();
  nest_deeply();
  unbalance();
  open_nothing();
  leave_every_way();
  enter("outer");
  static char creators[] = "outer";
  for (int i = 0; i < 100; i++) join_thread(start_thread(run_thread, creators));
  leave();
  cross_fork();
  puts("done");
  return 0;
}
