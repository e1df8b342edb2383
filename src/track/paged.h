/*
 * paged.h: the hot path over the page heap: what happens on allocation and on free where a thread's blocks come from its
 * stock (heap/page/stock.h).
 *
 * A block's category is its page's, so it is known before there is a block, and the block is charged before it is taken.
 * There is no tag to be written: whose a block is, its page says, and to whom it goes back.
 *
 * Budget, for an operation that stays here (as in track.h; a block of up to 1 KiB, for a free of one's own): no lock, no
 * system call, no loop, no cache line written that other threads write; heap and books together 53 instructions on
 * allocation and 50 on free.
 *
 * The order of things:
 *   allocation  charge -> block from the page -> counts
 *   free        block back to the page -> charge; the thread's own credit before, as in track.h
 *
 * In-malloc: errno stays; who takes a slow path restores it.
 */
#ifndef RATION_TRACK_PAGED_H
#define RATION_TRACK_PAGED_H

#include "heap/heap.h"
#include "heap/request.h"
#include "model/tally.h"
#include "track/asker.h"
#include "track/caller.h"
#include "track/heartbeat.h"
#include "track/thread.h"

/* NULL: a thread with this record may not take this path just now. */
ALWAYS_INLINE struct ration_segment_tally *paged_tallies(const struct record *record) {
  return load_relaxed(&record->paged_tallies); /* dlclose may take it away: see caller.h */
}

/*
 * A block of the page, of so many usable bytes, charged to the tally of its category and counted. NULL: not all is at hand,
 * and nothing has changed. A heartbeat may be due after it.
 */
ALWAYS_INLINE void *paged_may_take(struct heap_page *page, uint64_t usable, size_t requested,
                                   struct ration_segment_tally *tally, struct record *record) {
  if (UNLIKELY(!page)) return NULL;
  struct heap_page_next head = heap_page_next(page);
  if (UNLIKELY(!head.block) || UNLIKELY(!tally_may_take(tally, usable))) return NULL;
  void *block = heap_page_take_next(page, head);
  tally_count_allocation(tally, usable, requested);
  heartbeat_count_down(record, usable);
  return block;
}

/* Where the call site's entry says where its category's tally is, it also says where its pages are. */
_Static_assert(sizeof(struct ration_segment_tally) * 16 == STOCK_STRIDE * sizeof(struct heap_page *),
               "sixteen times as far");

/*
 * A signal handler may fork anywhere here, and in the child the record is wiped (process_wipe). So stock and tallies are loaded
 * before the call site is looked up: where it is still found, they are what the record had before; else nothing is done.
 */
ALWAYS_INLINE struct heap_page *paged_page_of(const struct stock *stock, const struct caller *entry,
                                              uint64_t class) {
  return ((struct heap_page *const *)(const void *)stock->pages)[(uint64_t)entry->tally_at * 2 + class];
}

/*
 * The same for a call site that is cached, where no scope is open, in a thread that may take this path: small: of 1 to
 * 1,024 bytes, of which the classes are one each 16 bytes (size_class.h); classed: of up to 64 KiB; refilled: the same, where
 * the page may have no block at hand.
 */
#define PAGED_SMALL_MOST (SIZE_CLASS_FINE * SIZE_CLASS_STEP)

ALWAYS_INLINE void *paged_may_take_small(size_t requested, uintptr_t caller, struct record *record,
                                         struct ration_segment_tally *tallies) {
  const struct stock *stock =
      load_relaxed(&record->stock); /* its owner's: what is loaded so stays where it is */
  fence_signal();                   /* pairs with process_wipe */
  const struct caller *entry = caller_entry(caller, record);
  if (UNLIKELY(!caller_is_cached(entry, caller, record))) return NULL;
  struct ration_segment_tally *tally = (void *)((char *)tallies + entry->tally_at);
  uint64_t usable =
      (requested + SIZE_CLASS_STEP - 1) & ~(uint64_t)(SIZE_CLASS_STEP - 1); /* of 0 there is no page */
  return paged_may_take(paged_page_of(stock, entry, usable / SIZE_CLASS_STEP), usable, requested, tally,
                        record);
}

ALWAYS_INLINE void *paged_may_take_classed(size_t requested, uintptr_t caller, struct record *record) {
  const struct stock *stock = load_relaxed(&record->stock);              /* as above */
  struct ration_segment_tally *tallies = load_relaxed(&record->tallies); /* likewise */
  fence_signal();                                                        /* pairs with process_wipe */
  const struct caller *entry = caller_entry(caller, record);
  if (UNLIKELY(!caller_is_cached(entry, caller, record)) || UNLIKELY(requested > SIZE_CLASSED_MOST))
    return NULL;
  struct ration_segment_tally *tally = (void *)((char *)tallies + entry->tally_at);
  uint32_t class = size_class_of(requested);
  return paged_may_take(paged_page_of(stock, entry, class), size_class_bytes(class), requested, tally,
                        record);
}

ALWAYS_INLINE void *paged_may_take_refilled(size_t requested, uintptr_t caller, struct record *record) {
  const struct stock *stock =
      load_relaxed(&record->stock); /* its owner's: what is loaded so stays where it is */
  fence_signal();                   /* pairs with process_wipe */
  const struct caller *entry = caller_entry(caller, record);
  if (UNLIKELY(!caller_is_cached(entry, caller, record)) || UNLIKELY(requested > SIZE_CLASSED_MOST))
    return NULL;
  struct heap_page *page = paged_page_of(stock, entry, size_class_of(requested));
  return page && stock_refill(page) ? paged_may_take_classed(requested, caller, record) : NULL;
}

/* The same, where a block may be at hand and the credit does not reach: for a category, which gets a batch of it. */
void *paged_may_take_charged(size_t requested, uint32_t category);

ALWAYS_INLINE void *paged_may_take_ahead(size_t requested, uintptr_t caller, const struct record *record) {
  const struct caller *entry = caller_entry(caller, record);
  if (UNLIKELY(!caller_is_cached(entry, caller, record)) || UNLIKELY(requested > SIZE_CLASSED_MOST))
    return NULL;
  return paged_may_take_charged(requested, entry->category);
}

/* A block of the stock's own, not marked as a sample, begins there. Such a page is one slot, or the block lies in its first:
   see page_heap_find. */
ALWAYS_INLINE int paged_is_own(const struct heap_page *page, const void *block, const struct stock *stock) {
  if (UNLIKELY(load_relaxed(&page->owner) != (uint64_t)(uintptr_t)stock) && /* see heap_page_owner */
      (heap_page_owner(page) != stock || heap_is_marked(page, block)))
    return 0;
  return LIKELY(heap_page_has_block(page, region_offset(block)));
}

/* A block of the thread's own stock, not marked as a sample: goes back. -1: it lies elsewhere, as NULL does; 0: it is none, or
   not all is at hand; then nothing has changed. The record is the thread's. */
ALWAYS_INLINE int paged_may_give(void *block, const struct record *record) {
  struct ration_segment_tally *tallies = paged_tallies(record);
  if (UNLIKELY(!tallies)) return 0;
  if (UNLIKELY(!region_holds(block))) return -1;
  struct stock *stock = record->stock;
  struct heap_page *page = region_row_of(block);
  if (UNLIKELY(!paged_is_own(page, block, stock))) return 0;
  uint64_t mark = heap_page_mark(page, block);
  if (UNLIKELY(((struct free_block *)block)->mark == mark)) return 0; /* see heap_page_is_freed */
  struct ration_segment_tally *tally = &tallies[page->category];
  if (UNLIKELY(!tally_may_give(tally, page->bytes))) return 0;
  add_owned(&tally->frees, 1);
  if (UNLIKELY(heap_page_give(page, block, mark))) stock_told(stock, page);
  return 1;
}

/* The same for any block of a heap page, whoever's. */
int paged_may_give_any(void *block);

/*
 * Whatever leaves that: for a thread with a slab and a stock, in a process that tracks. NULL, and *ret_refused is 1: by a
 * budget or `fail`; is 0: the page heap has no such block, and the system heap is to be asked.
 */
void *paged_allocate(struct request request, struct asker asker, int *ret_refused);

/*
 * Resizes a block of the thread's own stock, that is no sample, to 1 to 65,536 bytes, where it is or by another one of the
 * stock's. NULL: it is none, or not all is at hand, and nothing has changed.
 */
void *paged_may_resize(void *block, size_t bytes, struct asker asker);

/* A block of the page heap, in whatever state the thread and the process are. */
void paged_free(struct heap_page *page, void *block);

#endif
