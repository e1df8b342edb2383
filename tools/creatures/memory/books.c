/*
 * books.c: reads them.
 */
#include "memory/books.h"

#include <malloc.h>

static void read_process(struct books *books);
static double fragmentation_of(struct ration_pools *pools);
static size_t free_in(struct ration_pools *pools);

void books_read(struct memory_root *memory, struct books *ret_books) {
  struct ration_pools *pools = ration_allocator_pools(&memory->allocator);
  struct ration_pool_counts counts;
  *ret_books = (struct books){.fragmentation = fragmentation_of(pools)};
  read_process(ret_books);
  if (!ration_pools_total(pools, &counts)) ret_books->pool_hit_rate = ration_pool_hit_rate(&counts);
}

static void read_process(struct books *books) {
  struct ration_figures figures = {.size = sizeof figures};
  if (ration_stats(RATION_TOTAL, &figures)) return;
  books->allocations = figures.subtree_allocations;
  books->frees = figures.subtree_frees;
  books->live_bytes = figures.subtree_live_bytes;
  books->peak_bytes = figures.subtree_peak_bytes;
}

/* arena and hblkhd: what the C library got from the system for small blocks, and for those that it maps one by one. */
static double fragmentation_of(struct ration_pools *pools) {
  struct mallinfo2 heap = mallinfo2();
  size_t held = heap.arena + heap.hblkhd, used = heap.uordblks + heap.hblkhd, unused = free_in(pools);
  if (!held || used > held || unused > used) return 0;
  return 1 - (double)(used - unused) / (double)held;
}

/* Bytes of objects that no one has taken. */
static size_t free_in(struct ration_pools *pools) {
  struct ration_pools_report report;
  size_t bytes = 0;
  for (size_t i = 0; !ration_pools_at(pools, i, &report); i++)
    bytes += (report.counts.capacity - report.counts.used) * report.type->size;
  return bytes;
}
