/*
 * entity_builder.c: collects the components of an entity that is to be, and spawns it.
 */
#include "kit/world_store.h"

#include <errno.h>
#include <string.h>

#define NO_VALUE UINT32_MAX

static int grow_items(struct ration_entity_builder *builder);
static int grow_values(struct ration_entity_builder *builder, size_t bytes);
static void fill(const struct ration_entity_builder *builder, struct ration_entity entity);

static struct ration_entity_item *items_of(struct ration_entity_builder *builder) {
  return builder->more_items ? builder->more_items : builder->items;
}

static unsigned char *values_of(struct ration_entity_builder *builder) {
  return builder->more_values ? builder->more_values : builder->values;
}

int ration_entity_builder_init(struct ration_entity_builder *builder, struct ration_world *world) {
  if (!builder) return -EINVAL;
  builder->world = world && world->pools ? world : NULL;
  builder->memory = builder->world ? world->memory : NULL;
  builder->mask = 0;
  builder->more_items = NULL;
  builder->more_values = NULL;
  builder->count = builder->bytes = builder->more_bytes = 0;
  return builder->world ? 0 : -EINVAL;
}

int ration_entity_builder_add(struct ration_entity_builder *builder, const struct ration_component *type,
                              const void *value) {
  if (!builder || !builder->world) return -EINVAL;
  int id = world_id_of(builder->world, type);
  if (id < 0) return id;
  if (builder->mask >> id & 1) return -EEXIST;
  size_t bytes = value ? type->size : 0;
  int error = builder->count == RATION_ENTITY_BUILDER_COMPONENTS ? grow_items(builder) : 0;
  if (!error && bytes) error = grow_values(builder, bytes);
  if (error) return error;
  struct ration_entity_item item = {(uint32_t)id, value ? (uint32_t)builder->bytes : NO_VALUE};
  if (bytes) memcpy(values_of(builder) + builder->bytes, value, bytes);
  builder->bytes += bytes;
  builder->mask |= UINT64_C(1) << id;
  items_of(builder)[builder->count++] = item;
  return 0;
}

int ration_entity_builder_commit(struct ration_entity_builder *builder, struct ration_entity *ret_entity) {
  struct ration_entity entity;
  if (!builder || !builder->world || !ret_entity) return -EINVAL;
  int error = world_spawn(builder->world, builder->mask, &entity);
  if (error) return error;
  fill(builder, entity);
  world_settle(builder->world);
  struct ration_world *world = builder->world;
  ration_entity_builder_done(builder);
  ration_entity_builder_init(builder, world);
  *ret_entity = entity;
  return 0;
}

void ration_entity_builder_done(struct ration_entity_builder *builder) {
  if (!builder || !builder->world) return;
  ration_memory_release(builder->memory, builder->more_items,
                        RATION_WORLD_COMPONENTS * sizeof *builder->more_items, sizeof *builder->more_items);
  if (builder->more_values)
    ration_memory_release(builder->memory, builder->more_values, builder->more_bytes, 1);
  builder->world = NULL;
  builder->more_items = NULL;
  builder->more_values = NULL;
}

/* All bytes first: an init may look at those of the others. */
static void fill(const struct ration_entity_builder *builder, struct ration_entity entity) {
  struct ration_world *world = builder->world;
  const struct ration_entity_item *items = builder->more_items ? builder->more_items : builder->items;
  const unsigned char *values = builder->more_values ? builder->more_values : builder->values;
  const struct ration_world_record record = world->records[entity.index];
  size_t without = 0;
  for (size_t i = 0; i < builder->count; i++) {
    const void *value = items[i].offset == NO_VALUE ? NULL : values + items[i].offset;
    without += !value;
    world_component_set(world, record.archetype, record.row, items[i].id, value);
  }
  for (size_t i = 0; without && i < builder->count; i++)
    if (items[i].offset == NO_VALUE) world_component_init(world, entity, items[i].id);
}

/* To as many as a world can have, once. */
static int grow_items(struct ration_entity_builder *builder) {
  if (builder->more_items) return 0;
  struct ration_entity_item *items = (struct ration_entity_item *)ration_memory_allocate_array(
      builder->memory, RATION_WORLD_COMPONENTS, sizeof *items, sizeof *items);
  if (!items) return -errno;
  memcpy(items, builder->items, sizeof builder->items);
  builder->more_items = items;
  return 0;
}

/* Room for so many bytes more. */
static int grow_values(struct ration_entity_builder *builder, size_t bytes) {
  size_t room = builder->more_values ? builder->more_bytes : RATION_ENTITY_BUILDER_BYTES;
  if (bytes <= room - builder->bytes) return 0;
  if (bytes >= NO_VALUE - builder->bytes) return -EOVERFLOW; /* offsets are 32 bits */
  size_t wanted = 2 * room > builder->bytes + bytes ? 2 * room : builder->bytes + bytes;
  unsigned char *values;
  if (builder->more_values)
    values =
        (unsigned char *)ration_memory_reallocate(builder->memory, builder->more_values, room, wanted, 1);
  else
    values = (unsigned char *)ration_memory_allocate(builder->memory, wanted, 1);
  if (!values) return -errno;
  if (!builder->more_values) memcpy(values, builder->values, builder->bytes);
  builder->more_values = values;
  builder->more_bytes = wanted;
  return 0;
}
