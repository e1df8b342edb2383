/*
 * pools.h: the pools of the store: warm and cold records, and pages of memories, relations and behaviours. Each is made
 * with room for as many creatures as are expected, and has at most as many objects as RATION_LIMIT_POOLED_OBJECTS says; one
 * more is refused, and counted.
 */
#ifndef CREATURES_STORE_POOLS_H
#define CREATURES_STORE_POOLS_H

#include "store/creatures.h"

/* Those of records, and those of pages: memories_most and so on are set. -ENOMEM and what else the memory says. */
int pools_init_records(struct creatures *creatures, size_t expected);
int pools_init_pages(struct creatures *creatures, size_t expected);

/* A page, with any contents; NULL and errno: ENOSPC: the limit; ENOMEM. Where the budget has refused to let the pool grow,
   that is not tried again at once, but the less often the longer it refuses: a growth that fails costs more than all else. */
void *pools_take(struct creatures *creatures, struct ration_pool *pool);

/* Whether one may be taken: 0; -ENOSPC: the limit, and counted. */
int pools_ask(struct creatures *creatures, struct ration_pool *pool);

/* Whether it has room for a block more than what is in use. */
int pools_is_loose(const struct ration_pool *pool);

/* Gives empty blocks of all of them back. */
void pools_shrink(struct creatures *creatures);

#endif
