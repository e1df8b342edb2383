/*
 * pool.c: what take and give leave to be done: the next word with room, growing, shrinking, and what is asked
 * of a pool as a whole. Where its blocks are, pool_index.c knows.
 */
#include <errno.h>
#include <string.h>

#include "kit/fail.h"
#include "kit/pool.h"

static const struct ration_memory_type memory_type;

static int set(struct ration_pool *pool, const struct ration_pool_type *type,
               const struct ration_pool_settings *settings);
static int reserve_initial(struct ration_pool *pool);
static int check(const struct ration_pool_type *type, const struct ration_pool_settings *settings);
static void divide(struct ration_pool *pool);
static void leave_leaf(struct ration_pool *pool);
static int grow(struct ration_pool *pool);
static void flush(struct ration_pool *pool);
static void shrink(struct ration_pool *pool);
static size_t release_empty(struct ration_pool *pool, size_t least, size_t worth);
static size_t walk_empty(struct ration_pool *pool, size_t least, int is_sure);
static void set_marks(struct ration_pool *pool);
static void reset_all(struct ration_pool *pool);

static size_t round_up(size_t value, size_t to) {
  return (value + to - 1) & ~(to - 1);
}

/* Whether the object is free. */
static int has_bit(const struct ration_pool_block *block, size_t number) {
  return (block->free[number / 64] >> number % 64 & 1) != 0;
}

static size_t used_of(const struct ration_pool *pool) {
  return pool->out - (pool->hot != NULL);
}

int ration_pool_init(struct ration_pool *pool, const struct ration_pool_type *type,
                     const struct ration_pool_settings *settings) {
  static const struct ration_pool_settings defaults;
  if (!pool) return -EINVAL;
  memset(pool, 0, sizeof *pool);
  int error = set(pool, type, settings ? settings : &defaults);
  return error ? error : reserve_initial(pool);
}

int pool_init_shared(struct ration_pool *pool, const struct ration_pool_type *type,
                     const struct ration_pool_settings *settings) {
  int error = set(pool, type, settings);
  if (error) return error;
  pool->is_shared = 1;
  pool->init = pool->reset = NULL;
  return reserve_initial(pool);
}

/* The pool is all zero. */
static int set(struct ration_pool *pool, const struct ration_pool_type *type,
               const struct ration_pool_settings *settings) {
  int error = check(type, settings);
  if (error) return error;
  pool->memory.type = &memory_type;
  pool->type = type;
  pool->below = settings->memory;
  pool->alignment = settings->alignment ? settings->alignment : type->alignment;
  pool->size = type->size;
  pool->stride = round_up(type->size, pool->alignment);
  pool->maximum = RATION_BYTES_MOST / pool->stride;
  if (settings->maximum_capacity) pool->maximum = settings->maximum_capacity;
  pool->initial = settings->initial_capacity;
  if (pool->initial % 64) pool->initial += 64 - pool->initial % 64;
  if (pool->initial > pool->maximum) pool->initial = pool->maximum;
  pool->growth_factor = settings->growth_factor ? settings->growth_factor : 1.0;
  pool->shrink_threshold = settings->shrink_threshold ? settings->shrink_threshold : 0.25;
  pool->init = type->init;
  pool->reset = type->reset;
  pool->context = settings->context;
  divide(pool);
  return 0;
}

static int reserve_initial(struct ration_pool *pool) {
  int error = pool_index_reserve(pool, pool->initial);
  if (error) {
    ration_pool_done(pool);
    return error;
  }
  pool->shrink_mark = SIZE_MAX;
  set_marks(pool);
  return 0;
}

static int check(const struct ration_pool_type *type, const struct ration_pool_settings *settings) {
  if (!type) return -EINVAL;
  size_t alignment = settings->alignment ? settings->alignment : type->alignment;
  double factor = settings->growth_factor, threshold = settings->shrink_threshold;
  int error = ration_memory_check(type->size, type->alignment);
  if (!error) error = ration_memory_check(type->size, alignment);
  if (error) return error;
  if (alignment < type->alignment || !(factor >= 0 && factor <= 1e18)) return -EINVAL;
  if (!(threshold >= 0 && threshold <= 1) && threshold != RATION_POOL_NEVER) return -EINVAL;
  if (settings->maximum_capacity && settings->initial_capacity > settings->maximum_capacity) return -EINVAL;
  size_t most = RATION_BYTES_MOST / round_up(type->size, alignment);
  return !most || settings->initial_capacity > most || settings->maximum_capacity > most ? -EOVERFLOW : 0;
}

/* What ration_pool_number() needs; and spans that a block of the least growth fills, of 4 KiB at least. */
static void divide(struct ration_pool *pool) {
  pool->twos = (uint32_t)__builtin_ctzll(pool->stride);
  uint64_t odd = pool->stride >> pool->twos, inverse = odd; /* right in 3 bits; each round doubles them */
  for (int round = 0; round < 5; round++) inverse *= 2 - odd * inverse;
  pool->inverse = inverse;
  pool->span_shift = 12;
  while (pool->span_shift < 40 && (size_t)2 << pool->span_shift <= pool->stride * POOL_GROW_LEAST)
    pool->span_shift++;
}

void ration_pool_done(struct ration_pool *pool) {
  if (!pool) return;
  pool_index_free(pool);
  memset(pool, 0, sizeof *pool);
}

/* ---- take and give, where their fast paths end --------------------------------------------------------- */

void *ration_pool_take_far(struct ration_pool *pool) {
  if (!pool || !pool->table) return fail(-EINVAL);
  leave_leaf(pool);
  size_t slot = bits_first(&pool->index->room);
  if (slot != BITS_NONE) {
    struct block *block = pool->index->blocks[slot];
    size_t w = bits_first_word(&block->bits);
    pool->leaf = &block->seen.free[w];
    pool->leaf_objects = block->objects + w * 64 * pool->stride;
    return ration_pool_take_any(pool);
  }
  int error = grow(pool);
  if (!error) {
    pool->misses++; /* before the take, which may show it */
    return ration_pool_take_far(pool);
  }
  return fail(error);
}

/* The word that was taken from is 0: the levels above learn of it only now. */
static void leave_leaf(struct ration_pool *pool) {
  size_t number;
  if (!pool->leaf || *pool->leaf) return;
  struct block *block = block_of(pool_index_find(pool, (uintptr_t)pool->leaf_objects, &number));
  pool->leaf = NULL;
  bits_empty(&block->bits, number / 64);
  if (bits_first_word(&block->bits) == BITS_NONE) bits_remove(&pool->index->room, block->slot);
}

int ration_pool_give_far(struct ration_pool *pool, void *object) {
  size_t number;
  if (!object) return -EINVAL;
  struct ration_pool_block *block = pool_index_find(pool, (uintptr_t)object, &number);
  if (!block) return -EFAULT;
  if (has_bit(block, number) || object == pool->hot) return -EALREADY;
  if (pool->reset) {
    if (block->states[number] == POOL_RESETTING) return -EALREADY; /* what it refers to gives it too */
    block->states[number] = POOL_RESETTING;
    pool->resetting++;
    pool->reset(object, pool->context); /* the block stays meanwhile: one of its objects is taken */
    pool->resetting--;
    block->states[number] = 0;
  }
  if (pool->hot)
    pool_put(pool, block, number);
  else
    pool->hot = object;
  return 0;
}

void pool_put(struct ration_pool *pool, struct ration_pool_block *block, size_t number) {
  uint64_t *word = &block->free[number / 64], free = *word;
  *word = free | UINT64_C(1) << number % 64;
  size_t out = --pool->out;
  if (!free) ration_pool_note_room(pool, block, number);
  if (out < pool->low) ration_pool_note_low(pool);
}

void ration_pool_note_room(struct ration_pool *pool, struct ration_pool_block *seen, size_t number) {
  struct block *block = block_of(seen);
  bits_note(&block->bits, number / 64);
  bits_add(&pool->index->room, block->slot);
}

void ration_pool_note_low(struct ration_pool *pool) {
  if (pool->out < pool->shrink_mark) shrink(pool);
  if (pool->out < pool->publish_low) ration_pool_publish(pool);
}

static void flush(struct ration_pool *pool) {
  size_t number;
  if (!pool->hot) return;
  struct ration_pool_block *block = pool_index_find(pool, (uintptr_t)pool->hot, &number);
  pool->hot = NULL;
  block->free[number / 64] |= UINT64_C(1) << number % 64;
  pool->out--;
  ration_pool_note_room(pool, block, number);
}

/* ---- growing and shrinking ----------------------------------------------------------------------------- */

static int grow(struct ration_pool *pool) {
  size_t before = pool->capacity, left = pool->maximum - before, count = POOL_GROW_LEAST;
  if (!left) return -ENOSPC;
  double wanted = (double)pool->capacity * pool->growth_factor;
  if (wanted > POOL_GROW_LEAST) count = wanted < (double)left ? round_up((size_t)wanted, 64) : left;
  int old_errno = errno;
  int error = pool_index_reserve(pool, count < left ? count : left);
  if (pool->capacity == before && count > POOL_GROW_LEAST && left > POOL_GROW_LEAST)
    error = pool_index_reserve(pool, POOL_GROW_LEAST);
  if (pool->capacity == before) return error;
  errno = old_errno;
  pool->grows++;
  pool->shrink_mark = SIZE_MAX;
  set_marks(pool);
  if (pool->hook) ration_pool_publish(pool);
  return 0;
}

/* Where too little is empty, a quarter of what is used now must go before it is tried again: each growth is
   paid for by few looks at all bits. */
static void shrink(struct ration_pool *pool) {
  flush(pool);
  size_t least = pool->out + pool->out / 4;
  size_t floor = pool->maximum < POOL_GROW_LEAST ? pool->maximum : POOL_GROW_LEAST;
  if (least < pool->initial) least = pool->initial;
  if (least < floor) least = floor;
  size_t worth = pool->capacity - pool->capacity / 4 * 3;
  if (least < pool->capacity && worth < (pool->capacity - least) / 2) worth = (pool->capacity - least) / 2;
  if (release_empty(pool, least, worth)) {
    pool->shrink_from = pool->capacity + pool->capacity / 4;
    set_marks(pool);
    if (pool->hook) ration_pool_publish(pool);
    return;
  }
  pool->shrink_mark = pool->out - pool->out / 4;
  set_marks(pool);
}

static int is_empty(const struct block *block) {
  size_t words = block->seen.count / 64, rest = block->seen.count % 64;
  for (size_t w = 0; w < words; w++)
    if (block->seen.free[w] != UINT64_MAX) return 0;
  return !rest || block->seen.free[words] == (UINT64_C(1) << rest) - 1;
}

/* Releases empty blocks, newest first, so that capacity stays at `least`; none if that were less than `worth`
   objects. What it released. */
static size_t release_empty(struct ration_pool *pool, size_t least, size_t worth) {
  size_t old = pool->capacity, found = walk_empty(pool, least, 0);
  if (!found || found < worth) return 0;
  walk_empty(pool, least, 1);
  pool_index_sweep(pool);
  pool->shrinks++;
  return old - pool->capacity;
}

static size_t walk_empty(struct ration_pool *pool, size_t least, int is_sure) {
  struct ration_pool_index *index = pool->index;
  size_t all = pool->capacity, left = all;
  for (size_t slot = index->slots; slot-- && left > least;) {
    struct block *block = index->blocks[slot];
    if (!block || block->seen.count > left - least || !is_empty(block)) continue;
    left -= block->seen.count;
    if (is_sure) pool_index_remove(pool, block);
  }
  return all - left;
}

static void set_marks(struct ration_pool *pool) {
  size_t mark = 0;
  if (pool->shrink_threshold > 0 && pool->capacity > pool->initial && pool->capacity >= pool->shrink_from) {
    double limit = pool->shrink_threshold * (double)pool->capacity;
    mark = (size_t)limit + ((double)(size_t)limit < limit);
  }
  if (pool->shrink_mark > mark) pool->shrink_mark = mark;
  pool->low = pool->shrink_mark > pool->publish_low ? pool->shrink_mark : pool->publish_low;
  if (pool->hook) return;
  pool->high = SIZE_MAX;
  pool->takes_due = 0;
}

/* ---- the pool as a whole ------------------------------------------------------------------------------- */

int ration_pool_clear(struct ration_pool *pool) {
  if (!pool || !pool->table) return -EINVAL;
  if (pool->resetting) return -EBUSY;
  double threshold = pool->shrink_threshold;
  pool->shrink_threshold = RATION_POOL_NEVER; /* blocks stay while they are walked */
  set_marks(pool);
  if (pool->reset) reset_all(pool);
  for (size_t slot = 0; slot < pool->index->slots; slot++) {
    struct block *block = pool->index->blocks[slot];
    if (!block) continue;
    bits_set_all(&block->bits, 1);
    bits_add(&pool->index->room, slot);
  }
  pool->out = 0;
  pool->hot = NULL;
  pool->leaf = NULL;
  pool->shrink_threshold = threshold;
  pool->shrink_mark = SIZE_MAX;
  set_marks(pool);
  ration_pool_publish(pool);
  return 0;
}

/* Those that are taken now, each once, whatever `reset` takes and gives meanwhile. */
static void reset_all(struct ration_pool *pool) {
  flush(pool);
  for (size_t slot = 0; slot < pool->index->slots; slot++) {
    struct block *block = pool->index->blocks[slot];
    for (size_t number = 0; block && number < block->seen.count; number++)
      if (!has_bit(&block->seen, number)) block->seen.states[number] = POOL_DUE;
  }
  for (size_t slot = 0; slot < pool->index->slots; slot++) {
    struct block *block = pool->index->blocks[slot];
    for (size_t number = 0; block && number < block->seen.count; number++)
      if (block->seen.states[number] == POOL_DUE)
        ration_pool_give_far(pool, block->objects + number * pool->stride);
  }
}

int ration_pool_reserve(struct ration_pool *pool, size_t capacity) {
  if (!pool || !pool->table) return -EINVAL;
  if (capacity > pool->maximum) return -ENOSPC;
  while (pool->capacity < capacity) {
    int error = grow(pool);
    if (error) return error;
  }
  return 0;
}

int ration_pool_shrink_to_fit(struct ration_pool *pool) {
  if (!pool || !pool->table) return -EINVAL;
  if (pool->resetting) return -EBUSY; /* clear may be walking over the blocks */
  flush(pool);
  if (release_empty(pool, pool->out, 0)) pool->shrink_from = pool->capacity + pool->capacity / 4;
  set_marks(pool);
  ration_pool_publish(pool);
  return 0;
}

void *ration_pool_settle(struct ration_pool *pool, void *object) {
  size_t number;
  if (!pool || !pool->table) return fail(-EINVAL);
  if (!ration_pool_has(pool, object)) return fail(-EFAULT);
  flush(pool); /* or the next take would be of what is held back, however new its block */
  leave_leaf(pool);
  struct block *block = block_of(pool_index_find(pool, (uintptr_t)object, &number));
  size_t slot = bits_first(&pool->index->room);
  if (slot == BITS_NONE || slot >= block->slot) return object;
  struct block *older = pool->index->blocks[slot];
  size_t place = bits_first(&older->bits);
  void *moved = older->objects + place * pool->stride;
  memcpy(moved, object, pool->size);
  bits_remove(&older->bits, place);
  if (bits_first_word(&older->bits) == BITS_NONE) bits_remove(&pool->index->room, slot);
  bits_add(&block->bits, number);
  bits_add(&pool->index->room, block->slot);
  return moved;
}

int ration_pool_stats(const struct ration_pool *pool, struct ration_pool_counts *ret_counts) {
  if (!pool || !ret_counts) return -EINVAL;
  *ret_counts = (struct ration_pool_counts){
      .used = used_of(pool),
      .capacity = pool->capacity,
      .peak = pool->peak,
      .takes = pool->takes,
      .hits = pool->takes - pool->misses,
      .grows = pool->grows,
      .shrinks = pool->shrinks,
      .bytes = pool->bytes,
  };
  return 0;
}

int ration_pool_has(const struct ration_pool *pool, const void *object) {
  size_t number;
  if (!pool || !pool->table || !object || object == pool->hot) return 0;
  const struct ration_pool_block *block = pool_index_find(pool, (uintptr_t)object, &number);
  return block && !has_bit(block, number) && !(pool->reset && block->states[number] == POOL_RESETTING);
}

int ration_pool_watch(struct ration_pool *pool, ration_pool_hook hook, void *context) {
  if (!pool || !pool->table) return -EINVAL;
  pool->hook = hook;
  pool->hook_context = context;
  pool->publish_low = 0;
  set_marks(pool);
  ration_pool_publish(pool);
  return 0;
}

void ration_pool_publish(struct ration_pool *pool) {
  if (!pool || !pool->hook) return;
  size_t used = used_of(pool), most = used / 64 > 1 ? used / 64 : 1;
  pool->takes_due = pool->takes + (pool->takes / 64 > 1 ? pool->takes / 64 : 1) + 1;
  pool->high = used + most;
  pool->publish_low = used >= most ? used - most + 1 : 0; /* 1 more, since used may be out - 1 */
  set_marks(pool);
  struct ration_pool_counts counts;
  ration_pool_stats(pool, &counts);
  pool->hook(&counts, pool->hook_context);
}

/* ---- the pool as a memory ------------------------------------------------------------------------------ */

struct ration_memory *ration_pool_memory(struct ration_pool *pool) {
  return pool ? &pool->memory : NULL;
}

static struct ration_pool *pool_of(struct ration_memory *memory) {
  return (struct ration_pool *)(void *)memory;
}

static void *allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  struct ration_pool *pool = pool_of(memory);
  if (size <= pool->size && alignment <= pool->alignment) return ration_pool_take(pool);
  return fail(size <= pool->size ? -EINVAL : -ENOSPC);
}

static void *reallocate(struct ration_memory *memory, void *block, size_t size, size_t new_size,
                        size_t alignment) {
  struct ration_pool *pool = pool_of(memory);
  (void)size;
  if (!ration_pool_has(pool, block)) return fail(-EFAULT);
  if (new_size > pool->size) return fail(-ENOSPC);
  return alignment > pool->alignment ? fail(-EINVAL) : block;
}

static int release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  (void)size, (void)alignment;
  return ration_pool_give(pool_of(memory), block);
}

static const struct ration_memory_type memory_type = {
    .name = "pool", .allocate = allocate, .reallocate = reallocate, .release = release};
