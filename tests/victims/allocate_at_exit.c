/*
 * Handlers of atexit and on_exit, destructors, and stdio's flush at the very end still allocate and free; a
 * tracker that has torn its state down by then crashes, or loses blocks. Expected: all of it works, in every
 * order, and the segment holds the last block (100000 bytes) as live.
 */
#include "victim.h"

static void *from_main;

static void at_exit(void) {
  from_main = realloc(from_main, 5000);
  CHECK(from_main != NULL);
  if (is_tracked()) CHECK(!strcmp(category_of(from_main), "main"));
}

static void at_exit_last(void) {
  free(from_main);
  from_main = NULL;
  check_books("main", 2, 2);
}

static void on_exit_with(int status, void *block) {
  CHECK_EQUAL(status, 3);
  free(block);
}

__attribute__((destructor)) static void destructor(void) {
  enter("very/last");
  CHECK(from_main == NULL && malloc(100000) != NULL);
  leave();
}

int main(void) {
  enter("main");
  from_main = malloc(100);
  leave();
  CHECK_EQUAL(atexit(at_exit_last), 0);
  CHECK_EQUAL(on_exit(on_exit_with, malloc(100)), 0);
  CHECK_EQUAL(atexit(at_exit), 0);
  printf("%s\n", "flushed by exit");
  return 3;
}
