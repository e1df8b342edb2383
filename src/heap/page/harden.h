/*
 * harden.h: more checks of blocks in pages, for a price: the setting `harden`. Blocks with a span of their own have none.
 *
 *   canary   the last 8 bytes of a block are the heap's, and hold what no program can guess: an overrun changes them, which
 *            is noticed when the block is given back
 *   order    a page's blocks are handed out in random order, 4 KiB of them at a time
 *   delay    a block that is given back waits until DELAYED_BLOCKS others of its thread were; its first 1 KiB are filled
 *            meanwhile, and whoever writes there is noticed when it may be used again
 *
 * Each call takes the slow path then.
 */
#ifndef RATION_HEAP_PAGE_HARDEN_H
#define RATION_HEAP_PAGE_HARDEN_H

#include "heap/page/stock.h"

struct harden {
  uint32_t is_on;
  uint32_t canary; /* bytes: 0, or 8 */
};
extern struct harden harden INTERNAL;

/* Before the first page. */
void harden_start(void);

/* A block is about to be handed out. */
void harden_arm(const struct heap_page *page, void *block);

/* A block is given back: is it whole? */
void harden_check(const struct heap_page *page, const void *block);

/* It waits from now on; yields the one whose wait is over, which is free to be given back: or NULL. */
void *harden_delay(struct stock *stock, struct heap_page *page, void *block);

/* One that waits no longer, of the oldest first; NULL: none waits. */
void *harden_end_delay(struct stock *stock);

/* The numbers 0 .. count - 1 in random order; at most HARDEN_ORDER_MOST. */
#define HARDEN_ORDER_MOST 256
void harden_order(const struct heap_page *page, uint32_t count, uint8_t ret_order[HARDEN_ORDER_MOST]);

#endif
