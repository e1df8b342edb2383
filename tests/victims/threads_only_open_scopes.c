/*
 * A thread that opens a scope but never allocates has a page of scopes and no slab. Expected: the page goes with the
 * thread, so that 2000 of them one after another leave the process as large as the first few did.
 */
#include "victim.h"

#define THREADS 2000

static void *run(void *category) {
  ration_tag_enter(*(uint32_t *)category);
  ration_tag_leave();
  return NULL;
}

static void run_threads(int count, uint32_t category) {
  for (int i = 0; i < count; i++) join_thread(start_thread(run, &category));
}

int main(void) {
  uint32_t category = ration_tag_category("opened");
  run_threads(10, category);
  mapped_pages(); /* stdio has its buffers now */
  long before = mapped_pages();
  run_threads(THREADS, category);
  long more = mapped_pages() - before;
  if (more >= THREADS / 10) printf("%ld pages more\n", more);
  puts("done");
  return 0;
}
