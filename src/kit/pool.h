/*
 * pool.h: the inside of an object pool, as pool.c and pool_index.c (where its blocks are) share it with the
 * shared pool.
 */
#ifndef RATION_SRC_KIT_POOL_H
#define RATION_SRC_KIT_POOL_H

#include <ration/kit/pool.h>

#include "kit/bits.h"

#define POOL_GROW_LEAST 1024

/* States of an object, where there are some; else 0. Of a shared pool, TAKEN while it is; of another,
   RESETTING while that runs. DUE: clear has still to give it. */
enum { POOL_TAKEN = 1, POOL_RESETTING = 1, POOL_DUE = 2 };

struct block {
  struct ration_pool_block seen;  /* first: what the table points at */
  struct bits bits;               /* level 0 is seen.free */
  char *objects;                  /* the address seen.base */
  size_t slot, bytes;             /* its number in the index; of this struct with its words */
  struct ration_pool_block *next; /* of those that are removed, or retired */
};

static inline struct block *block_of(struct ration_pool_block *seen) {
  return (struct block *)(void *)seen;
}

/*
 * Replaced by a larger one where it is full. table: open addressing by the spans (of 2^span_shift bytes) that
 * a block touches; two blocks may share a span. `none` ends a search, `gone` does not.
 *
 *     entries == slots that are not none;  entries * 4 <= table_slots
 *     room has slot s iff blocks[s] has a free object, or the word in it that is taken from has just become 0
 */
struct ration_pool_index {
  struct bits room;
  struct block **blocks; /* NULL: a slot without one */
  size_t slots;
  struct ration_pool_block **table;
  size_t table_slots, entries;
  uint32_t table_shift;
  size_t bytes;
  struct ration_pool_block *removed; /* until the sweep, which forgets all of them at once */
  struct ration_pool_index *older;   /* of a shared pool: threads may still look into it */
};

/* Memory of the pool's own, counted in bytes. */
void *pool_acquire(struct ration_pool *pool, size_t size, size_t alignment);
void pool_release(struct ration_pool *pool, void *memory, size_t size, size_t alignment);

/* As ration_pool_init(): a pool in whose index others may look while it grows, with bytes `states`, without
   init and reset. */
int pool_init_shared(struct ration_pool *pool, const struct ration_pool_type *type,
                     const struct ration_pool_settings *settings);

/* 0 or -errno: blocks of count objects together, all free: one, or of a shared pool several, of
   POOL_GROW_LEAST at most. Makes the index itself also where count is 0. After a failure some of them may
   have been added. */
int pool_index_reserve(struct ration_pool *pool, size_t count);

/* Takes one out, all of whose objects are free; its memory goes with the sweep. */
void pool_index_remove(struct ration_pool *pool, struct block *block);
void pool_index_sweep(struct ration_pool *pool);
void pool_index_free(struct ration_pool *pool);

/* The block and number of an object that begins at address, or NULL; also from other threads where the pool
   is shared. */
struct ration_pool_block *pool_index_find(const struct ration_pool *pool, uintptr_t address,
                                          size_t *ret_number);

/* Gives an object that is known to be taken to its block, without `reset`. */
void pool_put(struct ration_pool *pool, struct ration_pool_block *block, size_t number);

#endif
