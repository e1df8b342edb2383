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

/* More weight, or less. -ENOSPC: the limit; -ENOMEM. */
int behaviours_learn(struct creatures *creatures, struct cold *cold, enum stimulus stimulus, uint32_t action,
                     float more, uint32_t frame);

#endif
