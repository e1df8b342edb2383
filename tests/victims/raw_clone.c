/*
 * A child of the raw system call runs no handler of pthread_atfork: a shim that relies on one goes on writing
 * its parent's segment. Expected: the child counts its blocks anew, exactly, and its parent's books do not
 * move.
 */
#include <sys/syscall.h>

#include "victim.h"

#define BLOCKS 1000

int main(void) {
  static void *blocks[BLOCKS];
  enter("cloned/blocks");
  for (int i = 0; i < BLOCKS; i++) blocks[i] = malloc(1 + (size_t)i % 777);
  for (int i = 0; i < BLOCKS; i += 2) free(blocks[i]);
  leave();
  struct ration_figures before = {.size = 0}, now;
  if (is_tracked()) before = books_of("cloned/blocks");
  pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
  CHECK(pid >= 0);
  if (pid == 0) {
    if (is_tracked()) {
      now = books_of("cloned/blocks");
      CHECK_EQUAL(now.live_blocks, BLOCKS / 2);
      CHECK_EQUAL(now.live_bytes, before.live_bytes);
    }
    for (int i = 1; i < BLOCKS; i += 2) free(blocks[i]);
    check_books("cloned/blocks", BLOCKS / 2, BLOCKS / 2);
    enter("child");
    free(malloc(100));
    leave();
    _exit(4);
  }
  CHECK_EQUAL(status_of(pid), 4);
  check_books("cloned/blocks", BLOCKS, BLOCKS / 2);
  check_books("child", 0, 0);
  puts("done");
  return 0;
}
