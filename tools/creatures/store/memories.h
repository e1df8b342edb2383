/*
 * memories.h: what a creature remembers: at most the limit, of which one more drops the oldest. Pages of a pool, so that
 * who remembers little takes little.
 */
#ifndef CREATURES_STORE_MEMORIES_H
#define CREATURES_STORE_MEMORIES_H

#include "store/creatures.h"

#define MEMORIES_A_PAGE 25u

struct memory_page {
  struct memory memories[MEMORIES_A_PAGE];
  struct memory_page *newer;
  uint32_t count; /* in use, from the first on */
  uint32_t
      wrapped; /* of the oldest page: the newest memories of all, where all pages are full: before `first` */
};

/* As the newest. Where the limit is reached, or no page is to be had, in place of the oldest. 0; 1: the oldest was
   dropped; -ENOMEM: there was no room for even one. */
int memories_add(struct creatures *creatures, struct cold *cold, const struct memory *memory);

/* Others in place of those in pages: from the oldest on; those beyond the limit are left out. They must not lie in pages.
   -ENOMEM, -ENOSPC: all is as before. */
int memories_set(struct creatures *creatures, struct cold *cold, const struct memory *memories,
                 uint32_t count);

/* All but the newest `keep` are dropped; how many bytes the pages had that were given back. */
size_t memories_keep(struct creatures *creatures, struct cold *cold, uint32_t keep);

/* From the oldest on, those that are not in the archive. page NULL: begins. Returns the page's first memory and in
   *ret_count how many there are; NULL: no more. */
const struct memory *memories_next(const struct cold *cold, const struct memory_page **page,
                                   uint32_t *ret_count);

/* Its pages, to older blocks of the pool. */
void memories_settle(struct creatures *creatures, struct cold *cold);

/* 1 if its pages are as they must be; for tests. Their number in *ret_pages. */
int memories_are_valid(const struct creatures *creatures, const struct cold *cold, size_t *ret_pages);

#endif
