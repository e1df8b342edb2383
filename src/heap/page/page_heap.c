/*
 * page_heap.c: see page_heap.h.
 */
#include "heap/page/page_heap.h"

#include <errno.h>
#include <ration/segment.h>
#include <string.h>

#include "heap/page/harden.h"
#include "heap/page/large.h"
#include "heap/page/spans.h"

/* What readers find in the process's memory. */
#define IS_AT(mine, theirs) (offsetof(struct heap_page, mine) == offsetof(struct ration_page_row, theirs))
_Static_assert(IS_AT(mask_too, mask) && IS_AT(large_bytes, large_bytes) && IS_AT(owner, owner), "as it says");
_Static_assert(IS_AT(bytes, bytes) && IS_AT(carved_bytes, carved_bytes) && IS_AT(capacity, capacity),
               "likewise");
_Static_assert(IS_AT(first, first) && IS_AT(carved_from, first) && IS_AT(delayed, delayed), "likewise");
_Static_assert(IS_AT(left, left) && IS_AT(tells_at, tells_at) && IS_AT(remote, remote) && IS_AT(dirty, dirty),
               "likewise");
_Static_assert(IS_AT(category, category) && IS_AT(kind, kind) && IS_AT(order, order), "likewise");
_Static_assert(SLOT_FREE == RATION_SLOT_FREE && SLOT_PAGE == RATION_SLOT_PAGE &&
                   SLOT_PART == RATION_SLOT_PART && SLOT_LARGE == RATION_SLOT_LARGE,
               "likewise");

int page_heap_prepare(size_t bytes_most, int is_hardened) {
  int result = region_prepare(bytes_most);
  if (is_hardened) harden_start();
  if (result == 0 && stocks_prepare() < 0) {
    region_unprepare();
    result = -ENOMEM;
  }
  if (result == 0) spans_prepare();
  large_prepare();
  return result;
}

/* ---- to take, to give ---------------------------------------------------------------------------------------- */

static void *take_small(struct stock *stock, uint32_t category, uint32_t class, int is_zeroed) {
  void *block = stock_take(stock, category, class);
  if (UNLIKELY(!block)) block = stock_take_slow(stock, category, class);
  if (block && is_zeroed) memset(block, 0, size_class_bytes(class));
  if (block && UNLIKELY(harden.is_on)) harden_arm(page_heap_find(block), block);
  return block;
}

static int is_large(size_t bytes, size_t alignment) {
  return bytes > SIZE_CLASSED_MOST - harden.canary || alignment > SIZE_CLASSED_MOST;
}

static uint32_t class_of(size_t bytes, size_t alignment) {
  bytes += harden.canary;
  return alignment > SIZE_CLASS_STEP ? size_class_of_aligned(bytes, alignment) : size_class_of(bytes);
}

void *page_heap_take(struct stock *stock, uint32_t category, size_t bytes, size_t alignment, int is_zeroed) {
  if (alignment > PAGE_HEAP_ALIGNMENT_MOST) return NULL;
  if (is_large(bytes, alignment)) return large_take(category, bytes, alignment, is_zeroed);
  return take_small(stock, category, class_of(bytes, alignment), is_zeroed);
}

/* By now it is nobody's. */
static void give(struct stock *stock, struct heap_page *page, void *block) {
  if (page->kind == SLOT_LARGE)
    large_give(page);
  else if (stock && heap_page_owner(page) == stock)
    stock_give(stock, page, block);
  else
    stock_send(stock, page, block);
}

static void give_hardened(struct stock *stock, struct heap_page *page, void *block) {
  harden_check(page, block);
  if (stock) block = harden_delay(stock, page, block);
  if (block) give(stock, page_heap_find(block), block);
}

void page_heap_give(struct stock *stock, struct heap_page *page, void *block) {
  if (UNLIKELY(harden.is_on) && page->kind == SLOT_PAGE)
    give_hardened(stock, page, block);
  else
    give(stock, page, block);
}

static void end_delays(struct stock *stock) {
  for (void *block; harden.is_on && (block = harden_end_delay(stock));)
    give(stock, page_heap_find(block), block);
}

void page_heap_end(struct stock *stock) {
  end_delays(stock);
  stock_end(stock);
}

void page_heap_trim(struct stock *stock) {
  end_delays(stock);
  stock_trim(stock);
}

size_t page_heap_usable_of(size_t bytes, size_t alignment) {
  if (alignment > PAGE_HEAP_ALIGNMENT_MOST) return 0;
  if (is_large(bytes, alignment)) return large_usable(bytes);
  return size_class_bytes(class_of(bytes, alignment)) - harden.canary;
}

/* ---- to resize ------------------------------------------------------------------------------------------------- */

int page_heap_may_resize(const struct heap_page *page, size_t bytes, size_t *ret_usable) {
  if (page->kind == SLOT_LARGE) {
    *ret_usable = large_usable(bytes);
    return is_large(bytes, 0) && large_has_room(page, bytes);
  }
  *ret_usable = page->usable;
  return page_heap_has_fit(page, bytes);
}

int page_heap_resize(struct heap_page *page, size_t bytes) {
  size_t usable;
  if (!page_heap_may_resize(page, bytes, &usable)) return 0;
  return page->kind != SLOT_LARGE || large_resize(page, bytes);
}

void *page_heap_move(struct stock *stock, struct heap_page *page, void *block, size_t bytes) {
  if (page->kind == SLOT_LARGE && is_large(bytes, 0)) return large_move(page, bytes);
  size_t held = page_heap_usable(page);
  void *moved = page_heap_take(stock, page->category, bytes, 0, 0);
  if (!moved) return NULL;
  memcpy(moved, block, held < bytes ? held : bytes);
  page_heap_give(stock, page, block);
  return moved;
}

/* ---- figures and checks -------------------------------------------------------------------------------------- */

/* The slot behind the span that begins at this one: the next one's first. */
static uint32_t next_span(uint32_t slot) {
  return slot + (1u << region.rows[slot].order);
}

/* Those that are on their way back count as given out no more, once they hang there, nor those that wait. Not below 0: others
   go on. */
static uint64_t count_blocks(const struct stock *own, const struct heap_page *page) {
  if (page->kind == SLOT_LARGE) return 1;
  uint32_t used = heap_page_used(page), away = remote_count(load_relaxed(&page->remote)); /* see census.h */
  if (own) away += stock_count_sent(own, page);
  away += load_relaxed(&page->delayed); /* likewise */
  if (used > page->capacity) used = page->capacity;
  return used > away ? used - away : 0;
}

void page_heap_visit(const struct stock *own,
                     void (*visit)(void *context, const struct heap_page *page, uint64_t blocks),
                     void *context) {
  for (uint32_t slot = 1, end = spans_managed(); slot < end; slot = next_span(slot)) {
    const struct heap_page *page = &region.rows[slot];
    enum slot_kind kind = heap_page_kind(page);
    if (kind == SLOT_PAGE || kind == SLOT_LARGE) visit(context, page, count_blocks(own, page));
  }
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
