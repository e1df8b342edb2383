/*
 * page_heap.c: tests of src/heap/page/page_heap.h, and by it of all that lies below.
 */
#include "heap/page/page_heap.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "base/test_point.h"
#include "heap/page/census.h"
#include "heap/page/large.h"
#include "heap/page/spans.h"
#include "os/clock.h"

#define REGION ((size_t)1 << 34)

static struct stock *prepare(void) {
  cr_assert_eq(page_heap_prepare(REGION, 0), 0);
  struct stock *stock = stock_begin();
  cr_assert_not_null(stock);
  return stock;
}

static void give(struct stock *stock, void *block) {
  struct heap_page *page = page_heap_find(block);
  cr_assert_not_null(page);
  cr_assert(page_heap_is_block(page, block));
  page_heap_give(stock, page, block);
}

static struct holding figures(uint32_t category) {
  static struct census census;
  census_take(&census);
  return census.by_category[category];
}

static struct holding expect_figures(uint32_t category, uint64_t blocks, uint64_t bytes) {
  struct holding found = figures(category);
  cr_expect_eq(found.blocks, blocks, "%lu blocks, not %lu", (long)found.blocks, (long)blocks);
  cr_expect_eq(found.used, bytes, "%lu bytes, not %lu", (long)found.used, (long)bytes);
  cr_expect(page_heap_is_valid());
  return found;
}

/* ---- one thread ------------------------------------------------------------------------------------------ */

Test(page_heap, gives_blocks_of_all_sizes_and_alignments) {
  struct stock *stock = prepare();
  for (size_t alignment = 0; alignment <= PAGE_HEAP_ALIGNMENT_MOST; alignment = alignment ? alignment * 4 : 1)
    for (size_t bytes = 0; bytes < 3 << 20; bytes += 1 + bytes / 3) {
      char *block = page_heap_take(stock, 7, bytes, alignment, 0);
      cr_assert_not_null(block);
      if (alignment) cr_assert_eq((uintptr_t)block % alignment, 0);
      cr_assert_eq((uintptr_t)block % 16, 0);
      struct heap_page *page = page_heap_find(block);
      cr_assert(page && page_heap_is_block(page, block));
      cr_assert_eq(page->category, 7);
      cr_assert_geq(page_heap_usable(page), bytes);
      memset(block, 1, page_heap_usable(page));
      expect_figures(7, 1, page_heap_usable(page));
      give(stock, block);
    }
  expect_figures(7, 0, 0);
}

Test(page_heap, what_would_not_end_in_its_page_is_no_block) {
  struct stock *stock = prepare();
  for (uint32_t class = 1; class < SIZE_CLASSES; class ++) {
    uint32_t bytes = size_class_bytes(class);
    char *block = page_heap_take(stock, 7, bytes, 0, 0);
    struct heap_page *page = page_heap_find(block);
    char *first = region_memory_of(page), *behind = first + (size_t)page->capacity * bytes;
    while (heap_page_carve(page)) {
    }
    cr_expect(page_heap_is_block(page, first));
    cr_expect(page_heap_is_block(page, behind - bytes));
    if (behind < first + (SLOT_BYTES << page->order))
      cr_expect_not(page_heap_is_block(page, behind), "%u", bytes);
    cr_expect(page_heap_resize(page, bytes));
    cr_expect(page_heap_resize(page, class == 1 ? 0 : size_class_bytes(class - 1) + 1));
  }
}

Test(page_heap, refuses_what_cannot_be) {
  struct stock *stock = prepare();
  cr_expect_null(page_heap_take(stock, 7, SIZE_MAX, 0, 0));
  cr_expect_null(page_heap_take(stock, 7, SIZE_MAX / 2, 4096, 1));
  cr_expect_null(page_heap_take(stock, 7, REGION, 0, 0));
  cr_expect_null(page_heap_take(stock, 7, 1, 2 * PAGE_HEAP_ALIGNMENT_MOST, 0));
  expect_figures(7, 0, 0);
}

Test(page_heap, knows_its_own_addresses_alone) {
  struct stock *stock = prepare();
  int on_stack;
  cr_expect_null(page_heap_find(NULL));
  cr_expect_null(page_heap_find(&on_stack));
  cr_expect_null(page_heap_find(stock));
  cr_expect_null(page_heap_find((void *)UINTPTR_MAX));
  cr_expect_null(page_heap_find(region.start - 1));
  cr_expect_null(page_heap_find(region.start + region.open));
  for (size_t bytes = 1; bytes < 3 << 20; bytes += 1 + bytes / 2) {
    char *block = page_heap_take(stock, 3, bytes, 0, 0);
    struct heap_page *page = page_heap_find(block);
    for (size_t at = 1; at < 16 && at < bytes; at++)
      cr_expect_not(page_heap_is_block(page_heap_find(block + at), block + at));
    size_t in = page_heap_usable(page) / 2;
    if (in % 16 == 0 && in) cr_expect_not(page_heap_is_block(page_heap_find(block + in), block + in));
  }
}

/* Against the plain truth. */
struct held {
  unsigned char *block;
  size_t bytes;
  uint32_t category;
  unsigned char fill;
};

static void check_fill(const struct held *held) {
  for (size_t i = 0; i < held->bytes; i += 1 + i / 64) cr_assert_eq(held->block[i], held->fill);
  if (held->bytes) cr_assert_eq(held->block[held->bytes - 1], held->fill);
}

static void take_random(struct stock *stock, struct random *random, struct held *held, size_t most) {
  int is_zeroed = random_below(random, 4) == 0;
  held->bytes = random_size(random, most);
  held->category = 1 + (uint32_t)random_below(random, 5);
  held->fill = (unsigned char)random_below(random, 256);
  size_t alignment = random_below(random, 8) ? 0 : (size_t)1 << random_below(random, 14);
  held->block = page_heap_take(stock, held->category, held->bytes, alignment, is_zeroed);
  cr_assert_not_null(held->block);
  if (alignment) cr_assert_eq((uintptr_t)held->block % alignment, 0);
  for (size_t i = 0; is_zeroed && i < held->bytes; i++) cr_assert_eq(held->block[i], 0);
  memset(held->block, held->fill, held->bytes);
}

static void expect_sums(const struct held *held, size_t count) {
  for (uint32_t category = 1; category <= 5; category++) {
    uint64_t blocks = 0, bytes = 0;
    for (size_t i = 0; i < count; i++)
      if (held[i].block && held[i].category == category)
        blocks++, bytes += page_heap_usable(page_heap_find(held[i].block));
    expect_figures(category, blocks, bytes);
  }
}

Test(page_heap, blocks_keep_their_bytes_at_random) {
  enum { COUNT = 2000 };
  static struct held held[COUNT];
  struct stock *stock = prepare();
  struct random random = {.seed = 9};
  for (int i = 0; i < 50000; i++) {
    struct held *one = &held[random_below(&random, COUNT)];
    if (one->block) {
      check_fill(one);
      give(stock, one->block);
      one->block = NULL;
    } else {
      take_random(stock, &random, one, i % 50 ? 2000 : 1 << 20);
    }
    if (i % 10000 == 0) expect_sums(held, COUNT);
    if (i % 7000 == 0) stock_tend(stock, (uint64_t)i);
  }
  expect_sums(held, COUNT);
  for (int i = 0; i < COUNT; i++)
    if (held[i].block) give(stock, held[i].block);
  stock_trim(stock);
  for (uint32_t category = 1; category <= 5; category++) cr_expect_eq(expect_figures(category, 0, 0).held, 0);
  cr_expect_eq(spans_figures().dirty, 0);
}

Test(page_heap, large_blocks_grow_where_they_are_and_elsewhere) {
  struct stock *stock = prepare();
  size_t bytes = 100 << 10;
  unsigned char *block = page_heap_take(stock, 4, bytes, 0, 0), *other;
  memset(block, 5, bytes);
  int moves = 0;
  while (bytes < 200 << 20) {
    struct heap_page *page = page_heap_find(block);
    size_t larger = bytes + bytes / 5;
    if (!page_heap_resize(page, larger)) {
      other = large_move(page, larger);
      cr_assert_not_null(other);
      moves++, block = other;
    }
    for (size_t i = 0; i < bytes; i += 4096) cr_assert_eq(block[i], 5);
    cr_assert_eq(block[bytes - 1], 5);
    memset(block + bytes, 5, larger - bytes);
    bytes = larger;
    expect_figures(4, 1, large_usable(bytes));
  }
  cr_expect_leq(moves, 12, "one a doubling");
  cr_assert(page_heap_resize(page_heap_find(block), 70 << 10));
  expect_figures(4, 1, large_usable(70 << 10));
  cr_assert(page_heap_resize(page_heap_find(block), 70 << 20));
  for (size_t i = large_usable(70 << 10); i < 70 << 20; i += 4096)
    cr_assert_eq(block[i], 0, "what was given back is zero");
  give(stock, block);
  expect_figures(4, 0, 0);
}

/* ---- faults of the program -------------------------------------------------------------------------------- */

Test(page_heap, a_block_freed_twice_is_seen) {
  struct stock *stock = prepare();
  void *blocks[100];
  for (int i = 0; i < 100; i++) blocks[i] = page_heap_take(stock, 1, 40, 0, 0);
  for (int i = 0; i < 100; i++) {
    struct heap_page *page = page_heap_find(blocks[i]);
    cr_expect_not(heap_page_is_freed(page, blocks[i]));
    page_heap_give(stock, page, blocks[i]);
    cr_expect(heap_page_is_freed(page, blocks[i]));
  }
  void *again = page_heap_take(stock, 1, 40, 0, 0);
  cr_expect_not(heap_page_is_freed(page_heap_find(again), again));
}

Test(page_heap, an_overwritten_link_costs_its_list_and_no_more) {
  struct stock *stock = prepare();
  struct random random = {.seed = 3};
  for (int round = 0; round < 200; round++) {
    void *blocks[50];
    for (int i = 0; i < 50; i++) blocks[i] = page_heap_take(stock, 1, 100, 0, 0);
    for (int i = 0; i < 50; i++) give(stock, blocks[i]);
    *(uint64_t *)blocks[random_below(&random, 50)] = random_next(&random);
    for (int i = 0; i < 200; i++) cr_assert_not_null(page_heap_take(stock, 1, 100, 0, 0));
  }
  cr_expect_geq(heap_page_lists_lost, 190);
}

/* ---- several threads -------------------------------------------------------------------------------------- */

#define THREADS 4
#define HELD    400

static struct {
  pthread_mutex_t lock;
  struct held held[HELD];
} exchange = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Takes blocks, hands them to others, and frees those of others: and ends with some of them in use. */
static void *trade(void *seed) {
  struct stock *stock = stock_begin();
  struct random random = {.seed = (uint64_t)(uintptr_t)seed};
  if (!stock) return seed;
  for (int i = 0; i < 20000; i++) {
    struct held mine, theirs;
    take_random(stock, &random, &mine, i % 100 ? 1500 : 300000);
    pthread_mutex_lock(&exchange.lock);
    struct held *place = &exchange.held[random_below(&random, HELD)];
    theirs = *place;
    *place = mine;
    pthread_mutex_unlock(&exchange.lock);
    if (theirs.block) {
      check_fill(&theirs);
      give(stock, theirs.block);
    }
    if (i % 5000 == 0) stock_tend(stock, (uint64_t)i);
  }
  stock_end(stock);
  return NULL;
}

static void run_traders(int rounds) {
  for (int round = 0; round < rounds; round++) {
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
      cr_assert_eq(pthread_create(&threads[i], NULL, trade, (void *)(i + 1)), 0);
    for (int i = 0; i < THREADS; i++) {
      void *failed;
      pthread_join(threads[i], &failed);
      cr_assert_null(failed);
    }
    expect_sums(exchange.held, HELD);
  }
}

Test(page_heap, threads_free_what_others_took) {
  struct stock *stock = prepare();
  run_traders(2);
  for (int i = 0; i < HELD; i++)
    if (exchange.held[i].block) give(stock, exchange.held[i].block);
  memset(exchange.held, 0, sizeof exchange.held);
  stock_trim(stock);
  for (uint32_t category = 1; category <= 5; category++) cr_expect_eq(expect_figures(category, 0, 0).held, 0);
}

/* One only takes, another only frees: what has been freed serves again. */
#define PASSED 1000
static void *passed[PASSED];
static uint32_t passed_at, taken_at, is_over;

static void *free_all(void *unused) {
  (void)unused;
  struct stock *stock = stock_begin();
  while (!load_acquire(&is_over) || taken_at < load_acquire(&passed_at)) {
    if (taken_at == load_acquire(&passed_at)) continue;
    give(stock, passed[taken_at % PASSED]);
    store_release(&taken_at, taken_at + 1);
  }
  stock_end(stock);
  return NULL;
}

Test(page_heap, a_consumer_gives_back_to_the_producer) {
  struct stock *stock = prepare();
  pthread_t consumer;
  cr_assert_eq(pthread_create(&consumer, NULL, free_all, NULL), 0);
  for (uint32_t i = 0; i < 100000; i++) {
    while (i - load_acquire(&taken_at) >= PASSED) {
    }
    passed[i % PASSED] = page_heap_take(stock, 2, 16 + i % 500, 0, 0);
    store_release(&passed_at, i + 1);
  }
  store_release(&is_over, 1);
  pthread_join(consumer, NULL);
  cr_expect_leq(expect_figures(2, 0, 0).held, 8 << 20, "1,000 blocks of 0.5 KiB live at most");
  stock_trim(stock);
  cr_expect_eq(expect_figures(2, 0, 0).held, 0);
}

/* The producer never comes again: others take back what it holds, but for its pages with room. */
static void *take_many(void *argument) {
  void **blocks = argument;
  struct stock *stock = stock_begin();
  for (int i = 0; i < 100000; i++) blocks[i] = page_heap_take(stock, 2, 100, 0, 0);
  store_release(&passed_at, 1); /* pairs with an_idle_threads_pages_come_back */
  while (!load_acquire(&is_over)) {
  }
  stock_end(stock);
  return NULL;
}

Test(page_heap, an_idle_threads_pages_come_back) {
  static void *blocks[100000];
  struct stock *stock = prepare();
  pthread_t idle;
  cr_assert_eq(pthread_create(&idle, NULL, take_many, blocks), 0);
  while (!load_acquire(&passed_at)) {
  } /* pairs with take_many */
  for (int i = 0; i < 100000; i++) give(stock, blocks[i]);
  stock_tend(stock, 0);
  cr_expect_leq(figures(2).held, 2 * SLOT_BYTES, "the one with room, and none that was full");
  store_release(&is_over, 1);
  pthread_join(idle, NULL);
  stock_trim(stock);
  cr_expect_eq(expect_figures(2, 0, 0).held, 0);
}

/* ---- what is empty ----------------------------------------------------------------------------------------- */

#define WAITING 8192 /* one slot has 8 of these */

static struct stock *other_stock;
static void *filling[SLOT_BYTES / WAITING], *theirs;

/* As another thread: all blocks of the page that is full come back, it is given back as soon as that can be, and taken anew. */
static void empty_when_full(const char *point) {
  if (strcmp(point, "stock:full") != 0 || !filling[7]) return;
  for (int i = 0; i < 8; i++) {
    void *block = filling[i];
    filling[i] = NULL;
    page_heap_give(other_stock, page_heap_find(block), block);
  }
  stock_tend(other_stock, 0);
  theirs = page_heap_take(other_stock, 5, WAITING, 0, 0);
}

Test(page_heap, a_page_that_is_full_is_in_no_list) {
  struct stock *stock = prepare();
  other_stock = stock_begin();
  for (int i = 0; i < 8; i++) filling[i] = page_heap_take(stock, 6, WAITING, 0, 0);
  struct heap_page *page = page_heap_find(filling[0]);
  cr_assert_eq(page_heap_find(filling[7]), page);
  test_point_hook = empty_when_full;
  void *next = page_heap_take(stock, 6, WAITING, 0, 0);
  test_point_hook = NULL;
  cr_assert_not_null(next);
  cr_expect_null(filling[0]);
  cr_expect_eq(page_heap_find(theirs), page, "what was given back is another's");
  cr_expect_eq(heap_page_owner(page_heap_find(next)), stock);
  expect_figures(5, 1, WAITING);
  expect_figures(6, 1, WAITING);
  for (int i = 0; i < 7; i++) cr_assert_not_null(page_heap_take(stock, 6, WAITING, 0, 0));
  cr_expect_eq(expect_figures(6, 8, 8 * WAITING).held, SLOT_BYTES,
               "the page that was given back is in no list");
}

Test(page_heap, one_that_was_alone_and_empty_does_not_stay) {
  void *blocks[9];
  struct stock *stock = prepare();
  for (int i = 0; i < 9; i++) blocks[i] = page_heap_take(stock, 6, WAITING, 0, 0);
  give(stock, blocks[8]);
  give(stock, blocks[0]);
  cr_expect_eq(expect_figures(6, 7, 7 * WAITING).held, SLOT_BYTES);
}

static uint64_t now_ms(void) {
  return clock_coarse_ns() / 1000000;
}

Test(page_heap, what_others_have_emptied_goes_back_when_it_is_tended) {
  enum { COUNT = 800 };
  static void *blocks[COUNT];
  struct stock *stock = prepare(), *other = stock_begin();
  for (int i = 0; i < COUNT; i++) blocks[i] = page_heap_take(stock, 6, WAITING, 0, 0);
  for (int i = 0; i < COUNT; i += 8) give(stock, blocks[i]);
  for (int i = 0; i < COUNT; i++)
    if (i % 8) give(other, blocks[i]);
  stock_tend(other, now_ms());
  stock_tend(stock, now_ms());
  cr_expect_leq(expect_figures(6, 0, 0).held, SLOT_BYTES);
}

Test(page_heap, an_empty_page_stays_for_as_long_as_the_decay) {
  struct stock *stock = prepare();
  spans_set_decay(5000);
  void *block = page_heap_take(stock, 6, 100, 0, 0);
  give(stock, block);
  stock_tend(stock, now_ms() + 4000);
  cr_expect_eq(expect_figures(6, 0, 0).held, SLOT_BYTES);
  stock_tend(stock, now_ms() - 4000);
  cr_expect_eq(expect_figures(6, 0, 0).held, SLOT_BYTES,
               "a clock that was read before is none that has gone round");
  stock_tend(stock, now_ms() + 6000);
  cr_expect_eq(expect_figures(6, 0, 0).held, 0);
}

Test(page_heap, what_was_written_stays_for_as_long_as_the_decay) {
  struct stock *stock = prepare();
  spans_set_decay(5000);
  char *block = page_heap_take(stock, 6, 3 << 20, 0, 0);
  memset(block, 1, 3 << 20);
  give(stock, block);
  cr_expect_eq(spans_figures().dirty, 3 << 20);
  cr_expect_eq(spans_tend(now_ms() + 4000), 0);
  cr_expect_eq(spans_tend(now_ms() - 4000), 0, "a clock that was read before is none that has gone round");
  cr_expect_eq(spans_tend(now_ms() + 6000), 3 << 20);
  cr_expect_eq(spans_figures().dirty, 0);
  cr_expect_eq(spans_figures().purged, 3 << 20);
}

Test(page_heap, stocks_pass_to_the_next_thread) {
  struct stock *first = prepare();
  uint32_t number = first->number;
  void *block = page_heap_take(first, 1, 50, 0, 0);
  stock_end(first);
  struct stock *second = stock_begin();
  cr_expect_eq(second->number, number);
  give(second, block);
  expect_figures(1, 0, 0);
}

/* ---- fork --------------------------------------------------------------------------------------------------- */

Test(page_heap, a_forked_child_goes_on) {
  struct stock *stock = prepare();
  void *blocks[1000];
  for (int i = 0; i < 1000; i++) blocks[i] = page_heap_take(stock, 1, 200, 0, 0);
  struct stock *other = stock_begin(), *ended = stock_begin();
  void *others = page_heap_take(other, 1, 200, 0, 0);
  stock_end(ended);
  spans_before_fork();
  pid_t pid = fork();
  spans_after_fork(pid == 0);
  if (pid == 0) {
    stocks_after_fork(stock);
    for (int i = 0; i < 1000; i++) give(stock, blocks[i]);
    give(stock, others);
    struct stock *third = stock_begin();
    int is_well = third == ended && page_heap_take(third, 1, 200, 0, 0) && page_heap_is_valid();
    _exit(is_well ? 0 : 1);
  }
  int status;
  waitpid(pid, &status, 0);
  cr_expect_eq(status, 0);
  expect_figures(1, 1001, 1001 * 208);
}

/* ---- where there is none ---------------------------------------------------------------------------------- */

Test(page_heap, steps_aside_where_addresses_are_limited) {
  struct rlimit limit = {.rlim_cur = (rlim_t)1 << 47, .rlim_max = RLIM_INFINITY};
  cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
  cr_assert_eq(getrlimit(RLIMIT_AS, &limit), 0);
  if (limit.rlim_cur == RLIM_INFINITY) return; /* an emulator takes no notice of it */
  cr_expect_eq(page_heap_prepare(REGION, 0), -EPERM);
}
