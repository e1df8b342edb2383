/*
 * Events faster than anyone can read them, from several threads at once, while a reader reads. Expected: what the reader
 * has shown, and what it says was overwritten or lost, is what was written.
 *
 *   marks_at_top_speed COUNT [THREADS]    a line says that it is there; it begins when it has been given a line, and ends
 *                                         when its input does
 */
#include "victim.h"

#define MOST 64

static uint64_t each;

static void *run(void *unused) {
  for (uint64_t i = 0; i < each; i++) CHECK_EQUAL(SHIM(ration_mark)("event", i), 0);
  return unused;
}

int main(int argc, char **argv) {
  pthread_t threads[MOST];
  int count = argc > 2 ? atoi(argv[2]) : 2;
  CHECK(count > 0 && count <= MOST && is_tracked());
  each = (argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000) / (uint64_t)count;
  puts("here");
  fflush(stdout);
  int byte = getchar();
  CHECK(byte != EOF);
  for (int i = 0; i < count; i++) threads[i] = start_thread(run, NULL);
  for (int i = 0; i < count; i++) join_thread(threads[i]);
  puts("done");
  fflush(stdout);
  while (getchar() != EOF) {
  }
  return 0;
}
