/*
 * A child that waits, before the shim's own handler of fork has run in it, until its parent has allocated and freed.
 * Expected: it starts with exactly what its parent had, and no error is told of it; unless (`late`) a handler of the
 * program's allocates when the shim has already summed the books.
 */
#include "victim.h"

static int go[2];
static int is_late;
static void *late;

static void allocate_late(void) {
  if (is_late) late = malloc(100);
}

static void wait_for_parent(void) {
  char byte;
  CHECK_EQUAL(read(go[0], &byte, 1), 1);
}

static void begin(void) {
  pthread_atfork(allocate_late, NULL, wait_for_parent);
}

__attribute__((section(".preinit_array"), used)) static void (*const before_all)(void) = begin;

int main(int argc, char **argv) {
  (void)argv;
  struct ration_figures before = {0}, after = {0};
  CHECK_EQUAL(pipe(go), 0);
  void *block = malloc(1000);
  if (is_tracked()) before = books_of("total");
  is_late = argc > 1;
  pid_t pid = fork();
  if (pid == 0) {
    if (is_tracked()) after = books_of("total");
    CHECK_EQUAL(before.subtree_allocations, after.subtree_allocations);
    CHECK_EQUAL(before.subtree_live_bytes, after.subtree_live_bytes);
    free(malloc(10));
    _exit(0);
  }
  for (size_t i = 1; i < 5000; i++) free(malloc(i));
  free(block);
  free(late);
  CHECK_EQUAL(write(go[1], "g", 1), 1);
  CHECK_EQUAL(status_of(pid), 0);
  puts("done");
  return 0;
}
