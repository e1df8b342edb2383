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

/* Likes it by so much more, -2 to 2; known from now on. -ENOSPC: the limit; -EAGAIN: its relations are archived; -ENOMEM:
   there is no page to be had. */
int relations_change(struct creatures *creatures, struct cold *cold, uint64_t other_id, float more,
                     uint32_t frame);

/* Those of creatures that are gone make room. */
void relations_forget(struct creatures *creatures, struct cold *cold);

/* Others in place of those in its page. -ENOSPC: more than the limit; -ENOMEM; all is as before. */
int relations_set(struct creatures *creatures, struct cold *cold, const struct relation *relations,
                  uint32_t count);

static inline size_t relations_page_bytes(const struct creatures *creatures) {
  return sizeof(struct relation_page) + creatures->relations_most * sizeof(struct relation);
}

static inline uint32_t relations_count(const struct cold *cold) {
  return cold->relations ? cold->relations->count : 0;
}

#endif
