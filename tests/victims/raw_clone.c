/*
 * A child of the raw system call runs no handler of pthread_atfork: a shim that relies on one goes on writing
 * its parent's segment. Expected: the child counts its blocks anew, exactly, also those of another thread, of which some were
 * freed a moment ago; and its parent's books do not move.
 */
#include <sys/syscall.h>

#include "victim.h"

#define BLOCKS 1000

static void *blocks[BLOCKS];
static int taken[2], done[2];

static void *take(void *first) {
  char byte;
  enter("cloned/blocks");
  for (void **place = first; place < &blocks[BLOCKS]; place += 2)
    *place = malloc(1 + (size_t)(place - blocks) % 777);
  leave();
  if (first == blocks) return NULL;
  CHECK_EQUAL(write(taken[1], "", 1), 1);
  CHECK_EQUAL(read(done[0], &byte, 1), 1);
  return NULL;
}

/* Every second one is this thread's; the other one goes on. */
static pthread_t take_all(void) {
  char byte;
  CHECK(pipe(taken) == 0 && pipe(done) == 0);
  take(&blocks[0]);
  pthread_t other = start_thread(take, &blocks[1]);
  CHECK_EQUAL(read(taken[0], &byte, 1), 1);
  return other;
}

int main(void) {
  pthread_t other = take_all();
  for (int i = 0; i < BLOCKS; i += 4) free(blocks[i]), free(blocks[i + 1]);
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
    for (int i = 2; i < BLOCKS; i += 4) free(blocks[i]), free(blocks[i + 1]);
    check_books("cloned/blocks", BLOCKS / 2, BLOCKS / 2);
    enter("child");
    free(malloc(100));
    leave();
    _exit(4);
  }
  CHECK_EQUAL(status_of(pid), 4);
  check_books("cloned/blocks", BLOCKS, BLOCKS / 2);
  check_books("child", 0, 0);
  CHECK_EQUAL(write(done[1], "", 1), 1);
  CHECK_EQUAL(pthread_join(other, NULL), 0);
  puts("done");
  return 0;
}
