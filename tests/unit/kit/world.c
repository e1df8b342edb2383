/*
 * world.c: tests of ration/kit/world.h: component types and entities. Builders are tested in entity_builder.c, queries
 * and systems in world_query.c, what init and done may do in world_callbacks.c, all of it against a plain reference in
 * world_random.c.
 */
#include <ration/kit/world.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "kit/failing_memory.h"
#include "kit/world_store.h"

struct vector {
  float x, y, z;
};

static int inits, dones;

static void count_init(void *component, void *context) {
  cr_expect_eq(*(int *)component, 0, "all zero before init");
  *(int *)component = *(const int *)context;
  inits++;
}

static void count_done(void *component, void *context) {
  (void)component, (void)context;
  dones++;
}

static int initial = 42;
static const struct ration_component position = {"position", sizeof(struct vector), 4, NULL, NULL, NULL};
static const struct ration_component velocity = {"velocity", sizeof(struct vector), 4, NULL, NULL, NULL};
static const struct ration_component counted = {"counted", sizeof(int), 4, count_init, count_done, &initial};
static const struct ration_component frozen = {"frozen", 0, 1, NULL, NULL, NULL};
static const struct ration_component wide = {"wide", 192, 64, NULL, NULL, NULL};
static const struct ration_component unknown = {"unknown", 4, 4, NULL, NULL, NULL};

static void make(struct ration_world *world, struct ration_memory *memory,
                 const struct ration_world_settings *settings) {
  const struct ration_component *types[] = {&position, &velocity, &counted, &frozen, &wide};
  cr_assert_eq(ration_world_init(world, memory, settings), 0);
  for (int i = 0; i < 5; i++) cr_assert_eq(ration_world_component_add(world, types[i], NULL), 0);
}

static struct ration_entity spawn(struct ration_world *world, const struct ration_component *a,
                                  const struct ration_component *b) {
  struct ration_entity_builder builder;
  struct ration_entity entity = ration_entity_none();
  cr_assert_eq(ration_entity_builder_init(&builder, world), 0);
  if (a) cr_assert_eq(ration_entity_builder_add(&builder, a, NULL), 0);
  if (b) cr_assert_eq(ration_entity_builder_add(&builder, b, NULL), 0);
  cr_assert_eq(ration_entity_builder_commit(&builder, &entity), 0);
  return entity;
}

static void expect_null(const void *component, int error) {
  cr_expect_null(component);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

static struct ration_component_figures figures_of(const struct ration_world *world,
                                                  const struct ration_component *type) {
  struct ration_component_figures figures;
  cr_assert_eq(ration_world_component_stats(world, type, &figures), 0);
  return figures;
}

Test(kit_world, spawns_and_despawns) {
  struct ration_world world;
  struct ration_entity_builder builder;
  struct ration_entity entity;
  struct vector at = {1, 2, 3};
  make(&world, NULL, NULL);
  cr_assert_eq(ration_entity_builder_init(&builder, &world), 0);
  cr_assert_eq(ration_entity_builder_add(&builder, &position, &at), 0);
  at.x = 9;
  cr_assert_eq(ration_entity_builder_add(&builder, &counted, NULL), 0);
  cr_assert_eq(ration_entity_builder_add(&builder, &frozen, NULL), 0);
  cr_assert_eq(ration_entity_builder_commit(&builder, &entity), 0);
  cr_expect(ration_world_is_alive(&world, entity));
  cr_expect_eq(ration_world_count(&world), 1);
  cr_expect_eq(((struct vector *)ration_world_get(&world, entity, &position))->x, 1.0f);
  cr_expect_eq(*(int *)ration_world_get(&world, entity, &counted), 42);
  cr_expect_not_null(ration_world_get(&world, entity, &frozen));
  cr_expect(ration_world_has(&world, entity, &frozen));
  cr_expect_not(ration_world_has(&world, entity, &velocity));
  cr_expect_not(ration_world_has(&world, entity, &unknown));
  expect_null(ration_world_get(&world, entity, &velocity), ENOENT);
  expect_null(ration_world_get(&world, entity, &unknown), EINVAL);
  expect_null(ration_world_get(&world, entity, NULL), EINVAL);

  cr_expect_eq(ration_world_despawn(&world, entity), 0);
  cr_expect_eq(dones, 1);
  cr_expect_eq(ration_world_despawn(&world, entity), -ESTALE);
  expect_null(ration_world_get(&world, entity, &position), ESTALE);
  cr_expect_not(ration_world_is_alive(&world, entity));
  cr_expect_not(ration_world_has(&world, entity, &position));
  struct ration_entity successor = spawn(&world, &position, NULL);
  cr_expect_eq(successor.index, entity.index);
  cr_expect_eq(successor.generation, entity.generation + 1);
  cr_expect_eq(ration_world_despawn(&world, entity), -ESTALE);
  entity.generation += 2;
  cr_expect_eq(ration_world_despawn(&world, entity), -ENOENT, "not given out yet");
  entity.index = 1000;
  cr_expect_eq(ration_world_despawn(&world, entity), -ENOENT);
  cr_expect_eq(ration_world_despawn(&world, ration_entity_none()), -EINVAL);
  cr_expect_eq(ration_world_despawn(NULL, successor), -EINVAL);
  cr_expect(ration_world_is_valid(&world));
  ration_world_done(&world);
  ration_world_done(&world);
}

Test(kit_world, an_id_is_not_guessed) {
  struct ration_world world;
  make(&world, NULL, NULL);
  struct ration_entity entity = spawn(&world, &position, NULL);
  cr_assert_eq(ration_world_despawn(&world, entity), 0);
  entity.generation++;
  expect_null(ration_world_get(&world, entity, &position), ENOENT);
  cr_expect_eq(ration_world_despawn(&world, entity), -ENOENT, "the next one's id, before there is one");
  ration_world_done(&world);
}

Test(kit_world, adds_and_removes_components) {
  struct ration_world world;
  struct vector at = {1, 2, 3};
  make(&world, NULL, NULL);
  struct ration_entity first = spawn(&world, &position, NULL), second = spawn(&world, &position, NULL);
  *(struct vector *)ration_world_get(&world, first, &position) = at;
  *(struct vector *)ration_world_get(&world, second, &position) = (struct vector){4, 5, 6};

  struct vector *speed =
      ration_world_add(&world, first, &velocity, ration_world_get(&world, second, &position));
  cr_assert_not_null(speed);
  cr_expect_eq(speed->x, 4.0f, "the value may lie in the world, and move");
  cr_expect_eq(((struct vector *)ration_world_get(&world, first, &position))->z, 3.0f);
  cr_expect_eq(((struct vector *)ration_world_get(&world, second, &position))->z, 6.0f);
  expect_null(ration_world_add(&world, first, &velocity, NULL), EEXIST);
  expect_null(ration_world_add(&world, first, &unknown, NULL), EINVAL);
  cr_expect_eq(*(int *)ration_world_add(&world, first, &counted, NULL), 42);
  cr_expect_not_null(ration_world_add(&world, first, &frozen, NULL));
  char *block = ration_world_add(&world, first, &wide, NULL);
  cr_expect_eq((uintptr_t)block % 64, 0);
  cr_expect_eq(block[191], 0);
  cr_expect(ration_world_is_valid(&world));

  cr_expect_eq(ration_world_remove(&world, first, &counted), 0);
  cr_expect_eq(dones, 1);
  cr_expect_eq(ration_world_remove(&world, first, &counted), -ENOENT);
  cr_expect_eq(ration_world_remove(&world, first, &unknown), -EINVAL);
  cr_expect_eq(ration_world_remove(&world, first, &frozen), 0);
  cr_expect_eq(ration_world_remove(&world, first, &wide), 0);
  cr_expect_eq(ration_world_remove(&world, first, &position), 0);
  cr_expect_eq(((struct vector *)ration_world_get(&world, first, &velocity))->x, 4.0f);
  cr_expect_eq(ration_world_remove(&world, first, &velocity), 0);
  cr_expect(ration_world_is_alive(&world, first));
  cr_expect_eq(ration_world_despawn(&world, first), 0);
  expect_null(ration_world_add(&world, first, &position, NULL), ESTALE);
  cr_expect_eq(ration_world_remove(&world, first, &position), -ESTALE);
  cr_expect(ration_world_is_valid(&world));
  ration_world_done(&world);
}

Test(kit_world, knows_component_types) {
  struct ration_world world;
  struct ration_component_figures figures;
  static const struct ration_component again = {"position", 4, 4, NULL, NULL, NULL};
  static const struct ration_component nameless = {NULL, 4, 4, NULL, NULL, NULL};
  static const struct ration_component odd = {"odd", 6, 4, NULL, NULL, NULL};
  static const struct ration_component unaligned = {"unaligned", 6, 3, NULL, NULL, NULL};
  static const struct ration_component huge = {"huge", (size_t)1 << 60, 1, NULL, NULL, NULL};
  static struct ration_component many[RATION_WORLD_COMPONENTS + 1];
  static char names[RATION_WORLD_COMPONENTS + 1][2];
  make(&world, NULL, NULL);
  cr_expect_eq(ration_world_component_add(&world, &position, NULL), -EEXIST);
  cr_expect_eq(ration_world_component_add(&world, &again, NULL), -EEXIST);
  cr_expect_eq(ration_world_component_add(&world, &nameless, NULL), -EINVAL);
  cr_expect_eq(ration_world_component_add(&world, &odd, NULL), -EINVAL);
  cr_expect_eq(ration_world_component_add(&world, &unaligned, NULL), -EINVAL);
  cr_expect_eq(ration_world_component_add(&world, &huge, NULL), -EOVERFLOW);
  cr_expect_eq(ration_world_component_add(&world, NULL, NULL), -EINVAL);
  cr_expect_eq(ration_world_component_add(NULL, &unknown, NULL), -EINVAL);
  cr_expect_eq(ration_world_component_stats(&world, &unknown, &figures), -EINVAL);
  cr_expect_eq(ration_world_component_stats(&world, &position, NULL), -EINVAL);
  cr_expect_eq(ration_world_component_stats(NULL, &position, &figures), -EINVAL);
  ration_world_done(&world);

  /* As many as there can be, all at once in one entity. */
  cr_assert_eq(ration_world_init(&world, NULL, NULL), 0);
  for (int i = 0; i <= RATION_WORLD_COMPONENTS; i++) {
    names[i][0] = (char)(i + 1);
    many[i] = (struct ration_component){names[i], 8, 8, NULL, NULL, NULL};
    cr_expect_eq(ration_world_component_add(&world, &many[i], NULL),
                 i < RATION_WORLD_COMPONENTS ? 0 : -ENOSPC);
  }
  struct ration_entity entity = spawn(&world, NULL, NULL);
  for (uint64_t i = 0; i < RATION_WORLD_COMPONENTS; i++)
    cr_expect_not_null(ration_world_add(&world, entity, &many[i], &i));
  for (uint64_t i = 0; i < RATION_WORLD_COMPONENTS; i++)
    cr_expect_eq(*(uint64_t *)ration_world_get(&world, entity, &many[i]), i);
  cr_expect(ration_world_is_valid(&world));
  ration_world_done(&world);
}

Test(kit_world, refuses_settings_that_cannot_be) {
  static const struct ration_world_settings wrong[] = {
      {.entities = SIZE_MAX}, {.components = 65},  {.archetypes = SIZE_MAX}, {.systems = SIZE_MAX},
      {.chunk = 4},           {.chunk = 100},      {.chunk = 131072},        {.chunk_most = 131072},
      {.chunk_most = 512},    {.chunk_most = 3000}};
  struct ration_world world;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_eq(ration_world_init(&world, NULL, &wrong[i]), -EINVAL, "settings %zu", i);
  cr_expect_eq(ration_world_init(NULL, NULL, NULL), -EINVAL);
  memset(&world, 0, sizeof world);
  struct ration_entity_builder builder;
  cr_expect_eq(ration_world_component_add(&world, &position, NULL), -EINVAL);
  cr_expect_eq(ration_entity_builder_init(&builder, &world), -EINVAL);
  cr_expect_eq(ration_entity_builder_add(&builder, &position, NULL), -EINVAL);
  cr_expect_eq(ration_world_clear(&world), -EINVAL);
  cr_expect_eq(ration_world_shrink_to_fit(&world), -EINVAL);
  cr_expect_eq(ration_world_clear(NULL), -EINVAL);
  cr_expect_eq(ration_world_shrink_to_fit(NULL), -EINVAL);
  cr_expect_eq(ration_world_run(&world, 0), -EINVAL);
  cr_expect_eq(ration_world_despawn(&world, (struct ration_entity){0, 1}), -EINVAL);
  cr_expect_eq(ration_world_system_remove(&world, "move"), -EINVAL);
  cr_expect_not(ration_world_is_valid(&world));
  cr_expect_not(ration_world_is_valid(NULL));
  cr_expect_eq(ration_world_count(NULL), 0);
  ration_world_done(&world);
  ration_world_done(NULL);
}

/* As if the shim had given it a handle: what is shown lags by a 64th at most. */
Test(kit_world, shows_its_pools_closely) {
  struct ration_world world;
  static struct ration_entity ids[3000];
  make(&world, NULL, NULL);
  struct ration_world_pool *pool = &world.pools[0];
  pool->handle = 1;
  for (int i = 0; i < 6000; i++) {
    if (i < 3000)
      ids[i] = spawn(&world, &position, NULL);
    else
      cr_assert_eq(ration_world_despawn(&world, ids[i - 3000]), 0);
    size_t lag = pool->used > pool->published ? pool->used - pool->published : pool->published - pool->used;
    cr_assert(lag <= 1 || lag <= pool->published / 64, "%zu, shown as %zu", pool->used, pool->published);
  }
  ration_world_done(&world);
}

Test(kit_world, what_outlives_it_does_no_harm) {
  struct ration_world world;
  struct ration_world_query query;
  struct ration_entity_builder builder;
  struct ration_entity entity;
  make(&world, NULL, NULL);
  cr_assert_eq(ration_world_query_begin(&world, &query, &(struct ration_world_terms){{NULL}, {NULL}}), 0);
  cr_assert_eq(ration_entity_builder_init(&builder, &world), 0);
  cr_assert_eq(ration_entity_builder_add(&builder, &position, NULL), 0);
  ration_world_done(&world);
  cr_expect_eq(ration_world_query_next(&query), 0);
  cr_expect_eq(ration_entity_builder_commit(&builder, &entity), -EINVAL);
  make(&world, NULL, NULL);
  cr_expect_eq(world.iterating, 0);
  ration_world_done(&world);
}

Test(kit_world, has_maxima) {
  struct ration_world world;
  struct ration_world_settings settings = {.entities = 3, .archetypes = 2};
  struct ration_component_settings two = {.maximum = 2};
  struct ration_entity_builder builder;
  struct ration_entity entity;
  cr_assert_eq(ration_world_init(&world, NULL, &settings), 0);
  cr_assert_eq(ration_world_component_add(&world, &position, &two), 0);
  cr_assert_eq(ration_world_component_add(&world, &velocity, NULL), 0);
  struct ration_entity first = spawn(&world, &position, NULL);
  spawn(&world, &position, NULL);
  cr_assert_eq(ration_entity_builder_init(&builder, &world), 0);
  cr_assert_eq(ration_entity_builder_add(&builder, &position, NULL), 0);
  cr_expect_eq(ration_entity_builder_commit(&builder, &entity), -ENOSPC, "two positions");
  ration_entity_builder_done(&builder);
  struct ration_entity third = spawn(&world, NULL, NULL);
  expect_null(ration_world_add(&world, third, &position, NULL), ENOSPC);
  expect_null(ration_world_add(&world, third, &velocity, NULL), ENOSPC);
  cr_assert_eq(ration_entity_builder_init(&builder, &world), 0);
  cr_expect_eq(ration_entity_builder_commit(&builder, &entity), -ENOSPC, "three entities");
  cr_expect_eq(ration_world_despawn(&world, first), 0);
  cr_expect_eq(ration_entity_builder_commit(&builder, &entity), 0);
  cr_expect_eq(figures_of(&world, &position).used, 1);
  cr_expect_eq(figures_of(&world, &position).peak, 2);
  cr_expect(ration_world_is_valid(&world));
  ration_world_done(&world);
}

Test(kit_world, an_index_is_retired_before_its_generations_repeat) {
  struct ration_world world;
  make(&world, NULL, NULL);
  struct ration_entity entity = spawn(&world, &position, NULL);
  world.records[entity.index].generation = UINT32_MAX;
  world_id(&world, &world.archetypes[0], 0)->generation = UINT32_MAX;
  entity.generation = UINT32_MAX;
  cr_expect(ration_world_is_alive(&world, entity));
  cr_expect_eq(ration_world_despawn(&world, entity), 0);
  cr_expect_eq(world.retired, 1);
  cr_expect(ration_world_is_valid(&world));
  cr_expect_eq(spawn(&world, &position, NULL).index, entity.index + 1);
  cr_expect_eq(ration_world_despawn(&world, entity), -ESTALE);
  entity.generation = 1;
  cr_expect_eq(ration_world_despawn(&world, entity), -ESTALE);
  ration_world_done(&world);
}

Test(kit_world, each_component_returns_to_its_pool) {
  enum { COUNT = 5000 };
  struct failing_memory memory, own;
  struct ration_world world;
  struct ration_world_settings settings = {.chunk = 16, .chunk_most = 64};
  struct ration_component_settings own_memory = {.memory = &own.memory};
  static struct ration_entity ids[COUNT];
  failing_memory_init(&memory, SIZE_MAX);
  failing_memory_init(&own, SIZE_MAX);
  cr_assert_eq(ration_world_init(&world, &memory.memory, &settings), 0);
  cr_assert_eq(ration_world_component_add(&world, &position, &own_memory), 0);
  cr_assert_eq(ration_world_component_add(&world, &counted, NULL), 0);
  cr_assert_eq(ration_world_component_add(&world, &frozen, NULL), 0);
  for (int i = 0; i < COUNT; i++) ids[i] = spawn(&world, &position, i % 3 ? &counted : &frozen);
  struct ration_component_figures figures = figures_of(&world, &position);
  cr_expect_eq(figures.used, COUNT);
  cr_expect_eq(figures.peak, COUNT);
  cr_expect_eq(figures.takes, COUNT);
  cr_expect_geq(figures.reserved, COUNT);
  cr_expect_lt(figures.reserved, COUNT + 2 * 64);
  cr_expect_eq(figures.bytes, figures.reserved * sizeof(struct vector));
  cr_expect_eq(figures.bytes, own.bytes);
  cr_expect_eq(figures.takes - figures.hits, own.blocks, "each chunk was for one that was no hit");
  cr_expect_eq(figures_of(&world, &frozen).reserved, COUNT / 3 + 1);
  cr_expect_eq(figures_of(&world, &frozen).bytes, 0);

  for (int i = 0; i < COUNT; i++) cr_assert_eq(ration_world_despawn(&world, ids[i]), 0);
  cr_expect_eq(dones, inits);
  cr_expect_eq(figures_of(&world, &position).used, 0);
  cr_expect_eq(figures_of(&world, &position).bytes, own.bytes, "kept for the next");
  cr_expect(ration_world_is_valid(&world));
  size_t blocks = own.blocks;
  for (int i = 0; i < COUNT; i++) ids[i] = spawn(&world, &position, i % 3 ? &counted : &frozen);
  cr_expect_eq(own.blocks, blocks, "served from the pool");
  cr_expect_eq(figures_of(&world, &position).hits, figures_of(&world, &position).takes - blocks);
  cr_expect_eq(ration_world_clear(&world), 0);
  cr_expect_eq(ration_world_count(&world), 0);
  cr_expect_eq(ration_world_despawn(&world, ids[7]), -ESTALE);
  cr_expect_eq(ration_world_shrink_to_fit(&world), 0);
  cr_expect_eq(own.bytes, 0);
  cr_expect_eq(figures_of(&world, &counted).bytes, 0);
  cr_expect(ration_world_is_valid(&world));
  spawn(&world, &position, &counted);
  ration_world_done(&world);
  cr_expect_eq(own.blocks + memory.blocks, 0);
  cr_expect_eq(own.bytes + memory.bytes, 0);
  cr_expect_eq(dones, inits);
}

/* ---- lack of memory -------------------------------------------------------------------------------------- */

Test(kit_world, add_and_remove_survive_every_lack_of_memory) {
  for (size_t n = 0, is_through = 0; !is_through; n++) {
    cr_assert_lt(n, 100);
    struct failing_memory memory;
    struct ration_world world;
    failing_memory_init(&memory, SIZE_MAX);
    make(&world, &memory.memory, NULL);
    struct ration_entity entity = spawn(&world, &position, &counted);
    *(int *)ration_world_get(&world, entity, &counted) = 5;
    memory.left = n;
    errno = 0;
    bool has_added = ration_world_add(&world, entity, &wide, NULL) != NULL;
    cr_expect_eq(errno, has_added ? 0 : ENOMEM);
    cr_expect(ration_world_is_valid(&world));
    int removed = ration_world_remove(&world, entity, &position);
    cr_expect(removed == 0 || removed == -ENOMEM);
    cr_expect_eq(ration_world_has(&world, entity, &wide), has_added);
    cr_expect_eq(ration_world_has(&world, entity, &position), removed != 0);
    cr_expect_eq(*(int *)ration_world_get(&world, entity, &counted), 5);
    cr_expect(ration_world_is_valid(&world));
    is_through = has_added && !removed;
    ration_world_done(&world);
    cr_expect_eq(memory.bytes, 0);
  }
}

Test(kit_world, init_survives_lack_of_memory) {
  struct failing_memory memory;
  struct ration_world world;
  failing_memory_init(&memory, 0);
  cr_expect_eq(ration_world_init(&world, &memory.memory, NULL), -ENOMEM);
}

/* ---- threads --------------------------------------------------------------------------------------------- */

#define THREADS 8

struct reader {
  const struct ration_world *world;
  const struct ration_entity *ids;
  size_t found;
};

static void *read_all(void *argument) {
  struct reader *reader = argument;
  for (int i = 0; i < 1000; i++) {
    const struct vector *at = ration_world_get(reader->world, reader->ids[i], &position);
    bool has = ration_world_has(reader->world, reader->ids[i], &position);
    reader->found += at && has && ration_world_is_alive(reader->world, reader->ids[i]) && at->x == (float)i;
  }
  return NULL;
}

Test(kit_world, many_threads_may_look) {
  static struct ration_entity ids[1000];
  struct reader readers[THREADS];
  pthread_t threads[THREADS];
  struct ration_world world;
  make(&world, NULL, NULL);
  for (int i = 0; i < 1000; i++) {
    ids[i] = spawn(&world, i % 4 ? &position : &velocity, i % 3 ? &frozen : NULL);
    struct vector *at = ration_world_get(&world, ids[i], &position);
    if (at) at->x = (float)i;
  }
  for (int i = 0; i < THREADS; i++) {
    readers[i] = (struct reader){&world, ids, 0};
    cr_assert_eq(pthread_create(&threads[i], NULL, read_all, &readers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    cr_assert_eq(pthread_join(threads[i], NULL), 0);
    cr_expect_eq(readers[i].found, 750);
  }
  ration_world_done(&world);
}
