/*
 * remote.h: blocks that are freed by other threads than their page's.
 *
 * They hang from one word of the page, which says how many they are, so that its owner takes them all over by one
 * exchange, and touches none of them:
 *
 *   bits 0 .. 31   granule of the first one in its page, and 1; 0: there is none
 *   bits 32 .. 47  how many
 *   REMOTE_FULL    the page has no room and is in no list: who frees a block of it next has its stock told
 *   REMOTE_INBOX   that was done: the page hangs in its stock's inbox, until somebody empties that
 *
 * A page that is full lies aside, and costs its owner nothing until a block of it comes back. Who has emptied an inbox, and
 * finds all blocks of a page in `remote`, may give the whole page back, whoever its owner is: nobody holds a block, and the
 * owner, who took it out of his list before it was FULL, takes none from it.
 */
#ifndef RATION_HEAP_PAGE_REMOTE_H
#define RATION_HEAP_PAGE_REMOTE_H

#include "heap/page/region.h"

#define REMOTE_FULL  (UINT64_C(1) << 63)
#define REMOTE_INBOX (UINT64_C(1) << 62)

static inline uint32_t remote_count(uint64_t remote) {
  return (uint32_t)(remote >> 32) & 0xffff;
}

static inline void *remote_first(const struct heap_page *page, uint64_t remote) {
  uint32_t granule = (uint32_t)remote;
  return granule ? region_memory_of(page) + (uint64_t)(granule - 1) * SIZE_CLASS_STEP : NULL;
}

/* Blocks of one page that a thread has freed, linked and marked like those on its list. */
struct chain {
  struct free_block *first, *last;
  uint32_t count;
};

/* Hangs it there. 1: the page was FULL, and it is for the caller to put it into its stock's inbox. The page's row is not to
   be looked at after a 0: others may have given the page back. */
int remote_hang(struct heap_page *page, struct chain chain);

/* For the owner: all that hang there go to the free list, which is empty. Yields how many. */
uint32_t remote_collect(struct heap_page *page);

/* For the owner: the page, with no free block, is FULL from now on. 0: some have come meanwhile, and were collected. */
int remote_set_full(struct heap_page *page);

/* For the owner: the page is FULL no more. 0: it is in the inbox, or about to be. */
int remote_clear_full(struct heap_page *page);

/* For the owner, who has emptied the inbox: the page hangs there no more. What hangs from it stays. */
void remote_clear_inbox(struct heap_page *page);

/* For the owner: all blocks that are used hang there. */
static inline int remote_is_used(const struct heap_page *page) {
  /* Pairs with remote_hang: all that was done with the blocks is done. */
  return remote_count(load_acquire(&page->remote)) == heap_page_used(page);
}

/* For who has emptied the inbox: nothing is left of the page but what hangs there. */
static inline int remote_is_all(const struct heap_page *page) {
  /* Pairs with remote_hang: all that was done with the blocks is done. */
  return remote_count(load_acquire(&page->remote)) == page->capacity;
}

#endif
