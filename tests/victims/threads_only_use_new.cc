/*
 * A thread that calls nothing but operator new, which over some allocators goes straight to their heap. Expected: its
 * first block is counted, and all after it.
 */
#include <new>

#include "victim.h"

#define BLOCKS 1000

static void *volatile blocks[BLOCKS];

static void *run(void *unused) {
  for (int i = 0; i < BLOCKS; i++) blocks[i] = ::operator new(1000);
  return unused;
}

static void *free_all(void *unused) {
  for (int i = 0; i < BLOCKS; i++) ::operator delete(blocks[i]);
  return unused;
}

int main() {
  for (uint64_t round = 1; round <= 5; round++) {
    join_thread(start_thread(run, nullptr));
    if (is_tracked()) {
      CHECK_EQUAL(books_of("bin/threads_only_use_new").allocations, round * BLOCKS);
      CHECK_EQUAL(books_of("bin/threads_only_use_new").live_blocks, BLOCKS);
    }
    join_thread(start_thread(free_all, nullptr));
    check_books("bin/threads_only_use_new", round * BLOCKS, round * BLOCKS);
  }
  puts("done");
}
