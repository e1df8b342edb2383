/*
 * world_store.c: pools of chunks, and archetypes made of them.
 */
#include "kit/world_store.h"

#include <ration/ration.h>
#include <ration/tag.h>

#include <errno.h>
#include <string.h>

#include "base/hash.h"

#define CHUNK_ALIGNMENT 64 /* a cache line, and the widest vector */

static void *take_chunk(const struct ration_world *world, struct ration_world_pool *pool, uint32_t size);
static void give_chunk(struct ration_world_pool *pool, void *chunk, uint32_t size);
static void publish(struct ration_world_pool *pool);
static int make_archetype(struct ration_world *world, uint64_t mask);
static int grow_table(struct ration_world *world);

static struct ration_world_pool *ids_pool(const struct ration_world *world) {
  return &world->pools[world->settings.components];
}

/* ---- component types ------------------------------------------------------------------------------------- */

int world_id_of(const struct ration_world *world, const struct ration_component *type) {
  for (size_t slot = world_slot(type); world->slots[slot]; slot = (slot + 1) % sizeof world->slots)
    if (world->pools[world->slots[slot] - 1].type == type) return world->slots[slot] - 1;
  return -EINVAL;
}

/* ---- pools ----------------------------------------------------------------------------------------------- */

int world_pool_init(struct ration_world_pool *pool, struct ration_memory *memory,
                    const struct ration_component *type, size_t rows) {
  size_t size = type ? type->size : sizeof(struct ration_entity), alignment = type ? type->alignment : 1,
         bytes;
  if (__builtin_mul_overflow(size, rows, &bytes) || bytes > RATION_BYTES_MOST) return -EOVERFLOW;
  *pool = (struct ration_world_pool){.type = type,
                                     .memory = memory,
                                     .size = size,
                                     .alignment = alignment > CHUNK_ALIGNMENT ? alignment : CHUNK_ALIGNMENT,
                                     .maximum = SIZE_MAX};
  return 0;
}

void world_pool_shrink(const struct ration_world *world, struct ration_world_pool *pool) {
  size_t before = pool->reserved;
  for (uint32_t size = 0; size < WORLD_SIZES; size++) {
    size_t rows = (size_t)1 << (world->least_shift + size);
    while (pool->free[size]) {
      void *chunk = pool->free[size];
      memcpy(&pool->free[size], chunk, sizeof(void *));
      ration_memory_release(pool->memory, chunk, rows * pool->size, pool->alignment);
      pool->reserved -= rows;
    }
  }
  if (pool->reserved != before) publish(pool);
}

void world_pool_list(struct ration_world_pool *pool, const char *category) {
  if (!pool->size) return; /* the shim lists pools of bytes */
  uint32_t id = category ? ration_tag_category(category) : 0;
  pool->handle = ration_tag_pool_register(pool->type->name, id, pool->size);
  publish(pool);
}

/* What is shown of it last is exact. */
void world_pool_unlist(struct ration_world_pool *pool) {
  publish(pool);
  if (pool->handle > 0) ration_tag_pool_unregister(pool->handle);
  pool->handle = 0;
}

static void publish(struct ration_world_pool *pool) {
  if (pool->handle <= 0) return;
  struct ration_pool_figures figures = {.size = sizeof figures,
                                        .used = pool->used,
                                        .reserved = pool->reserved,
                                        .peak = pool->peak,
                                        .takes = pool->takes,
                                        .hits = pool->hits};
  ration_tag_pool_update(pool->handle, &figures);
  pool->published = pool->used;
}

/* What is shown may lag by a 64th, so that an update is not due for every component. */
static void consider_publishing(struct ration_world_pool *pool, int has_grown) {
  if (__builtin_expect(pool->handle <= 0, 1)) return;
  size_t lag = pool->used > pool->published ? pool->used - pool->published : pool->published - pool->used;
  size_t most = pool->published / 64 > 1 ? pool->published / 64 : 1;
  if (has_grown || lag > most) publish(pool);
}

void world_pool_take(struct ration_world_pool *pool) {
  int has_grown = pool->has_grown;
  pool->has_grown = 0;
  pool->takes++;
  pool->hits += !has_grown;
  if (++pool->used > pool->peak) pool->peak = pool->used;
  consider_publishing(pool, has_grown);
}

void world_pool_give(struct ration_world_pool *pool) {
  pool->used--;
  consider_publishing(pool, 0);
}

static void *make_chunk(const struct ration_world *world, struct ration_world_pool *pool, uint32_t size) {
  size_t rows = (size_t)1 << (world->least_shift + size);
  void *chunk = ration_memory_allocate(pool->memory, rows * pool->size, pool->alignment);
  if (chunk) pool->reserved += rows;
  return chunk;
}

static void *take_chunk(const struct ration_world *world, struct ration_world_pool *pool, uint32_t size) {
  void *chunk = pool->free[size];
  if (chunk) {
    memcpy(&pool->free[size], chunk, sizeof(void *));
    return chunk;
  }
  chunk = make_chunk(world, pool, size);
  if (chunk) pool->has_grown = 1;
  return chunk;
}

static void give_chunk(struct ration_world_pool *pool, void *chunk, uint32_t size) {
  memcpy(chunk, &pool->free[size], sizeof(void *));
  pool->free[size] = chunk;
}

int world_pool_reserve(const struct ration_world *world, struct ration_world_pool *pool, size_t rows) {
  void *chunks[WORLD_SIZES]; /* that are free now, and not counted on yet */
  if (!pool->size) return 0;
  memcpy(chunks, pool->free, sizeof chunks);
  for (uint32_t i = 0; world_room(world, i) < rows; i++) {
    uint32_t size = world_chunk_size(world, i);
    if (chunks[size]) {
      memcpy(&chunks[size], chunks[size], sizeof(void *));
      continue;
    }
    void *chunk = make_chunk(world, pool, size);
    if (!chunk) return -errno;
    give_chunk(pool, chunk, size);
  }
  publish(pool);
  return 0;
}

/* ---- archetypes ------------------------------------------------------------------------------------------ */

static size_t slot_of(const struct ration_world *world, uint64_t mask) {
  size_t slot = hash_word(mask) & (world->table_size - 1);
  while (world->table[slot] && world->archetypes[world->table[slot] - 1].mask != mask)
    slot = (slot + 1) & (world->table_size - 1);
  return slot;
}

int world_archetype_of(struct ration_world *world, uint64_t mask, uint32_t *ret_number) {
  if (world->table_size) {
    uint32_t found = world->table[slot_of(world, mask)];
    if (found) {
      *ret_number = found - 1;
      return 0;
    }
  }
  int error = make_archetype(world, mask);
  if (!error) *ret_number = (uint32_t)world->archetype_count - 1;
  return error;
}

static int make_archetype(struct ration_world *world, uint64_t mask) {
  if (world->archetype_count == world->settings.archetypes) return -ENOSPC;
  if (world->archetype_count == world->archetype_capacity) {
    size_t count = world->archetype_capacity ? 2 * world->archetype_capacity : 8;
    void *grown = ration_memory_reallocate(world->memory, world->archetypes,
                                           world->archetype_capacity * sizeof *world->archetypes,
                                           count * sizeof *world->archetypes, sizeof(void *));
    if (!grown) return -errno;
    world->archetypes = (struct ration_world_archetype *)grown;
    world->archetype_capacity = count;
  }
  if (2 * (world->archetype_count + 1) > world->table_size) {
    int error = grow_table(world);
    if (error) return error;
  }
  struct ration_world_archetype made = {.mask = mask, .columns = 1};
  for (uint64_t left = mask; left;) {
    uint32_t id = world_bit(&left);
    if (world->pools[id].size) made.column[id] = (uint8_t)made.columns++;
  }
  size_t slot = slot_of(world, mask);
  world->archetypes[world->archetype_count++] = made;
  world->table[slot] = (uint32_t)world->archetype_count;
  return 0;
}

static int grow_table(struct ration_world *world) {
  size_t size = world->table_size ? 2 * world->table_size : 16;
  uint32_t *table =
      (uint32_t *)ration_memory_allocate_array(world->memory, size, sizeof *table, sizeof *table);
  if (!table) return -errno;
  memset(table, 0, size * sizeof *table);
  if (world->table)
    ration_memory_release(world->memory, world->table, world->table_size * sizeof *table, sizeof *table);
  world->table = table;
  world->table_size = size;
  for (size_t i = 0; i < world->archetype_count; i++)
    table[slot_of(world, world->archetypes[i].mask)] = (uint32_t)i + 1;
  return 0;
}

/* The pool of each column in turn: call with column 1 and the mask; column 0 is of the ids. */
static struct ration_world_pool *next_pool(const struct ration_world *world, uint64_t *left) {
  while (*left) {
    struct ration_world_pool *pool = &world->pools[world_bit(left)];
    if (pool->size) return pool;
  }
  return NULL;
}

/* Gives the first `columns` blocks of the chunk behind the last one back. */
static void give_blocks(struct ration_world *world, struct ration_world_archetype *archetype,
                        uint32_t columns) {
  uint64_t left = archetype->mask;
  void **blocks = archetype->blocks + (size_t)archetype->chunks * archetype->columns;
  struct ration_world_pool *pool = ids_pool(world);
  uint32_t size = world_chunk_size(world, archetype->chunks);
  for (uint32_t i = 0; i < columns; i++, pool = next_pool(world, &left)) give_chunk(pool, blocks[i], size);
}

int world_archetype_reserve(struct ration_world *world, uint32_t number) {
  struct ration_world_archetype *archetype = &world->archetypes[number];
  if (archetype->count < world_room(world, archetype->chunks)) return 0;
  if (archetype->chunks == archetype->chunk_capacity) {
    uint32_t count = archetype->chunk_capacity ? 2 * archetype->chunk_capacity : 4;
    size_t chunk = archetype->columns * sizeof(void *);
    void *grown = ration_memory_reallocate(world->memory, archetype->blocks,
                                           archetype->chunk_capacity * chunk, count * chunk, sizeof(void *));
    if (!grown) return -errno;
    archetype->blocks = (void **)grown;
    archetype->chunk_capacity = count;
  }
  uint64_t left = archetype->mask;
  void **blocks = archetype->blocks + (size_t)archetype->chunks * archetype->columns;
  struct ration_world_pool *pool = ids_pool(world);
  uint32_t size = world_chunk_size(world, archetype->chunks);
  for (uint32_t i = 0; i < archetype->columns; i++, pool = next_pool(world, &left)) {
    blocks[i] = take_chunk(world, pool, size);
    if (blocks[i]) continue;
    int error = -errno;
    give_blocks(world, archetype, i);
    return error;
  }
  archetype->chunks++;
  return 0;
}

uint32_t world_archetype_push(struct ration_world *world, uint32_t number, struct ration_entity entity) {
  struct ration_world_archetype *archetype = &world->archetypes[number];
  uint32_t row = archetype->count++;
  *world_id(world, archetype, row) = entity;
  if (world->iterating)
    world->has_unseen = 1;
  else
    archetype->seen = archetype->count;
  return row;
}

void world_component_set(struct ration_world *world, uint32_t number, uint32_t row, uint32_t id,
                         const void *value) {
  size_t size = world->pools[id].size;
  if (!size) return;
  void *component = world_component(world, &world->archetypes[number], id, row);
  if (value)
    memcpy(component, value, size);
  else
    memset(component, 0, size);
}

void world_archetype_drop(struct ration_world *world, uint32_t number, uint32_t row) {
  struct ration_world_archetype *archetype = &world->archetypes[number];
  uint32_t last = --archetype->count;
  archetype->seen = last;
  if (row != last) {
    struct ration_entity moved = *world_id(world, archetype, last);
    *world_id(world, archetype, row) = moved;
    world->records[moved.index].row = row;
    for (uint64_t left = archetype->mask; left;) {
      uint32_t id = world_bit(&left);
      if (world->pools[id].size)
        memcpy(world_component(world, archetype, id, row), world_component(world, archetype, id, last),
               world->pools[id].size);
    }
  }
  if (last > world_room(world, archetype->chunks - 1)) return;
  archetype->chunks--;
  give_blocks(world, archetype, archetype->columns);
}

/* ---- validity -------------------------------------------------------------------------------------------- */

static int is_archetype_valid(const struct ration_world *world, size_t number) {
  const struct ration_world_archetype *archetype = &world->archetypes[number];
  if (archetype->seen > archetype->count || archetype->count > world_room(world, archetype->chunks)) return 0;
  if (archetype->chunks && archetype->count <= world_room(world, archetype->chunks - 1)) return 0;
  if (!world->iterating && archetype->seen != archetype->count) return 0;
  if (world->table[slot_of(world, archetype->mask)] != number + 1) return 0;
  for (uint32_t row = 0; row < archetype->count; row++) {
    struct ration_entity entity = *world_id(world, archetype, row);
    if (entity.index >= world->record_count || !entity.generation) return 0;
    const struct ration_world_record *record = &world->records[entity.index];
    if (record->archetype != number || record->row != row) return 0;
    if (record->generation && record->generation != entity.generation) return 0;
  }
  return 1;
}

/* id: of a component, or the number of components for the pool of entity ids. */
static int is_pool_valid(const struct ration_world *world, size_t id) {
  const struct ration_world_pool *pool = id < world->component_count ? &world->pools[id] : ids_pool(world);
  size_t used = 0;
  uint64_t rows = 0;
  for (size_t i = 0; i < world->archetype_count; i++) {
    const struct ration_world_archetype *archetype = &world->archetypes[i];
    if (id < world->component_count && !(archetype->mask >> id & 1)) continue;
    used += archetype->count;
    rows += pool->size ? world_room(world, archetype->chunks) : 0;
  }
  for (uint32_t size = 0; size < WORLD_SIZES; size++)
    for (void *chunk = pool->free[size]; chunk; memcpy(&chunk, chunk, sizeof chunk))
      rows += UINT64_C(1) << (world->least_shift + size);
  if (pool->reserved != rows) return 0;
  return !pool->type || (pool->used == used && pool->peak >= used && used <= pool->maximum);
}

int world_store_is_valid(const struct ration_world *world) {
  for (size_t i = 0; i < world->archetype_count; i++)
    if (!is_archetype_valid(world, i)) return 0;
  for (size_t id = 0; id <= world->component_count; id++)
    if (!is_pool_valid(world, id)) return 0;
  return 1;
}
