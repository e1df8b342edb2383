/*
 * pool_check.c: whether all that pool.h says must hold of a pool does.
 */
#include "kit/pool.h"

static int is_block_valid(const struct ration_pool *pool, const struct block *block, size_t slot);
static int are_levels_valid(const struct bits *bits, const uint64_t *leaf);

int ration_pool_is_valid(const struct ration_pool *pool) {
  if (!pool || !pool->table) return 0;
  const struct ration_pool_index *index = pool->index;
  size_t blocks = 0, capacity = 0, out = 0, entries = 0, number;
  for (size_t slot = 0; slot < index->slots; slot++) {
    const struct block *block = index->blocks[slot];
    if (!block) continue;
    if (!is_block_valid(pool, block, slot)) return 0;
    blocks++;
    capacity += block->seen.count;
    out += block->seen.count;
    for (size_t w = 0; w < block->seen.count / 64 + (block->seen.count % 64 != 0); w++)
      out -= (size_t)__builtin_popcountll(block->seen.free[w]);
  }
  for (size_t t = 0; t < index->table_slots; t++) {
    /* The block that stands for "none" is the one at which an address ends that no pool has: of count 0. */
    entries += index->table[t]->count != 0;
  }
  if (pool->hot) {
    const struct ration_pool_block *block = pool_index_find(pool, (uintptr_t)pool->hot, &number);
    if (!block || block->free[number / 64] >> number % 64 & 1) return 0;
  }
  if (index->table != pool->table || index->entries < entries || index->entries * 4 > index->table_slots)
    return 0;
  if (blocks != pool->blocks || capacity != pool->capacity || out != pool->out) return 0;
  if (capacity > pool->maximum || out > pool->peak || pool->misses > pool->takes) return 0;
  return pool->low >= pool->shrink_mark && pool->low >= pool->publish_low &&
         (pool->hook || pool->high == SIZE_MAX);
}

static int is_block_valid(const struct ration_pool *pool, const struct block *block, size_t slot) {
  size_t count = block->seen.count, number;
  const uint64_t *free = block->seen.free;
  if (block->slot != slot || !count || (uintptr_t)block->objects != block->seen.base) return 0;
  if (block->seen.base % pool->alignment || free != block->bits.level[0] || block->bits.count != count)
    return 0;
  if (count % 64 && free[count / 64] >> count % 64) return 0;
  if (!are_levels_valid(&block->bits, pool->leaf)) return 0;
  int has_room = bits_first_word(&block->bits) != BITS_NONE;
  if (has_room && !bits_has(&pool->index->room, slot)) return 0;
  for (size_t i = 0; i < 2; i++) {
    uintptr_t address = block->seen.base + (i ? count - 1 : 0) * pool->stride;
    if (pool_index_find(pool, address, &number) != &block->seen || number != (i ? count - 1 : 0)) return 0;
  }
  return are_levels_valid(&pool->index->room, NULL);
}

/* But for the word that is taken from, which may be 0 while the bits above still say otherwise. */
static int are_levels_valid(const struct bits *bits, const uint64_t *leaf) {
  size_t words = bits->count / 64 + (bits->count % 64 != 0);
  for (unsigned l = 1; l < bits->depth; l++) {
    for (size_t w = 0; w < words; w++) {
      int is_set = (bits->level[l][w / 64] >> w % 64 & 1) != 0;
      if (is_set != (bits->level[l - 1][w] != 0) && !(l == 1 && is_set && &bits->level[0][w] == leaf))
        return 0;
    }
    words = words / 64 + (words % 64 != 0);
  }
  return 1;
}
