/*
 * heap.c: the heaps' start, and what is asked of a block of either.
 */
#include "heap/heap.h"

#include <ration/segment.h>

#include "heap/page/spans.h"
#include "os/clock.h"

uint32_t heap_is_left = 0;

/* libc's blocks lie at multiples of 16; jemalloc, tcmalloc and mimalloc hand out 8-aligned small ones. */
static uint32_t granule_shift(void) {
  return next.is_libc ? HEAP_LIBC_SHIFT : 3;
}

int heap_prepare(void) {
  return tag_map_prepare(granule_shift());
}

int heap_prepare_pages(uint64_t decay_ms, int is_hardened) {
  int result = page_heap_prepare(REGION_BYTES_MOST, is_hardened);
  if (result == 0) spans_set_decay(decay_ms);
  return result;
}

void heap_tend(struct stock *own) {
  if (own) stock_tend_in_turn(own, clock_coarse_ns() / 1000000);
}

int heap_trim(struct stock *own) {
  if (!heap_is_paged()) return 0;
  uint64_t before = spans_figures().purged;
  if (own) page_heap_trim(own);
  spans_purge();
  return spans_figures().purged != before;
}

void heap_shrink(void) {
  if (!heap_is_paged()) return;
  spans_shrink();
  stocks_shrink();
}

uint64_t heap_reservation(void) {
  return tag_map_reservation(granule_shift());
}

/* ---- fork ------------------------------------------------------------------------------------------------ */

static int knows_child; /* what there is to do in a child was done */

void heap_before_fork(void) {
  if (heap_is_paged()) spans_before_fork();
}

void heap_after_fork(void) {
  if (heap_is_paged()) spans_after_fork(0);
}

void heap_after_fork_in_child(const struct stock *own) {
  if (!heap_is_paged()) return;
  spans_after_fork(1);
  stocks_after_fork(own);
  knows_child = 1;
}

void heap_adopt_child(const struct stock *own) {
  if (!knows_child) heap_after_fork_in_child(own);
  knows_child = 0;
}

/* ---- whose ----------------------------------------------------------------------------------------------- */

static uint32_t tag_of(const void *address) {
  const unsigned char *tag = tag_place(address);
  return tag ? load_relaxed(tag) : 0; /* see tag_map.h */
}

uint32_t heap_whose(const void *address) {
  const struct heap_page *page = page_heap_find(address);
  if (!page) return tag_of(address);
  if (!page_heap_is_held(page, address)) return 0;
  return heap_is_marked(page, address) ? RATION_TAG_SAMPLED : page->category;
}

/* Of the page heap's blocks only the samples have a tag. */
static int mark(struct heap_page *page, void *block) {
  unsigned char *tag = tag_place_made(block);
  if (!tag) return 0;
  if (!load_relaxed(tag)) heap_page_count_mark(page, block, 1); /* its holder's */
  store_relaxed(tag, RATION_TAG_SAMPLED);                       /* see tag_map.h */
  return 1;
}

static void unmark(struct heap_page *page, void *block) {
  if (!heap_is_marked(page, block)) return;
  store_relaxed(tag_place(block), 0); /* see tag_map.h */
  heap_page_count_mark(page, block, 0);
}

int heap_may_mark(const void *block) {
  return tag_place_made(block) != NULL;
}

int heap_set_whose(void *block, uint32_t whose) {
  struct heap_page *page = page_heap_find(block);
  if (page && whose == RATION_TAG_SAMPLED) return mark(page, block);
  if (page) {
    unmark(page, block);
    return 1;
  }
  unsigned char *tag = whose ? tag_place_made(block) : tag_place(block);
  if (tag) store_relaxed(tag, (unsigned char)whose); /* see tag_map.h */
  return tag != NULL;
}
