/*
 * behaviours.h: what a creature has learned: at most the limit; one more is refused, and counted.
 */
#ifndef CREATURES_STORE_BEHAVIOURS_H
#define CREATURES_STORE_BEHAVIOURS_H

#include "store/creatures.h"

/* Its size is by the limit, when the store is made. */
struct behaviour_page {
  uint32_t count;
  struct behaviour behaviours[];
};

/* The weight that it has learned for that action in that situation; 0: none, or archived. */
float behaviours_weight(const struct cold *cold, enum stimulus stimulus, uint32_t action);

/* More weight, or less, to -1 or 1. -ENOSPC: the limit; -EAGAIN: its behaviours are archived; -ENOMEM: there is no page
   to be had. */
int behaviours_learn(struct creatures *creatures, struct cold *cold, enum stimulus stimulus, uint32_t action,
                     float more, uint32_t frame);

/* Others in place of those in its page. -ENOSPC: more than the limit; -ENOMEM; all is as before. */
int behaviours_set(struct creatures *creatures, struct cold *cold, const struct behaviour *behaviours,
                   uint32_t count);

static inline size_t behaviours_page_bytes(const struct creatures *creatures) {
  return sizeof(struct behaviour_page) + creatures->behaviours_most * sizeof(struct behaviour);
}

static inline uint32_t behaviours_count(const struct cold *cold) {
  return cold->behaviours ? cold->behaviours->count : 0;
}

#endif
