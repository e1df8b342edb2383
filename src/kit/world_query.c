/*
 * world_query.c: runs of entities that have some components, and lack others.
 */
#include "kit/world_store.h"

#include <errno.h>
#include <string.h>

static int read_terms(const struct ration_world *world, const struct ration_component *const *types,
                      uint64_t *ret_mask, uint8_t *ret_ids, uint32_t *ret_count);
static void fill(struct ration_world_query *query, const struct ration_world_archetype *archetype);

/* Member by member: a query may be begun often, for few entities. */
int ration_world_query_begin(struct ration_world *world, struct ration_world_query *query,
                             const struct ration_world_terms *terms) {
  if (!query) return -EINVAL;
  query->world = NULL;
  query->count = 0;
  query->archetype = query->row = 0;
  if (!world || !world->pools || !terms) return -EINVAL;
  uint8_t ids[RATION_WORLD_TERMS];
  uint32_t count;
  int error = read_terms(world, terms->required, &query->required, query->ids, &query->terms);
  if (!error) error = read_terms(world, terms->excluded, &query->excluded, ids, &count);
  if (error) return error;
  if (query->required & query->excluded) return -EINVAL;
  query->world = world;
  world->iterating++;
  return 0;
}

int ration_world_query_next(struct ration_world_query *query) {
  if (!query) return -EINVAL;
  const struct ration_world *world = query->world;
  if (!world) return 0;
  for (; query->archetype < world->archetype_count; query->archetype++, query->row = 0) {
    const struct ration_world_archetype *archetype = &world->archetypes[query->archetype];
    int is_one =
        (archetype->mask & query->required) == query->required && !(archetype->mask & query->excluded);
    if (!is_one || query->row >= archetype->seen) continue;
    fill(query, archetype);
    return 1;
  }
  ration_world_query_end(query);
  return 0;
}

int ration_world_query_end(struct ration_world_query *query) {
  if (!query) return -EINVAL;
  struct ration_world *world = query->world;
  query->world = NULL;
  query->count = 0;
  if (!world) return 0;
  if (world->iterating) world->iterating--; /* unless the world came to an end in the meantime */
  world_settle(world);
  return 0;
}

/* The chunk in which the query's row is the first. */
static void fill(struct ration_world_query *query, const struct ration_world_archetype *archetype) {
  uint32_t chunk = world_chunk_of(query->world, query->row), left = archetype->seen - query->row;
  uint32_t rows = 1u << (query->world->least_shift + world_chunk_size(query->world, chunk));
  void *const *blocks = archetype->blocks + (size_t)chunk * archetype->columns;
  query->count = left < rows ? left : rows;
  query->entities = (const struct ration_entity *)blocks[0];
  for (uint32_t i = 0; i < query->terms; i++) {
    uint32_t column = archetype->column[query->ids[i]];
    query->columns[i] = column ? blocks[column] : NULL;
  }
  query->row += (uint32_t)query->count;
}

static int read_terms(const struct ration_world *world, const struct ration_component *const *types,
                      uint64_t *ret_mask, uint8_t *ret_ids, uint32_t *ret_count) {
  uint64_t mask = 0;
  uint32_t count = 0;
  for (; count < RATION_WORLD_TERMS && types[count]; count++) {
    int id = world_id_of(world, types[count]);
    if (id < 0) return id;
    ret_ids[count] = (uint8_t)id;
    mask |= UINT64_C(1) << id;
  }
  *ret_mask = mask;
  *ret_count = count;
  return 0;
}
