/*
 * cold_memory.h: where cold records lie, and what is demoted: the former in a pool, the latter, which are of any size, in
 * the heap, both of the category of creatures.
 */
#ifndef CREATURES_STORE_COLD_MEMORY_H
#define CREATURES_STORE_COLD_MEMORY_H

#include <ration/kit/pool.h>

/* Must not be moved. */
struct cold_memory {
  struct ration_memory memory; /* first */
  struct ration_pool *pool;
  struct ration_memory *heap;
};

void cold_memory_init(struct cold_memory *memory, struct ration_pool *pool, struct ration_memory *heap);

#endif
