/*
 * Threads that fork without a pause while they and others allocate; children allocate, start a thread, fork again, and end
 * in each way that there is. Expected: no process hangs or crashes; what each counted for a category that is its alone is
 * exact, in the children, their children, and the parent.
 *
 *   fork_storm CHILDREN
 */
#include "victim.h"

#define THREADS 4
#define BLOCKS  50

static int children;

static void use(const char *category, uint64_t blocks) {
  enter(category);
  for (uint64_t i = 0; i < blocks; i++) free(realloc(malloc(10 + i), 500 + i));
  leave();
}

static void *use_in_thread(void *unused) {
  use("child", BLOCKS);
  return unused;
}

static void be_grandchild(void) {
  use("grandchild", BLOCKS);
  check_books("grandchild", 2 * BLOCKS, 2 * BLOCKS);
  raise(SIGKILL);
}

static void be_child(int number) {
  use("child", BLOCKS);
  if (number % 4 == 0) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) be_grandchild();
    CHECK_EQUAL(status_of(child), 128 + SIGKILL);
  }
  uint64_t blocks = BLOCKS;
  if (number % 2 == 0) {
    join_thread(start_thread(use_in_thread, NULL));
    blocks *= 2;
  }
  check_books("child", 2 * blocks, 2 * blocks);
  if (number % 3 == 0) exit(0);
  if (number % 3 == 1) _exit(0);
  raise(SIGTERM);
}

static void *storm(void *unused) {
  for (int i = 0; i < children / THREADS; i++) {
    use("parent", BLOCKS);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) be_child(i);
    CHECK_EQUAL(status_of(child), i % 3 == 2 ? 128 + SIGTERM : 0);
  }
  return unused;
}

int main(int argc, char **argv) {
  pthread_t threads[THREADS];
  children = argc > 1 ? atoi(argv[1]) : 200;
  for (int i = 0; i < THREADS; i++) threads[i] = start_thread(storm, NULL);
  for (int i = 0; i < THREADS; i++) join_thread(threads[i]);
  uint64_t blocks = (uint64_t)(children / THREADS * THREADS) * BLOCKS * 2;
  check_books("parent", blocks, blocks);
  puts("done");
  return 0;
}
