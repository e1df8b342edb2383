/*
 * stock.h: the heap pages of one thread, by category and size class; who owns which.
 *
 * A stock has one owner, who alone takes from its pages and gives to them without a locked instruction. Like a slab it
 * passes to another thread, with all its pages, when its owner ends. For each category and class it has a list of pages
 * with room, of which the first is taken from; a page without room lies aside until a block of it comes back.
 *
 *   pages[category][class] = the first one; NULL: there is none
 *
 * Blocks of other stocks that this thread frees wait in its outbox, so that many of one page go there at once: at most
 * OUTBOX_BLOCKS or OUTBOX_BYTES of each of OUTBOX_PAGES pages. They are sent when a page has that many, when another page
 * needs the place, when the thread needs a new page, ends, or tends its stock.
 *
 * What is kept beyond what blocks need is bounded: for each (category, class) one page that has been empty for less than
 * the decay; by idle threads, their pages with room (those without are taken back from them by stock_tend).
 */
#ifndef RATION_HEAP_PAGE_STOCK_H
#define RATION_HEAP_PAGE_STOCK_H

#include "heap/page/remote.h"

#define STOCKS_MOST      1024 /* threads beyond these get their blocks from the system heap; 0 is none */
#define STOCK_CATEGORIES 256
#define STOCK_STRIDE     128
#define OUTBOX_PAGES     16
#define OUTBOX_BLOCKS    64
#define OUTBOX_BYTES     8192

struct outbox_entry {
  struct chain chain; /* count 0: nothing */
  uint32_t page;
  uint32_t reserved;
};

#define DELAYED_BLOCKS 64

struct stock {
  uint32_t number;
  uint32_t retired_first, retired_last; /* slots of pages that were empty, the oldest first; see retire */
  uint64_t held;                        /* slots of its pages; others give some of them back */
  uint64_t tended_at;                   /* ms */
  uint32_t categories;                  /* one past the highest of which there was a page */

  uint32_t delayed_at; /* of the next one: see harden.h */
  void *delayed[DELAYED_BLOCKS];

  /* Slot of the first page that others have put here: see remote.h. */
  uint32_t inbox __attribute__((aligned(64)));

  struct outbox_entry outbox[OUTBOX_PAGES] __attribute__((aligned(64)));
  struct heap_page *pages[STOCK_CATEGORIES][STOCK_STRIDE] __attribute__((aligned(64)));
};
_Static_assert(SIZE_CLASSES <= STOCK_STRIDE, "each class has its place");

/* Once, after spans_prepare. Returns 0 or -ENOMEM. */
int stocks_prepare(void);

/* Gives back the address space of those that there never were, once nobody begins with one any more. */
void stocks_shrink(void);

/* One that is nobody's is the calling thread's from now on; NULL: there is none. Back it goes when its owner ends. */
struct stock *stock_begin(void);
void stock_end(struct stock *stock);

/* A block; NULL: stock_take_slow may have one. */
static inline void *stock_take(struct stock *stock, uint32_t category, uint32_t class) {
  struct heap_page *page = stock->pages[category][class];
  return LIKELY(page != NULL) ? heap_page_take(page) : NULL;
}

/* The page has blocks to take, from wherever they may come without another page; 0: it has none. */
FAST_PATH int stock_refill(struct heap_page *page);

/* The same, with all that may be necessary. NULL: there is no memory. */
SLOW_PATH void *stock_take_slow(struct stock *stock, uint32_t category, uint32_t class);

/* A block back to a page of the stock's own. */
FAST_PATH void stock_told(struct stock *stock, struct heap_page *page);
ALWAYS_INLINE void stock_give(struct stock *stock, struct heap_page *page, void *block) {
  if (UNLIKELY(heap_page_give(page, block, heap_page_mark(page, block)))) stock_told(stock, page);
}

/* A block of another stock's page; `stock` NULL: of a thread without one. */
void stock_send(struct stock *stock, struct heap_page *page, void *block);

/* How many of the page's blocks are in the outbox. */
static inline uint32_t stock_count_sent(const struct stock *stock, const struct heap_page *page) {
  const struct outbox_entry *entry = &stock->outbox[region_slot(page) % OUTBOX_PAGES];
  return entry->page == region_slot(page) ? entry->chain.count : 0;
}

/* Now and then, by any thread with a stock: what has become free of it goes back; and what is of others, or of nobody. */
void stock_tend_own(struct stock *stock, uint64_t now_ms);
void stock_tend(struct stock *stock, uint64_t now_ms);

/* The same as often as it is of use: the one for each stock, the other by one thread after the other. */
void stock_tend_in_turn(struct stock *stock, uint64_t now_ms);

/* All that can be given back at once (malloc_trim). */
void stock_trim(struct stock *stock);

/* In a forked child: those that other threads have are theirs for ever, and never used again. */
void stocks_after_fork(const struct stock *own);

#endif
