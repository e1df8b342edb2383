/*
 * page_heap.c: see page_heap.h.
 */
#include "heap/page/page_heap.h"

#include <string.h>

#include "heap/page/large.h"
#include "heap/page/spans.h"

int page_heap_prepare(size_t bytes_most) {
  int result = region_prepare(bytes_most);
  if (result == 0) result = stocks_prepare();
  if (result == 0) spans_prepare();
  return result;
}

/* ---- to take, to give ---------------------------------------------------------------------------------------- */

static void *take_small(struct stock *stock, uint32_t category, uint32_t class, int is_zeroed) {
  void *block = stock_take(stock, category, class);
  if (UNLIKELY(!block)) block = stock_take_slow(stock, category, class);
  if (block && is_zeroed) memset(block, 0, size_class_bytes(class));
  return block;
}

void *page_heap_take(struct stock *stock, uint32_t category, size_t bytes, size_t alignment, int is_zeroed) {
  if (alignment > PAGE_HEAP_ALIGNMENT_MOST) return NULL;
  if (bytes > SIZE_CLASSED_MOST || alignment > SIZE_CLASSED_MOST)
    return large_take(category, bytes, alignment, is_zeroed);
  uint32_t class =
      alignment > SIZE_CLASS_STEP ? size_class_of_aligned(bytes, alignment) : size_class_of(bytes);
  return take_small(stock, category, class, is_zeroed);
}

void page_heap_give(struct stock *stock, struct heap_page *page, void *block) {
  if (page->kind == SLOT_LARGE)
    large_give(page);
  else if (stock && page->owner == stock->number)
    stock_give(stock, page, block);
  else
    stock_send(stock, page, block);
}

/* A block of a page stays where it is for as long as it is of the right class, or not much too large. */
int page_heap_resize(struct heap_page *page, size_t bytes) {
  if (page->kind == SLOT_LARGE) return bytes > SIZE_CLASSED_MOST && large_resize(page, bytes);
  return bytes <= page->bytes && (bytes >= page->bytes / 2 || size_class_of(bytes) == page->class);
}

/* ---- figures and checks -------------------------------------------------------------------------------------- */

/* The slot behind the span that begins at this one: the next one's first. */
static uint32_t next_span(uint32_t slot) {
  return slot + (1u << region.rows[slot].order);
}

struct page_heap_figures page_heap_figures(uint32_t category) {
  struct page_heap_figures sum = {0};
  for (uint32_t slot = 1; slot < spans_managed(); slot = next_span(slot)) {
    const struct heap_page *page = &region.rows[slot];
    if (page->category != category) continue;
    if (page->kind == SLOT_LARGE) {
      sum.blocks++, sum.bytes += page->large_bytes;
    } else if (page->kind == SLOT_PAGE) {
      uint64_t used = page->used - remote_count(load_relaxed(&page->remote)); /* at rest */
      sum.blocks += used, sum.bytes += used * page->bytes;
    } else {
      continue;
    }
    sum.held += SLOT_BYTES << page->order;
  }
  return sum;
}

int page_heap_is_valid(void) {
  if (!spans_are_valid()) return 0;
  for (uint32_t slot = 1; slot < spans_managed(); slot = next_span(slot)) {
    const struct heap_page *page = &region.rows[slot];
    if (slot & ((1u << page->order) - 1)) return 0;
    if (page->kind == SLOT_PAGE && !heap_page_is_valid(page)) return 0;
    if (page->kind == SLOT_LARGE && page->large_bytes > SLOT_BYTES << page->order) return 0;
  }
  return 1;
}
