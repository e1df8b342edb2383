/*
 * entity_builder.c: tests of ration/kit/world.h: builders, with many components, and with no memory.
 */
#include <ration/kit/world.h>

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/failing_memory.h"

static const struct ration_component unknown = {"unknown", 4, 4, NULL, NULL, NULL};

static uint64_t used(const struct ration_world *world, const struct ration_component *type) {
  struct ration_component_figures figures;
  cr_assert_eq(ration_world_component_stats(world, type, &figures), 0);
  return figures.used;
}

static struct ration_component ten[10];
static const char *const ten_names[10] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

static void make_ten(struct ration_world *world, struct ration_memory *memory, size_t size) {
  cr_assert_eq(ration_world_init(world, memory, NULL), 0);
  for (int i = 0; i < 10; i++) {
    ten[i] = (struct ration_component){ten_names[i], size, 4, NULL, NULL, NULL};
    cr_assert_eq(ration_world_component_add(world, &ten[i], NULL), 0);
  }
}

Test(kit_entity_builder, a_builder_has_room_for_eight) {
  struct failing_memory memory;
  struct ration_world world;
  struct ration_entity_builder builder;
  struct ration_entity entity;
  unsigned char value[64];
  failing_memory_init(&memory, SIZE_MAX);
  make_ten(&world, &memory.memory, sizeof value);
  size_t left = memory.left;
  cr_assert_eq(ration_entity_builder_init(&builder, &world), 0);
  for (int i = 0; i < 8; i++) {
    memset(value, i + 1, sizeof value);
    cr_expect_eq(ration_entity_builder_add(&builder, &ten[i], value), 0);
  }
  cr_expect_eq(memory.left, left, "nothing was asked for");
  cr_expect_eq(ration_entity_builder_add(&builder, &ten[3], value), -EEXIST);
  cr_expect_eq(ration_entity_builder_add(&builder, &unknown, value), -EINVAL);
  cr_expect_eq(ration_entity_builder_add(&builder, NULL, value), -EINVAL);
  for (int i = 8; i < 10; i++) {
    memset(value, i + 1, sizeof value);
    cr_expect_eq(ration_entity_builder_add(&builder, &ten[i], value), 0);
  }
  cr_expect_eq(memory.left, left - 2, "items, and values");
  cr_expect_eq(ration_entity_builder_commit(&builder, NULL), -EINVAL);
  cr_assert_eq(ration_entity_builder_commit(&builder, &entity), 0);
  for (int i = 0; i < 10; i++) {
    const unsigned char *got = ration_world_get(&world, entity, &ten[i]);
    cr_expect_eq(got[0], i + 1);
    cr_expect_eq(got[63], i + 1);
  }
  cr_assert_eq(ration_entity_builder_commit(&builder, &entity), 0, "empty again");
  cr_expect_not(ration_world_has(&world, entity, &ten[0]));
  ration_entity_builder_done(&builder);
  ration_entity_builder_done(&builder);
  cr_expect_eq(ration_entity_builder_commit(&builder, &entity), -EINVAL);
  ration_entity_builder_done(NULL);
  cr_expect_eq(ration_entity_builder_init(NULL, &world), -EINVAL);
  cr_expect_eq(ration_entity_builder_init(&builder, NULL), -EINVAL);
  cr_expect_eq(ration_entity_builder_add(NULL, &ten[0], NULL), -EINVAL);
  cr_expect_eq(ration_entity_builder_commit(NULL, &entity), -EINVAL);
  ration_world_done(&world);
  cr_expect_eq(memory.bytes, 0);
}

/* The n-th request fails, for every n: the entity is there with all, or not at all, and the builder can go on. */
Test(kit_entity_builder, a_commit_is_all_or_nothing) {
  size_t n = 0, failures = 0;
  for (bool is_through = false; !is_through; n++) {
    cr_assert_lt(n, 100);
    struct failing_memory memory;
    struct ration_world world;
    struct ration_entity_builder builder;
    struct ration_entity entity = ration_entity_none();
    unsigned char value[256] = {7};
    failing_memory_init(&memory, SIZE_MAX);
    make_ten(&world, &memory.memory, sizeof value);
    memory.left = n;
    int error = ration_entity_builder_init(&builder, &world);
    for (int i = 0; i < 10 && !error; i++) error = ration_entity_builder_add(&builder, &ten[i], value);
    if (!error) {
      error = ration_entity_builder_commit(&builder, &entity);
      if (error) {
        failures++;
        cr_expect_eq(ration_world_count(&world), 0);
        cr_expect_eq(used(&world, &ten[0]), 0);
        cr_expect(ration_entity_is_none(entity));
        cr_expect(ration_world_is_valid(&world));
        memory.left = SIZE_MAX;
        cr_expect_eq(ration_entity_builder_commit(&builder, &entity), 0);
        cr_expect_eq(*(unsigned char *)ration_world_get(&world, entity, &ten[9]), 7);
      }
    }
    is_through = !error;
    if (error) cr_expect_eq(error, -ENOMEM);
    ration_entity_builder_done(&builder);
    cr_expect(ration_world_is_valid(&world));
    ration_world_done(&world);
    cr_expect_eq(memory.bytes, 0);
    cr_expect_eq(memory.blocks, 0);
  }
  cr_expect_geq(failures, 14, "records, archetypes, table, blocks, 11 columns: %zu", failures);
}

Test(kit_entity_builder, what_is_reserved_needs_no_memory) {
  struct failing_memory memory;
  struct ration_world world;
  struct ration_entity_builder builder;
  struct ration_entity entity;
  failing_memory_init(&memory, SIZE_MAX);
  make_ten(&world, &memory.memory, 16);
  cr_assert_eq(ration_entity_builder_init(&builder, &world), 0);
  cr_assert_eq(ration_entity_builder_add(&builder, &ten[0], NULL), 0);
  cr_assert_eq(ration_entity_builder_add(&builder, &ten[1], NULL), 0);
  cr_assert_eq(ration_entity_builder_commit(&builder, &entity), 0);
  cr_expect_eq(ration_world_despawn(&world, entity), 0);
  cr_expect_eq(ration_world_reserve(&world, 9000), 0);
  for (int i = 0; i < 2; i++) cr_expect_eq(ration_world_component_reserve(&world, &ten[i], 9000), 0);
  size_t left = memory.left = 1; /* the archetype's list of chunks */
  cr_expect_eq(ration_world_component_reserve(&world, &ten[0], 9000), 0, "it is there");
  cr_expect_eq(memory.left, left);
  for (int i = 0; i < 9000; i++) {
    cr_assert_eq(ration_entity_builder_init(&builder, &world), 0);
    cr_assert_eq(ration_entity_builder_add(&builder, &ten[0], NULL), 0);
    cr_assert_eq(ration_entity_builder_add(&builder, &ten[1], NULL), 0);
    cr_assert_eq(ration_entity_builder_commit(&builder, &entity), 0, "entity %d", i);
  }
  cr_expect_eq(ration_world_reserve(&world, 100000), -ENOMEM);
  cr_expect_eq(ration_world_component_reserve(&world, &ten[2], 1), -ENOMEM);
  cr_expect_eq(ration_world_reserve(&world, SIZE_MAX), -ENOSPC);
  cr_expect_eq(ration_world_component_reserve(&world, &ten[2], SIZE_MAX), -ENOSPC);
  cr_expect_eq(ration_world_component_reserve(&world, &unknown, 1), -EINVAL);
  cr_expect_eq(ration_world_component_reserve(NULL, &unknown, 1), -EINVAL);
  cr_expect_eq(ration_world_reserve(NULL, 1), -EINVAL);
  cr_expect(ration_world_is_valid(&world));
  ration_world_done(&world);
  cr_expect_eq(memory.bytes, 0);
}

/* Its memory goes back to where it was from: the world does not say that any more. */
Test(kit_entity_builder, may_outlive_its_world) {
  struct failing_memory memory;
  struct ration_world world;
  struct ration_entity_builder builder;
  struct ration_entity entity;
  unsigned char value[256] = {0};
  failing_memory_init(&memory, SIZE_MAX);
  make_ten(&world, &memory.memory, sizeof value);
  cr_assert_eq(ration_entity_builder_init(&builder, &world), 0);
  for (int i = 0; i < 10; i++) cr_expect_eq(ration_entity_builder_add(&builder, &ten[i], value), 0);
  ration_world_done(&world);
  cr_expect_eq(memory.blocks, 2, "items, and values");
  cr_expect_eq(ration_entity_builder_add(&builder, &ten[0], value), -EINVAL);
  cr_expect_eq(ration_entity_builder_commit(&builder, &entity), -EINVAL);
  ration_entity_builder_done(&builder);
  cr_expect_eq(memory.blocks, 0);
  cr_expect_eq(memory.bytes, 0);
}
