/*
 * world_store.h: where a world keeps its components: the pools of chunks, one for each component type, and the
 * archetypes, whose columns consist of such chunks. What calls it keeps the records of entities, and calls init and
 * done: here components are bytes.
 *
 *     archetype: blocks[chunk * columns + column]; column 0 has the entity ids, the others the components with a size,
 *     in the order of their ids.
 *     Rows of chunk c, with l = least_shift, m = most_shift: [0, 2^l) of 0, [2^(l+c-1), 2^(l+c)) of c <= m - l, and 2^m
 *     rows of each that follows: so a small archetype costs little, and a large one has long runs.
 *     chunks is the least with room(chunks) >= count, but between a reserve and the push that it is for.
 */
#ifndef RATION_SRC_KIT_WORLD_STORE_H
#define RATION_SRC_KIT_WORLD_STORE_H

#include <ration/kit/world.h>

#define WORLD_NOWHERE UINT32_MAX
#define WORLD_SIZES   14 /* of chunks: 2^3 to 2^16 rows */

/*
 * Of an entity index. Alive: its generation, archetype and row, next 0. Pending: the generation is 0 (that of the id is
 * in the archetype's row), next links the list of pending ones. Free: the generation is 0, archetype is the next one to
 * be given out, row WORLD_NOWHERE, next links the free list. Retired: as free, with 0 for the next generation.
 */
struct ration_world_record {
  uint32_t generation, archetype, row, next;
};

struct ration_world_pool {
  const struct ration_component *type; /* NULL: of the entity ids */
  struct ration_memory *memory;
  void *free[WORLD_SIZES]; /* chunks of 2^(least_shift + i) rows, linked by their first words */
  size_t size, alignment;
  size_t reserved; /* rows of all chunks */
  size_t used, peak, maximum;
  size_t takes, hits, published;
  int handle;    /* of the shim's; 0 or below: not listed */
  int has_grown; /* since the last take */
};

struct ration_world_archetype {
  uint64_t mask;
  void **blocks;
  uint32_t columns, chunks, chunk_capacity;
  uint32_t count;
  uint32_t seen;                           /* rows that queries walk; below count while one is open */
  uint8_t column[RATION_WORLD_COMPONENTS]; /* of a component; 0: a tag, or not in the mask */
};

static inline uint32_t world_bit(uint64_t *mask) {
  uint32_t bit = (uint32_t)__builtin_ctzll(*mask);
  *mask &= *mask - 1;
  return bit;
}

/* Rows that so many chunks have room for. */
static inline uint64_t world_room(const struct ration_world *world, uint64_t chunks) {
  uint64_t steps = world->most_shift - world->least_shift;
  if (!chunks) return 0;
  return chunks <= steps ? UINT64_C(1) << (world->least_shift + chunks - 1)
                         : (chunks - steps) << world->most_shift;
}

/* A chunk's rows are 2^(least_shift + its size). */
static inline uint32_t world_chunk_size(const struct ration_world *world, uint32_t chunk) {
  uint32_t steps = world->most_shift - world->least_shift;
  if (!chunk) return 0;
  return chunk <= steps ? chunk - 1 : steps;
}

static inline uint32_t world_chunk_of(const struct ration_world *world, uint32_t row) {
  if (row >> world->most_shift) return world->most_shift - world->least_shift + (row >> world->most_shift);
  if (!(row >> world->least_shift)) return 0;
  return 32 - (uint32_t)__builtin_clz(row) - world->least_shift;
}

static inline void *world_cell(const struct ration_world *world,
                               const struct ration_world_archetype *archetype, uint32_t column, size_t size,
                               uint32_t row) {
  uint32_t chunk = world_chunk_of(world, row);
  size_t place = row - (uint32_t)world_room(world, chunk);
  return (unsigned char *)archetype->blocks[(size_t)chunk * archetype->columns + column] + place * size;
}

static inline struct ration_entity *world_id(const struct ration_world *world,
                                             const struct ration_world_archetype *archetype, uint32_t row) {
  return (struct ration_entity *)world_cell(world, archetype, 0, sizeof(struct ration_entity), row);
}

/* The component, which has a size, at that row. */
static inline void *world_component(const struct ration_world *world,
                                    const struct ration_world_archetype *archetype, uint32_t id,
                                    uint32_t row) {
  return world_cell(world, archetype, archetype->column[id], world->pools[id].size, row);
}

/* Where the search for a type begins in `slots`, of which there are 2^7. */
static inline size_t world_slot(const struct ration_component *type) {
  return (size_t)(((uintptr_t)type * UINT64_C(0x9e3779b97f4a7c15)) >> 57); /* Fibonacci hashing */
}

/* The id of a type: 0 .. component_count - 1, or -EINVAL. */
int world_id_of(const struct ration_world *world, const struct ration_component *type);

/* The pool of a type, NULL for entity ids. 0, -EOVERFLOW: chunks of so many rows cannot be. */
int world_pool_init(struct ration_world_pool *pool, struct ration_memory *memory,
                    const struct ration_component *type, size_t rows);
void world_pool_shrink(const struct ration_world *world, struct ration_world_pool *pool);

/* Shows it to the shim, if that is there, and no longer. */
void world_pool_list(struct ration_world_pool *pool, const char *category);
void world_pool_unlist(struct ration_world_pool *pool);

/* Free chunks for an archetype of so many rows. 0, -ENOMEM. */
int world_pool_reserve(const struct ration_world *world, struct ration_world_pool *pool, size_t rows);

/* One component more, or less, is used. */
void world_pool_take(struct ration_world_pool *pool);
void world_pool_give(struct ration_world_pool *pool);

/* Those with exactly these components: its number; makes it. 0, -ENOSPC, -ENOMEM. */
int world_archetype_of(struct ration_world *world, uint64_t mask, uint32_t *ret_number);

/* Room for one row more. 0, -ENOMEM; all or nothing. */
int world_archetype_reserve(struct ration_world *world, uint32_t number);

/* A row at the end, which was reserved, with that id and anything in its components: its number. */
uint32_t world_archetype_push(struct ration_world *world, uint32_t number, struct ration_entity entity);

/* The bytes of a component, of a row that was reserved: the value's, or all zero. */
void world_component_set(struct ration_world *world, uint32_t number, uint32_t row, uint32_t id,
                         const void *value);

/* Takes a row away, and fills the gap with the last; whose record is set. */
void world_archetype_drop(struct ration_world *world, uint32_t number, uint32_t row);

/* Of world.c. A living entity with these components, which are reserved, counted, and hold anything: its id. 0, -ENOSPC,
   -ENOMEM, -EBUSY, -EINVAL: the world has ended. */
int world_spawn(struct ration_world *world, uint64_t mask, struct ration_entity *ret_entity);

/* Of world.c: init is called, if there is one. */
void world_component_init(struct ration_world *world, struct ration_entity entity, uint32_t id);

/* Of world.c. Where no query is open and no init or done runs: queries see all, pending despawns are carried out. */
void world_settle(struct ration_world *world);

/* Of world_system.c: gives their memory back. */
void world_systems_done(struct ration_world *world);

int world_store_is_valid(const struct ration_world *world);

#endif
