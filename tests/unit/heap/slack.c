/*
 * slack.c: tests of src/heap/slack.c: no realloc of glibc's comes out larger than was foretold.
 */
#include "heap/slack.h"

#include <criterion/criterion.h>
#include <malloc.h>

#include "base/random.h"
#include "heap/heap.h"
#include "track/tracked.h"

Test(slack, is_none_where_all_blocks_were_exact) {
  cr_assert_not(slack_is_none(), "not before there were some");
  for (int i = 0; i < 63; i++) slack_note(100, 100);
  cr_assert_not(slack_is_none());
  slack_note(100, 100);
  cr_assert(slack_is_none());
  slack_note(100, 101);
  cr_assert_not(slack_is_none());
  for (int i = 0; i < 1000; i++) slack_note(100, 100);
  cr_assert_not(slack_is_none(), "one is enough, for good");
}

/* Over the allocator of this process, and as it is asked: one that grows, whatever block it was. */
static void *expect_foretold(void *block, size_t requested) {
  size_t old = heap_usable(block);
  if (requested <= old) requested = old + 1;
  uint64_t bound = slack_bound(old, requested);
  void *moved = next.realloc(block, requested);
  cr_assert_not_null(moved);
  size_t usable = heap_usable(moved);
  cr_assert_leq(usable, bound, "%zu to %zu: %zu usable, over %lu", old, requested, usable,
                (unsigned long)bound);
  return moved;
}

/* 0: it is a sanitizer's heap that is below. Else all from `threshold` on are mapped, the heap's top being used up. */
static int begin(int threshold) {
  tracked_start();
  tracked_free(tracked_malloc(1));
  if (!heap_is_libc()) return 0;
  cr_assert_eq(mallopt(M_MMAP_THRESHOLD, threshold), 1);
  cr_assert_eq(mallopt(M_TOP_PAD, 0), 1);
  for (int i = 0; i < 200; i++) cr_assert_not_null(next.malloc(4000));
  return 1;
}

Test(slack, foretells_every_size_around_pages) {
  if (!begin(128 << 10)) return;
  for (size_t page = 0; page < 80; page++)
    for (size_t bytes = page * 4096 + 4096 - 48; bytes <= page * 4096 + 4096 + 48; bytes += 4)
      next.free(expect_foretold(next.malloc(bytes / 2), bytes));
}

Test(slack, foretells_blocks_that_are_mapped_already) {
  if (!begin(128 << 10)) return;
  for (size_t bytes = 200000; bytes < 200000 + 9000; bytes += 4)
    next.free(expect_foretold(next.malloc(150000), bytes));
}

Test(slack, foretells_aligned_blocks_that_are_mapped) {
  if (!begin(128 << 10)) return;
  for (size_t alignment = 16; alignment <= 1 << 16; alignment *= 2)
    for (size_t bytes = 300000; bytes < 300000 + 9000; bytes += 8) {
      void *block = NULL;
      cr_assert_eq(next.any.posix_memalign(&block, alignment, 200000), 0);
      next.free(expect_foretold(block, bytes));
    }
}

/* A program may lower the threshold, so that small ones are mapped, too: of less than a page, whatever a page is. */
Test(slack, foretells_blocks_that_are_mapped_on_request) {
  if (!begin(64)) return;
  for (size_t bytes = 200; bytes < 30000; bytes += 8)
    next.free(expect_foretold(next.malloc(bytes / 2), bytes));
}

Test(slack, foretells_at_random) {
  struct random random = {.seed = 3};
  void *blocks[64] = {NULL};
  if (!begin(128 << 10)) return;
  for (int i = 0; i < 60000; i++) {
    void **block = &blocks[random_below(&random, 64)];
    next.free(*block);
    *block = next.malloc(random_size(&random, 100000));
    if (random_below(&random, 3) == 0) *block = expect_foretold(*block, random_size(&random, 300000));
  }
  for (int i = 0; i < 64; i++) next.free(blocks[i]);
}

Test(slack, of_absurd_sizes_is_not_foretold) {
  cr_assert_eq(slack_bound(0, UINT64_C(1) << 47), 0);
  cr_assert_eq(slack_bound(0, UINT64_MAX), 0);
}
