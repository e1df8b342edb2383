/*
 * world.c: the world: its component types, and its entities' records. Bytes are moved by world_store.c; here is what
 * they belong to, and when init and done are called.
 *
 * Each despawn goes through the list of pending ones, which is walked at once where nothing stands against it: no query
 * is open, no init or done runs. The list is linked through the records, so it needs no memory.
 */
#include "kit/fail.h"
#include "kit/world_store.h"

#include <errno.h>
#include <string.h>

static unsigned char tag; /* where components without bytes are */

static int is_setting_wrong(const struct ration_world_settings *settings);
static void remember(struct ration_world *world, const struct ration_component *type);
static int find(const struct ration_world *world, struct ration_entity entity,
                struct ration_world_record **ret_record);
static int reserve_index(struct ration_world *world);
static int grow_records(struct ration_world *world, size_t count);
static struct ration_entity take_index(struct ration_world *world);
static void finish_despawn(struct ration_world *world, uint32_t index);
static int check_room(const struct ration_world *world, uint64_t mask);
static void *component_at(const struct ration_world *world, const struct ration_world_record *record,
                          uint32_t id);
static void move(struct ration_world *world, struct ration_entity entity, uint32_t target);

/* ---- the world ------------------------------------------------------------------------------------------- */

int ration_world_init(struct ration_world *world, struct ration_memory *memory,
                      const struct ration_world_settings *settings) {
  struct ration_world made = {.memory = memory};
  if (settings) made.settings = *settings;
  if (!made.settings.entities) made.settings.entities = RATION_WORLD_ENTITIES;
  if (!made.settings.components) made.settings.components = RATION_WORLD_COMPONENTS;
  if (!made.settings.archetypes) made.settings.archetypes = 4096;
  if (!made.settings.systems) made.settings.systems = 256;
  if (!made.settings.chunk) made.settings.chunk = 1024;
  if (!made.settings.chunk_most)
    made.settings.chunk_most = made.settings.chunk > 16384 ? made.settings.chunk : 16384;
  if (!world || is_setting_wrong(&made.settings)) return -EINVAL;
  size_t count = made.settings.components + 1;
  made.least_shift = (uint32_t)__builtin_ctzll(made.settings.chunk);
  made.most_shift = (uint32_t)__builtin_ctzll(made.settings.chunk_most);
  made.pools = (struct ration_world_pool *)ration_memory_allocate_array(memory, count, sizeof *made.pools,
                                                                        sizeof(void *));
  if (!made.pools) return -errno;
  memset(made.pools, 0, count * sizeof *made.pools);
  world_pool_init(&made.pools[count - 1], memory, NULL, made.settings.chunk_most);
  *world = made;
  return 0;
}

static int is_chunk_wrong(size_t rows) {
  return rows & (rows - 1) || rows < 8 || rows > 65536;
}

static int is_setting_wrong(const struct ration_world_settings *settings) {
  return settings->entities > RATION_WORLD_ENTITIES || settings->components > RATION_WORLD_COMPONENTS ||
         settings->archetypes > UINT32_MAX / 4 || settings->systems > UINT32_MAX ||
         is_chunk_wrong(settings->chunk) || is_chunk_wrong(settings->chunk_most) ||
         settings->chunk > settings->chunk_most;
}

void ration_world_done(struct ration_world *world) {
  if (!world || !world->pools || world->locked) return;
  do {
    world->iterating = 0;
    world_settle(world);
  } while (ration_world_clear(world)); /* again where a component's done has left a query open */
  for (size_t i = 0; i < world->archetype_count; i++) {
    const struct ration_world_archetype *archetype = &world->archetypes[i];
    if (archetype->blocks)
      ration_memory_release(world->memory, archetype->blocks,
                            archetype->chunk_capacity * archetype->columns * sizeof(void *), sizeof(void *));
  }
  for (size_t i = 0; i <= world->settings.components; i++) {
    world_pool_unlist(&world->pools[i]);
    world_pool_shrink(world, &world->pools[i]);
  }
  ration_memory_release(world->memory, world->pools, (world->settings.components + 1) * sizeof *world->pools,
                        sizeof(void *));
  if (world->records)
    ration_memory_release(world->memory, world->records, world->record_capacity * sizeof *world->records,
                          sizeof *world->records);
  if (world->archetypes)
    ration_memory_release(world->memory, world->archetypes,
                          world->archetype_capacity * sizeof *world->archetypes, sizeof(void *));
  if (world->table)
    ration_memory_release(world->memory, world->table, world->table_size * sizeof *world->table,
                          sizeof *world->table);
  world_systems_done(world);
  memset(world, 0, sizeof *world);
}

int ration_world_clear(struct ration_world *world) {
  if (!world || !world->pools) return -EINVAL;
  if (world->iterating || world->locked) return -EBUSY;
  for (uint32_t i = 0; i < world->archetype_count; i++)
    while (world->archetypes[i].count) {
      ration_world_despawn(world, *world_id(world, &world->archetypes[i], world->archetypes[i].count - 1));
      if (world->iterating) return -EBUSY;
    }
  return 0;
}

int ration_world_reserve(struct ration_world *world, size_t count) {
  if (!world || !world->pools) return -EINVAL;
  if (count > world->settings.entities) return -ENOSPC;
  int error = count > world->record_capacity ? grow_records(world, count) : 0;
  return error ? error : world_pool_reserve(world, &world->pools[world->settings.components], count);
}

int ration_world_shrink_to_fit(struct ration_world *world) {
  if (!world || !world->pools) return -EINVAL;
  for (size_t i = 0; i <= world->settings.components; i++) world_pool_shrink(world, &world->pools[i]);
  return 0;
}

/* ---- component types ------------------------------------------------------------------------------------- */

int ration_world_component_add(struct ration_world *world, const struct ration_component *type,
                               const struct ration_component_settings *settings) {
  static const struct ration_component_settings defaults;
  if (!settings) settings = &defaults;
  if (!world || !world->pools || !type || !type->name || ration_memory_check(1, type->alignment) ||
      type->size % type->alignment)
    return -EINVAL;
  for (size_t i = 0; i < world->component_count; i++)
    if (world->pools[i].type == type || !strcmp(world->pools[i].type->name, type->name)) return -EEXIST;
  if (world->component_count == world->settings.components) return -ENOSPC;
  struct ration_world_pool *pool = &world->pools[world->component_count];
  int error = world_pool_init(pool, settings->memory ? settings->memory : world->memory, type,
                              world->settings.chunk_most);
  if (error) return error;
  if (settings->maximum) pool->maximum = settings->maximum;
  world->component_count++;
  remember(world, type);
  world_pool_list(pool, settings->category);
  return 0;
}

int ration_world_component_reserve(struct ration_world *world, const struct ration_component *type,
                                   size_t count) {
  int id = world ? world_id_of(world, type) : -EINVAL;
  if (id < 0) return id;
  struct ration_world_pool *pool = &world->pools[id];
  return count > pool->maximum || count > RATION_WORLD_ENTITIES ? -ENOSPC
                                                                : world_pool_reserve(world, pool, count);
}

int ration_world_component_stats(const struct ration_world *world, const struct ration_component *type,
                                 struct ration_component_figures *ret_figures) {
  int id = world && ret_figures ? world_id_of(world, type) : -EINVAL;
  if (id < 0) return id;
  const struct ration_world_pool *pool = &world->pools[id];
  *ret_figures = (struct ration_component_figures){.used = pool->used,
                                                   .reserved = pool->size ? pool->reserved : pool->used,
                                                   .peak = pool->peak,
                                                   .bytes = (uint64_t)pool->reserved * pool->size,
                                                   .takes = pool->takes,
                                                   .hits = pool->hits};
  return 0;
}

/* ---- entities -------------------------------------------------------------------------------------------- */

int world_spawn(struct ration_world *world, uint64_t mask, struct ration_entity *ret_entity) {
  uint32_t number;
  if (!world->pools) return -EINVAL;
  if (world->locked) return -EBUSY;
  int error = check_room(world, mask);
  if (!error) error = reserve_index(world);
  if (!error) error = world_archetype_of(world, mask, &number);
  if (!error) error = world_archetype_reserve(world, number);
  if (error) return error;
  struct ration_entity entity = take_index(world);
  struct ration_world_record *record = &world->records[entity.index];
  record->archetype = number;
  record->row = world_archetype_push(world, number, entity);
  world->alive++;
  while (mask) world_pool_take(&world->pools[world_bit(&mask)]);
  *ret_entity = entity;
  return 0;
}

int ration_world_despawn(struct ration_world *world, struct ration_entity entity) {
  struct ration_world_record *record;
  int error = find(world, entity, &record);
  if (error) return error;
  record->generation = 0;
  record->next = 0;
  if (world->last_pending)
    world->records[world->last_pending - 1].next = entity.index + 1;
  else
    world->first_pending = entity.index + 1;
  world->last_pending = entity.index + 1;
  world->alive--;
  world->pending++;
  world_settle(world);
  return 0;
}

int ration_world_is_alive(const struct ration_world *world, struct ration_entity entity) {
  struct ration_world_record *record;
  return !find(world, entity, &record);
}

size_t ration_world_count(const struct ration_world *world) {
  return world ? world->alive : 0;
}

void *ration_world_add(struct ration_world *world, struct ration_entity entity,
                       const struct ration_component *type, const void *value) {
  struct ration_world_record *record;
  uint32_t target;
  int error = find(world, entity, &record);
  int id = error ? error : world_id_of(world, type);
  if (id < 0) return fail(id);
  uint64_t mask = world->archetypes[record->archetype].mask, bit = UINT64_C(1) << id;
  if (world->iterating || world->locked) return fail(-EBUSY);
  if (mask & bit) return fail(-EEXIST);
  error = check_room(world, bit);
  if (!error) error = world_archetype_of(world, mask | bit, &target);
  if (!error) error = world_archetype_reserve(world, target);
  if (error) return fail(error);
  struct ration_world_pool *pool = &world->pools[id];
  /* To the row of the push below; before a move may touch where the value lies. */
  world_component_set(world, target, world->archetypes[target].count, (uint32_t)id, value);
  move(world, entity, target);
  world_pool_take(pool);
  if (!value) world_component_init(world, entity, (uint32_t)id);
  world_settle(world);
  return ration_world_get(world, entity, type);
}

int ration_world_remove(struct ration_world *world, struct ration_entity entity,
                        const struct ration_component *type) {
  struct ration_world_record *record;
  uint32_t target;
  int error = find(world, entity, &record);
  int id = error ? error : world_id_of(world, type);
  if (id < 0) return id;
  uint64_t mask = world->archetypes[record->archetype].mask, bit = UINT64_C(1) << id;
  if (!(mask & bit)) return -ENOENT;
  if (world->iterating || world->locked) return -EBUSY;
  error = world_archetype_of(world, mask & ~bit, &target);
  if (!error) error = world_archetype_reserve(world, target);
  if (error) return error;
  if (type->done) {
    world->locked++;
    type->done(component_at(world, record, (uint32_t)id), type->context);
    world->locked--;
  }
  move(world, entity, target);
  world_pool_give(&world->pools[id]);
  world_settle(world);
  return 0;
}

void *ration_world_get(const struct ration_world *world, struct ration_entity entity,
                       const struct ration_component *type) {
  struct ration_world_record *record;
  int error = find(world, entity, &record);
  int id = error ? error : world_id_of(world, type);
  if (id < 0) return fail(id);
  if (!(world->archetypes[record->archetype].mask >> id & 1)) return fail(-ENOENT);
  return component_at(world, record, (uint32_t)id);
}

int ration_world_has(const struct ration_world *world, struct ration_entity entity,
                     const struct ration_component *type) {
  struct ration_world_record *record;
  int id = find(world, entity, &record) ? -ENOENT : world_id_of(world, type);
  return id >= 0 && world->archetypes[record->archetype].mask >> id & 1;
}

void world_component_init(struct ration_world *world, struct ration_entity entity, uint32_t id) {
  const struct ration_component *type = world->pools[id].type;
  if (!type->init) return;
  world->locked++;
  type->init(component_at(world, &world->records[entity.index], id), type->context);
  world->locked--;
}

void world_settle(struct ration_world *world) {
  if (world->iterating || world->locked) return;
  for (size_t i = 0; world->has_unseen && i < world->archetype_count; i++)
    world->archetypes[i].seen = world->archetypes[i].count;
  world->has_unseen = 0;
  while (world->first_pending) {
    uint32_t index = world->first_pending - 1;
    world->first_pending = world->records[index].next;
    if (!world->first_pending) world->last_pending = 0;
    finish_despawn(world, index);
  }
}

int ration_world_is_valid(const struct ration_world *world) {
  if (!world || !world->pools) return 0;
  size_t rows = 0, pending = 0, free = 0;
  for (size_t i = 0; i < world->archetype_count; i++) rows += world->archetypes[i].count;
  for (uint32_t i = world->first_pending; i && pending <= world->pending; i = world->records[i - 1].next)
    pending++;
  for (uint32_t i = world->free; i && free <= world->record_count; i = world->records[i - 1].next) free++;
  return rows == world->alive + world->pending && pending == world->pending &&
         world->alive + pending + free + world->retired == world->record_count &&
         (world->iterating || world->locked || !pending) && world_store_is_valid(world);
}

/* ---- details --------------------------------------------------------------------------------------------- */

static void remember(struct ration_world *world, const struct ration_component *type) {
  size_t slot = world_slot(type);
  while (world->slots[slot]) slot = (slot + 1) % sizeof world->slots;
  world->slots[slot] = (uint8_t)world->component_count;
}

static uint32_t newest_generation(const struct ration_world *world,
                                  const struct ration_world_record *record) {
  if (record->generation) return record->generation;
  if (record->row == WORLD_NOWHERE) return record->archetype - 1; /* retired: UINT32_MAX */
  return world_id(world, &world->archetypes[record->archetype], record->row)->generation;
}

static int find(const struct ration_world *world, struct ration_entity entity,
                struct ration_world_record **ret_record) {
  if (!world || !entity.generation) return -EINVAL;
  if (entity.index >= world->record_count) return world->pools ? -ENOENT : -EINVAL;
  struct ration_world_record *record = &world->records[entity.index];
  if (__builtin_expect(record->generation != entity.generation, 0))
    return entity.generation > newest_generation(world, record) ? -ENOENT : -ESTALE;
  *ret_record = record;
  return 0;
}

static int check_room(const struct ration_world *world, uint64_t mask) {
  while (mask) {
    const struct ration_world_pool *pool = &world->pools[world_bit(&mask)];
    if (pool->used >= pool->maximum) return -ENOSPC;
  }
  return 0;
}

static int reserve_index(struct ration_world *world) {
  if (world->alive + world->pending >= world->settings.entities) return -ENOSPC;
  if (world->free || world->record_count < world->record_capacity) return 0;
  if (world->record_count == RATION_WORLD_ENTITIES) return -ENOSPC; /* the others are retired */
  size_t count = world->record_capacity ? 2 * world->record_capacity : 64;
  return grow_records(world, count > RATION_WORLD_ENTITIES ? RATION_WORLD_ENTITIES : count);
}

static int grow_records(struct ration_world *world, size_t count) {
  void *grown =
      ration_memory_reallocate(world->memory, world->records, world->record_capacity * sizeof *world->records,
                               count * sizeof *world->records, sizeof *world->records);
  if (!grown) return -errno;
  world->records = (struct ration_world_record *)grown;
  world->record_capacity = count;
  return 0;
}

static struct ration_entity take_index(struct ration_world *world) {
  uint32_t index = world->free ? world->free - 1 : (uint32_t)world->record_count++;
  struct ration_world_record *record = &world->records[index];
  struct ration_entity entity = {index, 1};
  if (world->free) {
    entity.generation = record->archetype;
    world->free = record->next;
  }
  *record = (struct ration_world_record){.generation = entity.generation};
  return entity;
}

/* Its done functions may despawn others, which are then pending behind it, and reserve, which moves the records. */
static void finish_despawn(struct ration_world *world, uint32_t index) {
  const struct ration_world_record record = world->records[index];
  uint32_t number = record.archetype, next = newest_generation(world, &record) + 1;
  world->locked++;
  for (uint64_t left = world->archetypes[number].mask; left;) {
    uint32_t id = world_bit(&left);
    const struct ration_component *type = world->pools[id].type;
    if (type->done) type->done(component_at(world, &record, id), type->context);
    world_pool_give(&world->pools[id]);
  }
  world->locked--;
  world_archetype_drop(world, number, record.row);
  world->records[index] =
      (struct ration_world_record){.archetype = next, .row = WORLD_NOWHERE, .next = world->free};
  world->pending--;
  if (next)
    world->free = index + 1;
  else
    world->retired++;
}

static void *component_at(const struct ration_world *world, const struct ration_world_record *record,
                          uint32_t id) {
  if (!world->pools[id].size) return &tag;
  return world_component(world, &world->archetypes[record->archetype], id, record->row);
}

/* To a row of another archetype that was reserved, with the components that both have. */
static void move(struct ration_world *world, struct ration_entity entity, uint32_t target) {
  struct ration_world_record *record = &world->records[entity.index];
  uint32_t source = record->archetype, from = record->row;
  uint32_t to = world_archetype_push(world, target, entity);
  for (uint64_t both = world->archetypes[source].mask & world->archetypes[target].mask; both;) {
    uint32_t id = world_bit(&both);
    if (world->pools[id].size)
      memcpy(world_component(world, &world->archetypes[target], id, to),
             world_component(world, &world->archetypes[source], id, from), world->pools[id].size);
  }
  record->archetype = target;
  record->row = to;
  world_archetype_drop(world, source, from);
}
