/*
 * pools.h: the pools of the store: warm and cold records, and pages of memories, relations and behaviours. Each is made
 * with room for as many creatures as are expected, and has at most as many objects as RATION_LIMIT_POOLED_OBJECTS says; one
 * more is refused, and counted.
 */
#ifndef CREATURES_STORE_POOLS_H
#define CREATURES_STORE_POOLS_H

#include "store/creatures.h"

/* memories_most and so on are set. -ENOMEM and what else the memory says. */
int pools_init(struct creatures *creatures, size_t expected);

/* An object, with any contents; NULL and errno: ENOSPC: the limit; ENOMEM. */
void *pools_take(struct creatures *creatures, struct ration_pool *pool);

/* Whether one may be taken: 0; -ENOSPC: the limit, and counted. */
int pools_ask(struct creatures *creatures, struct ration_pool *pool);

/* Gives empty blocks of all of them back. */
void pools_shrink(struct creatures *creatures);

#endif
