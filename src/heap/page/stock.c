/*
 * stock.c: what an owner does with its stock.
 */
#include "heap/page/stock.h"

#include "base/test_point.h"
#include "heap/page/spans.h"
#include "heap/page/stocks.h"
#include "os/clock.h"

static struct heap_page *new_page(struct stock *stock, uint32_t category, uint32_t class);
static void open_inbox(struct stock *stock);
static void retire(struct stock *stock, struct heap_page *page);
static void unretire(struct stock *stock, struct heap_page *page);
static FAST_PATH void send(struct outbox_entry *entry);

/* ---- lists of pages with room ---------------------------------------------------------------------------- */

static struct heap_page **list_of(struct stock *stock, const struct heap_page *page) {
  return &stock->pages[page->category][page->class];
}

static struct heap_page *row(uint32_t slot) {
  return &region.rows[slot];
}

static int is_alone(const struct heap_page *page) {
  return page->next == region_slot(page);
}

/* At the end, so that until its turn comes more of its blocks may have come back. One that was alone there, and has been
   empty, is not needed any more. */
static void list_page(struct stock *stock, struct heap_page *page) {
  struct heap_page **first = list_of(stock, page), *second = *first;
  uint32_t slot = region_slot(page);
  page->next = second ? region_slot(second) : slot;
  page->previous = second ? second->previous : slot;
  row(page->next)->previous = slot;
  row(page->previous)->next = slot;
  if (!second) *first = page;
  heap_page_tell_at(page, 0);
  page->is_listed = 1;
  if (!second || !second->is_retired) return;
  unretire(stock, second);
  if (!heap_page_used(second)) stock_release_listed(stock, second);
}

static void unlist_page(struct stock *stock, struct heap_page *page) {
  struct heap_page **first = list_of(stock, page);
  if (page->is_retired) unretire(stock, page);
  row(page->next)->previous = page->previous;
  row(page->previous)->next = page->next;
  if (*first == page) *first = is_alone(page) ? NULL : row(page->next);
  page->is_listed = 0;
}

/* ---- to take ----------------------------------------------------------------------------------------------- */

int stock_refill(struct heap_page *page) {
  return page->free || remote_collect(page) || heap_page_carve(page);
}

/*
 * The list's first page gives blocks again; 0: it has no room, and lies aside. It is out of the list before it is FULL:
 * from then on, when all of its blocks have come back, anybody may give it back.
 */
static int refill(struct stock *stock, struct heap_page *page) {
  if (stock_refill(page)) return 1;
  unlist_page(stock, page);
  heap_page_tell_at(page, heap_page_used(page) - 1);
  int is_full = remote_set_full(page);
  TEST_POINT("stock:full");
  if (!is_full) list_page(stock, page);
  return !is_full;
}

void *stock_take_slow(struct stock *stock, uint32_t category, uint32_t class) {
  if (load_relaxed(&stock->inbox)) open_inbox(stock); /* only a look */
  struct heap_page **first = &stock->pages[category][class];
  for (;;) {
    struct heap_page *page = *first ? *first : new_page(stock, category, class);
    if (!page) return NULL;
    if (!refill(stock, page)) continue;
    void *block = heap_page_take(page);
    if (LIKELY(block != NULL)) return block;
  }
}

static struct heap_page *new_page(struct stock *stock, uint32_t category, uint32_t class) {
  uint64_t dirty;
  stock_flush(stock);
  uint32_t order = size_class_bytes(class) > HEAP_PAGE_SMALL_MOST ? HEAP_PAGE_WIDE_ORDER : 0;
  struct heap_page *page = spans_take(order, &dirty);
  if (!page) return NULL;
  heap_page_make(page, stock, category, class);
  if (category >= stock->categories) stock->categories = category + 1;
  list_page(stock, page);
  add_relaxed(&stock->held, UINT64_C(1) << order); /* a figure */
  return page;
}

/* ---- to give ----------------------------------------------------------------------------------------------- */

void stock_release_page(struct stock *stock, struct heap_page *page) {
  uint32_t slots = 1u << page->order;
  add_relaxed(&stock->held, 0 - (uint64_t)slots); /* a figure */
  store_relaxed(&page->owner, 0);                 /* nobody has a block of it */
  for (uint32_t i = 1; i < slots; i++) heap_page_set_kind(&page[i], SLOT_NONE);
  spans_give(page, (uint64_t)slots << SLOT_BITS);
}

void stock_release_listed(struct stock *stock, struct heap_page *page) {
  unlist_page(stock, page);
  stock_release_page(stock, page);
}

void stock_told(struct stock *stock, struct heap_page *page) {
  if (!page->is_listed) {
    heap_page_tell_at(page, 0);
    if (!remote_clear_full(page)) return; /* it is in the inbox */
    list_page(stock, page);
  }
  if (heap_page_used(page)) return;
  if (is_alone(page))
    retire(stock, page);
  else
    stock_release_listed(stock, page);
}

/* The only page of its kind stays for a while, and tells no more of it: a program that takes and gives one block in turn
   does not go to and fro. */
static void retire(struct stock *stock, struct heap_page *page) {
  uint32_t slot = region_slot(page);
  heap_page_tell_at(page, HEAP_PAGE_TELLS_NOT);
  page->is_retired = 1;
  page->freed_at = (uint32_t)(clock_coarse_ns() / 1000000);
  page->dirty_next = 0, page->dirty_previous = stock->retired_last;
  *(stock->retired_last ? &region.rows[stock->retired_last].dirty_next : &stock->retired_first) = slot;
  stock->retired_last = slot;
}

static void unretire(struct stock *stock, struct heap_page *page) {
  uint32_t next = page->dirty_next, previous = page->dirty_previous;
  *(next ? &region.rows[next].dirty_previous : &stock->retired_last) = previous;
  *(previous ? &region.rows[previous].dirty_next : &stock->retired_first) = next;
  page->is_retired = 0;
  heap_page_tell_at(page, 0);
}

void stock_release_retired(struct stock *stock, uint64_t now_ms, uint64_t age_ms) {
  while (stock->retired_first) {
    struct heap_page *page = &region.rows[stock->retired_first];
    if (!is_older(page->freed_at, now_ms, age_ms)) break;
    unretire(stock, page);
    if (!heap_page_used(page)) stock_release_listed(stock, page);
  }
}

/* ---- from others, and to others ---------------------------------------------------------------------------- */

static void open_inbox(struct stock *stock) {
  uint32_t slot = exchange_acquire(&stock->inbox, 0); /* pairs with stock_put_in_inbox */
  while (slot) {
    struct heap_page *page = &region.rows[slot];
    slot = page->inbox_next;
    remote_clear_inbox(page);
    if (remote_is_used(page))
      stock_release_page(stock, page);
    else
      list_page(stock, page);
  }
}

void stock_open_inbox(struct stock *stock) {
  if (load_relaxed(&stock->inbox)) open_inbox(stock); /* only a look */
}

void stock_put_in_inbox(struct stock *stock, struct heap_page *page) {
  uint32_t first = load_relaxed(&stock->inbox); /* only a guess: cas_acq_rel checks it */
  do page->inbox_next = first;
  while (!cas_acq_rel(&stock->inbox, &first, region_slot(page))); /* pairs with open_inbox, clear_inbox_of */
}

static void send_chain(struct heap_page *page, struct chain chain) {
  if (remote_hang(page, chain)) stock_put_in_inbox(heap_page_owner(page), page);
}

/* By the owner; in a forked child of an owner that is not there, whatever it was at. */
static FAST_PATH void send(struct outbox_entry *entry) {
  uint32_t count = load_acquire(&entry->chain.count); /* pairs with put_in_outbox */
  struct chain chain = {entry->chain.first, entry->chain.last, count};
  entry->chain.count = 0;
  if (chain.count) send_chain(&region.rows[entry->page], chain);
}

void stock_flush(struct stock *stock) {
  for (int i = 0; i < OUTBOX_PAGES; i++) send(&stock->outbox[i]);
}

/* Into the outbox, where its page has a place. */
ALWAYS_INLINE void put_in_outbox(struct outbox_entry *entry, const struct heap_page *page,
                                 struct free_block *block) {
  block->link = heap_page_hide(page, entry->chain.count ? entry->chain.first : NULL);
  if (!entry->chain.count) entry->chain.last = block;
  entry->chain.first = block;
  uint32_t count = entry->chain.count + 1;
  store_release(&entry->chain.count, count); /* pairs with send */
  if (count >= OUTBOX_BLOCKS || count * page->bytes >= OUTBOX_BYTES) send(entry);
}

/* Those of another page are sent before. Out of line, as it leaves stock_send without a frame. */
static FAST_PATH void send_others_first(struct outbox_entry *entry, const struct heap_page *page,
                                        struct free_block *block) {
  send(entry);
  entry->page = region_slot(page);
  put_in_outbox(entry, page, block);
}

static SLOW_PATH void send_alone(struct heap_page *page, struct free_block *block) {
  send_chain(page, (struct chain){.first = block, .last = block, .count = 1});
}

void stock_send(struct stock *stock, struct heap_page *page, void *address) {
  struct free_block *block = address;
  block->mark = heap_page_mark(page, block);
  if (UNLIKELY(!stock)) {
    send_alone(page, block);
    return;
  }
  uint32_t slot = region_slot(page);
  struct outbox_entry *entry = &stock->outbox[slot % OUTBOX_PAGES];
  if (LIKELY(entry->page == slot))
    put_in_outbox(entry, page, block);
  else
    send_others_first(entry, page, block);
}
