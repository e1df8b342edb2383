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

static void *do_nothing(void *unused) {
  return unused;
}

/* libc keeps the stack of a thread that has ended, and what it has allocated for it, for the next. */
int main() {
  join_thread(start_thread(do_nothing, nullptr));
  struct ration_figures before = {};
  if (is_tracked()) before = books_of("bin/threads_only_use_new");
  for (uint64_t round = 1; round <= 5; round++) {
    join_thread(start_thread(run, nullptr));
    if (is_tracked()) {
      struct ration_figures books = books_of("bin/threads_only_use_new");
      CHECK_EQUAL(books.allocations - before.allocations, round * BLOCKS);
      CHECK_EQUAL(books.live_blocks - before.live_blocks, BLOCKS);
    }
    join_thread(start_thread(free_all, nullptr));
    check_books("bin/threads_only_use_new", before.allocations + round * BLOCKS,
                before.frees + round * BLOCKS);
  }
  puts("done");
}
