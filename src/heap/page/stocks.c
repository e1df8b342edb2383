/*
 * stocks.c: the table of stocks: who has which, and what is done with those that nobody uses.
 */
#include "heap/page/stocks.h"

#include <errno.h>

#include "heap/page/spans.h"
#include "os/memory.h"
#include "os/range.h"
#include "os/spin.h"

#define STATE_FREE  0u /* nobody's */
#define STATE_TAKEN 1u
#define STATE_LOST  2u /* of a thread that is not in this process: a forked child's */

#define PAUSE_LEAST_MS 10
#define PAUSE_MOST_MS  1000

#define STOCK_BYTES ((size_t)320 << 10) /* whole pages of any system */
_Static_assert(sizeof(struct stock) <= STOCK_BYTES, "a stock has its own pages");

static struct {
  char *table; /* of STOCK_BYTES each; opened one by one */
  uint32_t states[STOCKS_MOST];
  uint32_t most;      /* so many are reserved */
  uint32_t count;     /* one past the highest that was ever taken */
  uint64_t tended_at; /* ms: others, by whoever came first */
  struct spin growing;
} stocks;

static void tend_others(const struct stock *own);
static void clear_inbox_of(struct stock *stock);
static void clear_lists_of(struct stock *stock, int is_all);

struct stock *stock_of(uint32_t number) {
  return (struct stock *)(void *)(stocks.table + number * STOCK_BYTES);
}

int stocks_prepare(void) {
  stocks.table = memory_reserve_closed(STOCKS_MOST * STOCK_BYTES);
  stocks.most = STOCKS_MOST;
  stocks.count = 1;
  return stocks.table ? 0 : -ENOMEM;
}

/* What is noted of them becomes less before it is so: see memory_unmap. */
void stocks_shrink(void) {
  if (!spin_try_long(&stocks.growing)) return;
  size_t kept = stocks.count * STOCK_BYTES, bytes = stocks.most * STOCK_BYTES;
  stocks.most = stocks.count;
  range_add(stocks.table, kept, RANGE_SHIM, 0);
  if (kept < bytes) memory_unmap(stocks.table + kept, bytes - kept);
  spin_end(&stocks.growing);
}

/* ---- to come and to go ------------------------------------------------------------------------------------- */

/* The next one that there never was. */
static struct stock *make(void) {
  if (!spin_try_long(&stocks.growing)) return NULL;
  struct stock *stock = NULL;
  uint32_t number = stocks.count; /* written under the lock alone */
  if (number < stocks.most && memory_open(stock_of(number), STOCK_BYTES) == 0) {
    stock = stock_of(number);
    stock->number = number;
    store_relaxed(&stocks.states[number], STATE_TAKEN); /* before it is seen, by count */
    store_release(&stocks.count, number + 1);           /* pairs with count_stocks */
  }
  spin_end(&stocks.growing);
  return stock;
}

static uint32_t count_stocks(void) {
  return load_acquire(&stocks.count); /* pairs with make */
}

/* Of those that are nobody's, the lowest. */
static struct stock *claim(uint32_t number) {
  uint32_t expected = STATE_FREE;
  /* Pairs with stock_end: what its last owner has done is done. */
  return cas_acq_rel(&stocks.states[number], &expected, STATE_TAKEN) ? stock_of(number) : NULL;
}

struct stock *stock_begin(void) {
  for (uint32_t number = 1, count = count_stocks(); number < count; number++)
    if (load_relaxed(&stocks.states[number]) == STATE_FREE) { /* only a look */
      struct stock *stock = claim(number);
      if (stock) return stock;
    }
  return make();
}

void stock_end(struct stock *stock) {
  stock_flush(stock);
  stock_open_inbox(stock);
  stock_release_retired(stock, 0, AGE_ANY);
  store_release(&stocks.states[stock->number], STATE_FREE); /* pairs with claim */
}

void stocks_after_fork(const struct stock *own) {
  for (uint32_t number = 1; number < stocks.count; number++) /* the child has one thread */
    if (stock_of(number) != own && load_relaxed(&stocks.states[number]) == STATE_TAKEN) { /* likewise */
      store_relaxed(&stocks.states[number], STATE_LOST);
      stock_flush(stock_of(number)); /* what was on its way is free */
    }
  stocks.growing = (struct spin){0};
}

/* ---- to tend ------------------------------------------------------------------------------------------------- */

void stock_tend_own(struct stock *stock, uint64_t now_ms) {
  stock_flush(stock);
  stock_open_inbox(stock);
  stock_release_retired(stock, now_ms, spans_decay_ms());
  clear_lists_of(stock, 0);
}

void stock_tend(struct stock *stock, uint64_t now_ms) {
  stock_tend_own(stock, now_ms);
  tend_others(stock);
  spans_tend(now_ms);
}

/* Four times a decay: so often is often enough for what goes back after one. */
static uint64_t pause_ms(void) {
  uint64_t pause = spans_decay_ms() / 4;
  return pause < PAUSE_LEAST_MS ? PAUSE_LEAST_MS : pause > PAUSE_MOST_MS ? PAUSE_MOST_MS : pause;
}

void stock_tend_in_turn(struct stock *stock, uint64_t now_ms) {
  uint64_t last = load_relaxed(&stocks.tended_at); /* only a guess: cas_relaxed checks it */
  if (now_ms - stock->tended_at < pause_ms()) return;
  stock->tended_at = now_ms;
  if (now_ms - last >= pause_ms() && cas_relaxed(&stocks.tended_at, &last, now_ms))
    stock_tend(stock, now_ms);
  else
    stock_tend_own(stock, now_ms);
}

void stock_trim(struct stock *stock) {
  stock_flush(stock);
  stock_open_inbox(stock);
  clear_lists_of(stock, 1);
  tend_others(stock);
  spans_purge();
}

/* Of those without an owner all that is free; of others' what their owners need not know of. */
static void tend_others(const struct stock *own) {
  for (uint32_t number = 1, count = count_stocks(); number < count; number++) {
    struct stock *stock = stock_of(number);
    if (stock == own || !load_relaxed(&stock->held)) continue; /* only a look */
    uint32_t state = load_relaxed(&stocks.states[number]);     /* likewise */
    if (state == STATE_FREE && claim(number)) {
      stock_open_inbox(stock);
      clear_lists_of(stock, 1);
      store_release(&stocks.states[number], STATE_FREE); /* pairs with claim */
    } else { /* taken, or lost: what is lost may come back whole, too */
      clear_inbox_of(stock);
    }
  }
}

/* Pages of which no block is used go back; the others go back into the inbox. */
static void clear_inbox_of(struct stock *stock) {
  if (!load_relaxed(&stock->inbox)) return;           /* only a look */
  uint32_t slot = exchange_acquire(&stock->inbox, 0); /* pairs with stock_put_in_inbox */
  while (slot) {
    struct heap_page *page = &region.rows[slot];
    slot = page->inbox_next;
    if (remote_is_all(page))
      stock_release_page(stock, page);
    else
      stock_put_in_inbox(stock, page);
  }
}

/* Each page once: the list goes round. */
static void clear_list(struct stock *stock, struct heap_page *first, int is_all) {
  if (!first) return;
  uint32_t last = first->previous;
  for (uint32_t slot = region_slot(first), is_last = 0; !is_last;) {
    struct heap_page *page = &region.rows[slot];
    is_last = slot == last;
    slot = page->next;
    if (remote_is_used(page) && (is_all || !page->is_retired)) stock_release_listed(stock, page);
  }
}

/* Pages in lists of which no block is used, as others have freed them; all: those that are retired, too. */
static void clear_lists_of(struct stock *stock, int is_all) {
  for (uint32_t category = 0; category < stock->categories; category++)
    for (uint32_t class = 0; class < SIZE_CLASSES; class ++)
      clear_list(stock, stock->pages[category][class], is_all);
}
