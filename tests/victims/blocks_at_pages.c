/*
 * For an allocator below of whose blocks no size can be known (lib_guarded_pages.c, lib_odd_sizes.c): blocks of all
 * sizes, made, resized and freed, by two threads. Expected: the program runs on, and is not tracked.
 */
#include "victim.h"

static void *run(void *unused) {
  for (size_t i = 0; i < 300; i++) {
    char *block = i % 2 ? malloc(i * 30) : calloc(1, i * 30);
    memset(block, (int)i, i * 30);
    block = realloc(block, i * 60 + 1);
    for (size_t at = 0; at < i * 30; at++) CHECK(block[at] == (char)i);
    free(block);
    free(strdup("a string"));
  }
  return unused;
}

int main(void) {
  void *first = malloc(100);
  pthread_t thread = start_thread(run, NULL);
  run(NULL);
  join_thread(thread);
  free(first);
  puts("done");
  return 0;
}
