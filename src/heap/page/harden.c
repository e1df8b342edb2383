/*
 * harden.c: see harden.h.
 */
#include "heap/page/harden.h"

#include "base/hash.h"
#include "heap/page/misuse.h"
#include "heap/page/page_heap.h"

#define CANARY_BYTES ((uint32_t)sizeof(uint64_t))
#define FILLED_MOST  1024u
#define MARKED_BYTES ((uint32_t)sizeof(struct free_block)) /* link and mark come before what is filled */

struct harden harden = {.is_on = 0};

static void look_at_filled(const struct heap_page *page, const void *block);

void harden_start(void) {
  harden = (struct harden){.is_on = 1, .canary = CANARY_BYTES};
}

/* ---- the canary ------------------------------------------------------------------------------------------- */

static uint64_t *canary_of(const struct heap_page *page, const void *block) {
  return (uint64_t *)((uintptr_t)block + page->usable);
}

static uint64_t canary(const struct heap_page *page, const void *block) {
  return hash_word(page->mask_too + (uintptr_t)block);
}

void harden_arm(const struct heap_page *page, void *block) {
  *canary_of(page, block) = canary(page, block);
}

void harden_check(const struct heap_page *page, const void *block) {
  if (*canary_of(page, block) != canary(page, block)) misuse_notice(MISUSE_OVERRUN, page, block);
}

/* ---- the delay -------------------------------------------------------------------------------------------- */

static uint32_t filled_end(const struct heap_page *page) {
  return page->usable < FILLED_MOST ? page->usable : FILLED_MOST;
}

static uint64_t filling(const struct heap_page *page) {
  return ~page->mask_too - 1;
}

/* Marked as those on a free list are, so that a second free is noticed. */
static void fill(const struct heap_page *page, void *block) {
  struct free_block *free_block = block;
  uint64_t *word = block;
  for (uint32_t at = MARKED_BYTES; at + sizeof *word <= filled_end(page); at += sizeof *word)
    word[at / sizeof *word] = filling(page);
  free_block->link = filling(page);
  free_block->mark = heap_page_mark(page, free_block);
}

static void look_at_filled(const struct heap_page *page, const void *block) {
  const struct free_block *free_block = block;
  const uint64_t *word = block;
  int is_whole = free_block->link == filling(page) && heap_page_is_freed(page, free_block);
  for (uint32_t at = MARKED_BYTES; at + sizeof *word <= filled_end(page); at += sizeof *word)
    is_whole &= word[at / sizeof *word] == filling(page);
  if (!is_whole) misuse_notice(MISUSE_LATE_WRITE, page, block);
}

static void *take_out(struct stock *stock, uint32_t at, void *in_its_place) {
  void *block = stock->delayed[at];
  stock->delayed[at] = in_its_place;
  if (!block) return NULL;
  struct heap_page *page = page_heap_find(block);
  look_at_filled(page, block);
  add_relaxed(&page->delayed, (uint16_t)-1); /* a count */
  return block;
}

void *harden_delay(struct stock *stock, struct heap_page *page, void *block) {
  fill(page, block);
  add_relaxed(&page->delayed, 1); /* a count */
  return take_out(stock, stock->delayed_at++ % DELAYED_BLOCKS, block);
}

void *harden_end_delay(struct stock *stock) {
  for (uint32_t i = 0; i < DELAYED_BLOCKS; i++) {
    uint32_t at = (stock->delayed_at + i) % DELAYED_BLOCKS;
    if (stock->delayed[at]) return take_out(stock, at, NULL);
  }
  return NULL;
}

/* ---- the order -------------------------------------------------------------------------------------------- */

void harden_order(const struct heap_page *page, uint32_t count, uint8_t ret_order[HARDEN_ORDER_MOST]) {
  uint64_t random = hash_word(page->mask_too + page->carved);
  for (uint32_t i = 0; i < count; i++) {
    random = hash_word(random);
    uint32_t other = (uint32_t)(random % (i + 1)); /* Fisher and Yates, inside out */
    ret_order[i] = ret_order[other];
    ret_order[other] = (uint8_t)i;
  }
}
