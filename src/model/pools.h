/*
 * pools.h: the table of object pools, each as the program tells of it. Which row, and how often that has been registered
 * before, makes a handle, so that one that is out of date is known as such.
 *
 * From any thread; one pool's figures from one thread at a time. No lock, no waiting.
 */
#ifndef RATION_MODEL_POOLS_H
#define RATION_MODEL_POOLS_H

#include "model/segment.h"

/* What a program says of a pool: objects. */
struct pool_figures {
  uint64_t used, reserved, peak, takes, hits;
};

/*
 * Returns a handle, above 0; -ENOSPC: all rows are registered; -ENOMEM: no memory for the row. `category` is 0, or there
 * is such a category; of `name` what does not fit is left out, no character in part.
 */
int pools_register(struct segment *segment, const char *name, uint32_t category, uint64_t object_bytes);

/* Both return 0; -ENOENT: no pool of that handle is registered. */
int pools_update(struct segment *segment, int handle, const struct pool_figures *figures);
int pools_unregister(struct segment *segment, int handle);

/* Copies the rows that are used: returns how many. And fills those of a fresh segment, as far as there is memory. */
uint32_t pools_note_all(const struct segment *segment,
                        struct ration_segment_pool ret_pools[SEGMENT_POOLS_MOST]);
void pools_open_all(struct segment *segment, const struct ration_segment_pool *pools, uint32_t count);

#endif
