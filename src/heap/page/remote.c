/*
 * remote.c: see remote.h.
 */
#include "heap/page/remote.h"

static uint64_t word_of(const struct heap_page *page, const struct free_block *first, uint32_t count) {
  uint64_t granule = (uint64_t)((const char *)first - region_memory_of(page)) / SIZE_CLASS_STEP;
  return (granule + 1) | (uint64_t)count << 32;
}

int remote_hang(struct heap_page *page, struct chain chain) {
  uint64_t before = load_relaxed(&page->remote), after; /* only a guess: cas_acq_rel checks it */
  do {
    chain.last->link = heap_page_hide(page, remote_first(page, before));
    after = word_of(page, chain.first, remote_count(before) + chain.count) | (before & REMOTE_INBOX);
    if (before & REMOTE_FULL) after |= REMOTE_INBOX;
  } while (!cas_acq_rel(&page->remote, &before, after)); /* pairs with remote_collect, remote_is_used */
  return (before & REMOTE_FULL) != 0;
}

uint32_t remote_collect(struct heap_page *page) {
  uint64_t before = load_relaxed(&page->remote); /* none: nothing is taken over that had to be seen */
  if (!remote_count(before)) return 0;
  while (!cas_acq_rel(&page->remote, &before, before & REMOTE_INBOX)) {
  } /* pairs with remote_hang */
  page->free = remote_first(page, before);
  page->left = (uint16_t)(page->left - remote_count(before));
  return remote_count(before);
}

int remote_set_full(struct heap_page *page) {
  uint64_t before = 0;
  if (cas_acq_rel(&page->remote, &before, REMOTE_FULL)) return 1; /* pairs with remote_hang */
  remote_collect(page);
  return 0;
}

int remote_clear_full(struct heap_page *page) {
  uint64_t before = REMOTE_FULL;
  return cas_acq_rel(&page->remote, &before, 0); /* pairs with remote_hang */
}

void remote_clear_inbox(struct heap_page *page) {
  uint64_t before = load_relaxed(&page->remote); /* only a guess: cas_acq_rel checks it */
  while (!cas_acq_rel(&page->remote, &before, before & ~REMOTE_INBOX)) {
  } /* pairs with remote_hang */
}
