/*
 * pool_index.c: the blocks of an object pool, and the table in which the block of an address is found.
 *
 * In a shared pool other threads search while one, with the pool's lock, adds and removes: a block is
 * complete before it is in the table, a table before it is the pool's; neither goes before the pool is done,
 * but a block's objects may.
 */
#include <string.h>

#include "base/atomics.h"
#include "kit/pool.h"

#define SLOTS_LEAST 64
#define TABLE_LEAST 16

static struct ration_pool_block none, gone; /* never written */

static int add(struct ration_pool *pool, size_t count);
static int make_room(struct ration_pool *pool, size_t spans);
static struct ration_pool_index *new_index(struct ration_pool *pool, size_t slots, size_t table_slots);
static void refer(const struct ration_pool *pool, struct ration_pool_index *index, struct block *block);
static struct block *new_block(struct ration_pool *pool, size_t count);
static struct block *blank_block(struct ration_pool *pool, size_t count);
static void free_block(struct ration_pool *pool, struct block *block);
static void retire(struct ration_pool *pool, struct block *block);

static size_t bytes_of(const struct ration_pool *pool, const struct block *block) {
  return block->seen.count * pool->stride;
}

static int has_states(const struct ration_pool *pool) {
  return pool->is_shared || pool->type->reset;
}

static size_t alignment_of(const struct ration_pool *pool) {
  return pool->alignment > 64 ? pool->alignment : 64; /* no object of a cache line lies in two */
}

int pool_index_reserve(struct ration_pool *pool, size_t count) {
  int error = make_room(pool, 0);
  while (count && !error) {
    size_t some = pool->is_shared && count > POOL_GROW_LEAST ? POOL_GROW_LEAST : count;
    error = add(pool, some);
    count -= some;
  }
  return error;
}

static int add(struct ration_pool *pool, size_t count) {
  int error = make_room(pool, (count * pool->stride >> pool->span_shift) + 2);
  if (error) return error;
  struct block *block = new_block(pool, count);
  if (!block) return -errno;
  struct ration_pool_index *index = pool->index;
  size_t slot = 0;
  while (index->blocks[slot]) slot++;
  block->slot = slot;
  index->blocks[slot] = block;
  refer(pool, index, block);
  bits_add(&index->room, slot);
  pool->blocks++;
  pool->capacity += count;
  return 0;
}

void pool_index_remove(struct ration_pool *pool, struct block *block) {
  struct ration_pool_index *index = pool->index;
  bits_remove(&index->room, block->slot);
  index->blocks[block->slot] = NULL;
  block->slot = SIZE_MAX;
  block->next = index->removed;
  index->removed = &block->seen;
  if ((uintptr_t)pool->leaf_objects - block->seen.base < bytes_of(pool, block)) pool->leaf = NULL;
  pool->blocks--;
  pool->capacity -= block->seen.count;
}

void pool_index_sweep(struct ration_pool *pool) {
  struct ration_pool_index *index = pool->index;
  for (size_t t = 0; t < index->table_slots; t++) {
    struct ration_pool_block *seen = index->table[t];
    if (seen != &none && seen != &gone && block_of(seen)->slot == SIZE_MAX)
      store_relaxed(&index->table[t], &gone); /* which always is what it is */
  }
  while (index->removed) {
    struct block *block = block_of(index->removed);
    index->removed = block->next;
    free_block(pool, block);
  }
}

void pool_index_free(struct ration_pool *pool) {
  struct ration_pool_index *index = pool->index, *older;
  if (!index) return;
  for (size_t slot = 0; slot < index->slots; slot++)
    if (index->blocks[slot]) free_block(pool, index->blocks[slot]);
  while (pool->retired) {
    struct block *block = block_of(pool->retired);
    pool->retired = block->next;
    pool_release(pool, block, block->bytes, 64);
  }
  for (; index; index = older) {
    older = index->older;
    pool_release(pool, index, index->bytes, 64);
  }
  pool->index = NULL;
}

struct ration_pool_block *pool_index_find(const struct ration_pool *pool, uintptr_t address,
                                          size_t *ret_number) {
  const struct ration_pool_index *index = load_acquire(&pool->index); /* pairs with make_room() */
  size_t mask = index->table_slots - 1;
  for (size_t t = ration_pool_slot(address, pool->span_shift, index->table_shift);; t = (t + 1) & mask) {
    struct ration_pool_block *block = load_acquire(&index->table[t]);                /* pairs with refer() */
    uint64_t number = ration_pool_number(pool, load_relaxed(&block->base), address); /* see retire() */
    if (number < block->count) {
      *ret_number = (size_t)number;
      return block;
    }
    if (block == &none) return NULL;
  }
}

/* That there is a free slot, and that `spans` more entries fill the table to a quarter at most. */
static int make_room(struct ration_pool *pool, size_t spans) {
  struct ration_pool_index *old = pool->index;
  if (old && pool->blocks < old->slots && old->entries + spans <= old->table_slots / 4) return 0;
  size_t live = 0, slots = old ? old->slots : SLOTS_LEAST, table_slots = TABLE_LEAST;
  for (size_t t = 0; old && t < old->table_slots; t++)
    live += old->table[t] != &none && old->table[t] != &gone;
  if (pool->blocks == slots) slots *= 2;
  while (table_slots / 8 < live + spans) table_slots *= 2;
  struct ration_pool_index *index = new_index(pool, slots, table_slots);
  if (!index) return -errno;
  for (size_t slot = 0; old && slot < old->slots; slot++) {
    struct block *block = old->blocks[slot];
    index->blocks[slot] = block;
    if (!block) continue;
    if (bits_has(&old->room, slot)) bits_add(&index->room, slot);
    refer(pool, index, block);
  }
  pool->table = index->table;
  pool->table_shift = index->table_shift;
  store_release(&pool->index, index); /* pairs with pool_index_find() */
  if (pool->is_shared)
    index->older = old;
  else if (old)
    pool_release(pool, old, old->bytes, 64);
  return 0;
}

static struct ration_pool_index *new_index(struct ration_pool *pool, size_t slots, size_t table_slots) {
  size_t words = bits_words(slots);
  size_t bytes =
      sizeof(struct ration_pool_index) + words * sizeof(uint64_t) + (slots + table_slots) * sizeof(void *);
  struct ration_pool_index *index = pool_acquire(pool, bytes, 64);
  if (!index) return NULL;
  memset(index, 0, bytes);
  uint64_t *place = (uint64_t *)(void *)(index + 1);
  bits_place(&index->room, place, slots);
  index->slots = slots;
  index->blocks = (struct block **)(void *)(place + words);
  index->table = (struct ration_pool_block **)(void *)(index->blocks + slots);
  index->table_slots = table_slots;
  index->table_shift = 64 - (uint32_t)__builtin_ctzll(table_slots);
  index->bytes = bytes;
  for (size_t t = 0; t < table_slots; t++) index->table[t] = &none;
  return index;
}

/* An entry for each span that the block touches. */
static void refer(const struct ration_pool *pool, struct ration_pool_index *index, struct block *block) {
  uintptr_t first = block->seen.base >> pool->span_shift;
  uintptr_t last = (block->seen.base + bytes_of(pool, block) - 1) >> pool->span_shift;
  for (uintptr_t span = first; span <= last; span++) {
    size_t t = ration_pool_slot(span, 0, index->table_shift);
    while (index->table[t] != &none && index->table[t] != &gone) t = (t + 1) & (index->table_slots - 1);
    if (index->table[t] == &none) index->entries++;
    store_release(&index->table[t], &block->seen); /* pairs with pool_index_find() */
  }
}

/* With objects of its own, all free. */
static struct block *new_block(struct ration_pool *pool, size_t count) {
  struct block *block = blank_block(pool, count);
  if (!block) return NULL;
  char *objects = pool_acquire(pool, count * pool->stride, alignment_of(pool));
  if (!objects) {
    int error = errno;
    retire(pool, block);
    errno = error;
    return NULL;
  }
  block->objects = objects;
  store_relaxed(&block->seen.base, (uintptr_t)objects); /* the table orders it: refer() */
  bits_set_all(&block->bits, 1);
  return block;
}

/* One that is retired, or a new one. */
static struct block *blank_block(struct ration_pool *pool, size_t count) {
  for (struct ration_pool_block **place = &pool->retired; *place; place = &block_of(*place)->next) {
    struct block *block = block_of(*place);
    if (block->seen.count != count) continue;
    *place = block->next;
    return block;
  }
  size_t words = bits_words(count);
  size_t bytes = sizeof(struct block) + words * sizeof(uint64_t) + (has_states(pool) ? count : 0);
  struct block *block = pool_acquire(pool, bytes, 64);
  if (!block) return NULL;
  memset(block, 0, bytes);
  uint64_t *place = (uint64_t *)(void *)(block + 1);
  bits_place(&block->bits, place, count);
  block->seen.count = count;
  block->seen.free = place;
  block->seen.states = has_states(pool) ? (uint8_t *)(place + words) : NULL;
  block->bytes = bytes;
  return block;
}

static void free_block(struct ration_pool *pool, struct block *block) {
  pool_release(pool, block->objects, bytes_of(pool, block), alignment_of(pool));
  retire(pool, block);
}

/* Of a shared pool it stays, for another thread may have come upon it in its search and be reading; it can
   only become a block of as many objects, so whatever that thread reads, old or new, is no range that is
   anyone else's. */
static void retire(struct ration_pool *pool, struct block *block) {
  if (!pool->is_shared) {
    pool_release(pool, block, block->bytes, 64);
    return;
  }
  block->next = pool->retired;
  pool->retired = &block->seen;
}

void *pool_acquire(struct ration_pool *pool, size_t size, size_t alignment) {
  void *memory = ration_memory_allocate(pool->below, size, alignment);
  if (memory) pool->bytes += size;
  return memory;
}

void pool_release(struct ration_pool *pool, void *memory, size_t size, size_t alignment) {
  ration_memory_release(pool->below, memory, size, alignment);
  pool->bytes -= size;
}
