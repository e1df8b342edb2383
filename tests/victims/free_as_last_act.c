/*
 * libc frees what it kept for a thread (here: the buffers of strerror and dlerror) after all of the thread's
 * key destructors, when the shim's own thread state is gone. Expected: no crash, and no such block stays in
 * the books.
 */
#include "victim.h"

#define THREADS 500

static void *run(void *unused) {
  CHECK(strstr(strerror(99999), "99999") != NULL);
  CHECK(dlsym(RTLD_DEFAULT, "no_such_symbol") == NULL);
  return unused;
}

int main(void) {
  join_thread(start_thread(run, NULL));
  struct ration_figures before = {.live_blocks = 0}, after = {.live_blocks = 0};
  if (is_tracked()) before = books_by_id(RATION_TOTAL);
  for (int i = 0; i < THREADS; i++) join_thread(start_thread(run, NULL));
  if (is_tracked()) after = books_by_id(RATION_TOTAL);
  CHECK_EQUAL(after.subtree_live_blocks, before.subtree_live_blocks);
  CHECK_EQUAL(after.subtree_live_bytes, before.subtree_live_bytes);
  puts("done");
  return 0;
}
