/*
 * harden.c: tests of src/heap/page/harden.h and misuse.h, by the page heap.
 */
#include "heap/page/harden.h"

#include <criterion/criterion.h>
#include <string.h>

#include "heap/page/census.h"
#include "heap/page/stocks.h"

#define REGION ((size_t)1 << 34)

static struct stock *stock;
static uint64_t noticed[MISUSES];
static const void *noticed_at;

static void notice(enum misuse misuse, const struct heap_page *page, const void *block) {
  cr_expect_eq(page_heap_find(block), page);
  noticed[misuse]++;
  noticed_at = block;
}

static void start(int is_hardened) {
  cr_assert_eq(page_heap_prepare(REGION, is_hardened), 0);
  misuse_notice = notice;
  stock = stock_begin();
  cr_assert_not_null(stock);
}

static void start_plain(void) {
  start(0);
}

static void start_hardened(void) {
  start(1);
}

static char *take(size_t bytes) {
  char *block = page_heap_take(stock, 5, bytes, 0, 0);
  cr_assert_not_null(block);
  return block;
}

static void give(void *block) {
  cr_assert_eq(page_heap_check(page_heap_find(block), block), MISUSE_NONE);
  page_heap_give(stock, page_heap_find(block), block);
}

static void expect_noticed(enum misuse misuse, uint64_t count) {
  for (enum misuse other = MISUSE_NONE; other < MISUSES; other++)
    cr_expect_eq(noticed[other], other == misuse ? count : 0, "%d: %lu", (int)other,
                 (unsigned long)noticed[other]);
}

Test(harden, all_usable_bytes_are_the_programs, .init = start_hardened) {
  for (size_t bytes = 0; bytes < 100000; bytes += 1 + bytes / 50) {
    char *block = take(bytes);
    size_t usable = page_heap_usable(page_heap_find(block));
    cr_assert_geq(usable, bytes);
    cr_assert_eq(usable, page_heap_usable_of(bytes, 0));
    memset(block, 0xff, usable);
    give(block);
  }
  page_heap_end(stock);
  expect_noticed(MISUSE_NONE, 0);
}

Test(harden, aligned_blocks_are_aligned_and_zeroed_ones_zero, .init = start_hardened) {
  static const char zeros[5000];
  for (size_t alignment = 16; alignment <= 65536; alignment *= 2) {
    char *block = page_heap_take(stock, 5, 100, alignment, 0);
    cr_assert(block && (uintptr_t)block % alignment == 0);
    give(block);
  }
  for (int i = 0; i < 300; i++) {
    char *block = page_heap_take(stock, 5, 5000, 0, 1);
    cr_assert_arr_eq(block, zeros, sizeof zeros);
    memset(block, 7, 5000);
    give(block);
  }
  expect_noticed(MISUSE_NONE, 0);
}

Test(harden, an_overrun_is_noticed_when_the_block_is_given_back, .init = start_hardened) {
  static const size_t sizes[] = {1, 8, 24, 100, 1000, 5000, 60000};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    char *block = take(sizes[i]);
    block[page_heap_usable(page_heap_find(block))] ^= 1;
    give(block);
    cr_expect_eq(noticed_at, block);
  }
  expect_noticed(MISUSE_OVERRUN, sizeof sizes / sizeof *sizes);
}

Test(harden, a_late_write_is_noticed_before_the_block_is_used_again, .init = start_hardened) {
  char *block = take(200);
  give(block);
  block[100] = 1;
  for (int i = 0; i < DELAYED_BLOCKS; i++) {
    char *other = take(200);
    cr_assert_neq(other, block, "not while it waits");
    give(other);
  }
  expect_noticed(MISUSE_LATE_WRITE, 1);
  cr_expect_eq(noticed_at, block);
}

Test(harden, a_second_give_is_noticed_while_the_block_waits, .init = start_hardened) {
  char *block = take(200);
  give(block);
  cr_expect_eq(page_heap_check(page_heap_find(block), block), MISUSE_DOUBLE_FREE);
}

/* In whosever stock they wait. */
Test(harden, what_waits_is_not_held, .init = start_hardened) {
  static struct census census;
  struct stock *other = stock_begin();
  char *blocks[300];
  for (int i = 0; i < 300; i++) blocks[i] = take(200);
  for (int i = 0; i < 300; i++) {
    give(blocks[i]);
    if (++i < 300) page_heap_give(other, page_heap_find(blocks[i]), blocks[i]);
    stock_flush(other);
    census_take(&census);
    cr_assert_eq(census.by_category[5].blocks, 300 - (uint64_t)i - 1);
    cr_assert(page_heap_is_valid());
  }
  cr_expect_eq(census.by_category[5].used, 0);
}

Test(harden, what_waits_goes_back_at_the_end, .init = start_hardened) {
  static struct census census;
  for (int i = 0; i < 1000; i++) give(take((size_t)i));
  page_heap_end(stock);
  census_take(&census);
  cr_expect_eq(census_total(&census).blocks, 0);
  cr_expect(page_heap_is_valid());
  expect_noticed(MISUSE_NONE, 0);
}

Test(harden, blocks_come_in_another_order, .init = start_hardened) {
  char *before = take(64);
  int in_order = 0;
  for (int i = 0; i < 1000; i++) {
    char *block = take(64);
    in_order += block == before + page_heap_usable(page_heap_find(block)) + 8;
    before = block;
  }
  cr_expect_lt(in_order, 100, "%d of 1000", in_order);
}

Test(misuse, a_second_give_is_noticed, .init = start_plain) {
  char *block = take(200), *other = take(200);
  give(block);
  cr_expect_eq(page_heap_check(page_heap_find(block), block), MISUSE_DOUBLE_FREE);
  give(other);
  cr_expect_eq(page_heap_check(page_heap_find(block), block), MISUSE_DOUBLE_FREE, "and later");
  cr_expect_eq(take(200), other);
  cr_expect_eq(take(200), block);
  cr_expect_eq(page_heap_check(page_heap_find(block), block), MISUSE_NONE, "until it is used again");
}

Test(misuse, an_address_within_a_block_is_noticed, .init = start_plain) {
  static const size_t sizes[] = {16, 100, 1000, 5000, 60000, 100000};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    char *block = take(sizes[i]);
    size_t usable = page_heap_usable(page_heap_find(block));
    for (size_t at = 1; at < usable; at++)
      cr_assert_eq(page_heap_check(page_heap_find(block + at), block + at), MISUSE_WILD_FREE, "%zu in %zu",
                   at, usable);
  }
}

/* Wherever in its page the first one lies: what was never given out is no block, and what was is one. */
Test(misuse, a_block_that_was_never_given_out_is_noticed, .init = start_plain) {
  static const size_t sizes[] = {16, 48, 208, 1024, 5120, 8192, 10240, 65536};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct heap_page *page = page_heap_find(take(sizes[i]));
    char *start = region_memory_of(page);
    static unsigned char is_taken[SLOT_BYTES / 16];
    memset(is_taken, 0, sizeof is_taken);
    for (uint32_t taken = 1;; taken++) {
      uint32_t blocks = 0, free = 0;
      for (uint32_t number = 0; number < page->capacity; number++) {
        enum misuse misuse = page_heap_check(page, start + (size_t)number * page->bytes);
        cr_assert(misuse != MISUSE_NONE || taken == 1 || is_taken[number], "%u of %zu", number, sizes[i]);
        if (misuse == MISUSE_NONE) is_taken[number] = 1;
        blocks += misuse == MISUSE_NONE, free += misuse == MISUSE_DOUBLE_FREE;
      }
      cr_assert_eq(blocks, taken, "%u of %zu: %u", taken, sizes[i], blocks);
      cr_assert_eq(blocks + free, page->carved);
      char *block = take(sizes[i]);
      if (page_heap_find(block) != page) break;
      is_taken[(size_t)(block - start) / page->bytes] = 1;
    }
    cr_expect_eq(page->carved, page->capacity);
  }
}

/* What was on the list is lost, and no block is given out twice. */
Test(misuse, a_link_that_was_written_over_is_noticed, .init = start_plain) {
  char *blocks[10], *again[200];
  for (int i = 0; i < 10; i++) blocks[i] = take(200);
  for (int i = 0; i < 10; i++) give(blocks[i]);
  memset(blocks[9], 0x41, 8);
  for (int i = 0; i < 200; i++) {
    again[i] = take(200);
    for (int j = 0; j < i; j++) cr_assert_neq(again[i], again[j]);
  }
  expect_noticed(MISUSE_LATE_WRITE, 1);
  cr_expect_eq(load_relaxed(&heap_page_lists_lost), 1);
}
