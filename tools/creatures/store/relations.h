/*
 * relations.h: whom a creature knows, and how much it likes each: at most the limit; one more is refused, and counted.
 */
#ifndef CREATURES_STORE_RELATIONS_H
#define CREATURES_STORE_RELATIONS_H

#include "store/creatures.h"

/* Its size is by the limit, when the store is made. */
struct relation_page {
  uint32_t count, spare;
  uint64_t unused;
  struct relation relations[];
};

/* NULL: it knows it not, or the page is archived. */
struct relation *relations_find(const struct cold *cold, uint64_t other_id);

/* Likes it by so much more, -2 to 2; known from now on. -ENOSPC: the limit; -ENOMEM. */
int relations_change(struct creatures *creatures, struct cold *cold, uint64_t other_id, float more,
                     uint32_t frame);

/* Those of creatures that are gone make room. */
void relations_forget(struct creatures *creatures, struct cold *cold);

#endif
