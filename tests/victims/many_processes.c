/*
 * A session of many processes that are there at the same time, each with a block of a size of its own. A line says that all
 * are there; they end when the input does. Expected: each has its books, and readers that look at all of them find all.
 *
 *   many_processes COUNT
 */
#include "victim.h"

static void wait_for_end(void) {
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
}

static void be_one(int number, int is_there) {
  enter("process");
  char *block = malloc(1000 + 16 * (size_t)number);
  for (int i = 0; i < 100; i++) free(malloc(50));
  leave();
  CHECK(block != NULL);
  check_books("process", 101, 100);
  CHECK_EQUAL(write(is_there, "+", 1), 1);
  wait_for_end();
  free(block);
  check_books("process", 101, 101);
  exit(0);
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 100, ends[2];
  CHECK_EQUAL(pipe(ends), 0);
  for (int i = 0; i < count; i++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) be_one(i, ends[1]);
  }
  char byte;
  for (int i = 0; i < count; i++) CHECK_EQUAL(read(ends[0], &byte, 1), 1);
  puts("all are there");
  fflush(stdout);
  wait_for_end();
  for (int i = 0; i < count; i++) {
    int status;
    CHECK(wait(&status) > 0);
    CHECK_EQUAL(status, 0);
  }
  puts("done");
  return 0;
}
