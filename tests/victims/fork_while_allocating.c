/*
 * A child of fork inherits every lock as it was at that moment; where another thread held one, the child's
 * first malloc waits for ever. Expected: the child of a process whose other threads allocate runs on, with
 * books of its own that begin with its parent's (off by no more than what moved meanwhile), and never writes
 * its parent's.
 */
#include "victim.h"

#define THREADS 4
#define FORKS   25

static int is_over;
static uint64_t counted[THREADS];

static void *churn(void *count) {
  void *blocks[64] = {NULL};
  unsigned at = 0;
  enter("churn");
  for (; !__atomic_load_n(&is_over, __ATOMIC_RELAXED); ++*(uint64_t *)count, at++) {
    free(blocks[at % 64]);
    blocks[at % 64] = malloc(at * 7919 % 3000);
  }
  for (int i = 0; i < 64; i++) free(blocks[i]);
  leave();
  return NULL;
}

static int child(void *kept) {
  enter("child");
  void *block = malloc(1000);
  leave();
  check_books("child", 1, 0);
  if (is_tracked()) CHECK(!strcmp(category_of(kept), "kept"));
  check_books("kept", 1, 0);
  free(kept);
  free(block);
  check_books("kept", 1, 1);
  check_books("child", 1, 1);
  return 0;
}

int main(void) {
  pthread_t threads[THREADS];
  enter("kept");
  void *kept = malloc(5000);
  leave();
  for (int i = 0; i < THREADS; i++) threads[i] = start_thread(churn, &counted[i]);
  for (int i = 0; i < FORKS; i++) {
    pid_t pid = fork();
    if (pid == 0) _exit(child(kept));
    CHECK_EQUAL(status_of(pid), 0);
  }
  __atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < THREADS; i++) join_thread(threads[i]);
  uint64_t all = 0;
  for (int i = 0; i < THREADS; i++) all += counted[i];
  check_books("churn", all, all);
  check_books("kept", 1, 0);
  check_books("child", 0, 0);
  puts("done");
  return 0;
}
