/*
 * world_callbacks.c: tests of ration/kit/world.h: what a component's init and done may do to the world.
 */
#include <ration/kit/world.h>

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/failing_memory.h"

static const struct ration_component position = {"position", 12, 4, NULL, NULL, NULL};
static const struct ration_component velocity = {"velocity", 12, 4, NULL, NULL, NULL};

static void make(struct ration_world *world) {
  cr_assert_eq(ration_world_init(world, NULL, NULL), 0);
  cr_assert_eq(ration_world_component_add(world, &position, NULL), 0);
  cr_assert_eq(ration_world_component_add(world, &velocity, NULL), 0);
}

static struct ration_entity spawn(struct ration_world *world, const struct ration_component *a,
                                  const struct ration_component *b) {
  struct ration_entity_builder builder;
  struct ration_entity entity = ration_entity_none();
  cr_assert_eq(ration_entity_builder_init(&builder, world), 0);
  cr_assert_eq(ration_entity_builder_add(&builder, a, NULL), 0);
  if (b) cr_assert_eq(ration_entity_builder_add(&builder, b, NULL), 0);
  cr_assert_eq(ration_entity_builder_commit(&builder, &entity), 0);
  return entity;
}

static void expect_null(const void *component, int error) {
  cr_expect_null(component);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

struct callback {
  struct ration_world *world;
  const struct ration_component *type;
  struct ration_entity own, child;
  size_t sum;
  int calls;
};

static void meddle(void *component, void *context) {
  struct callback *callback = context;
  struct ration_world *world = callback->world;
  struct ration_entity_builder builder;
  struct ration_entity entity;
  (void)component;
  callback->calls++;
  cr_expect_eq(ration_entity_builder_init(&builder, world), 0);
  cr_expect_eq(ration_entity_builder_commit(&builder, &entity), -EBUSY);
  cr_expect_eq(ration_world_clear(world), -EBUSY);
  if (!ration_world_is_alive(world, callback->child)) return;
  expect_null(ration_world_add(world, callback->child, &velocity, NULL), EBUSY);
  cr_expect_eq(ration_world_remove(world, callback->child, &position), -EBUSY);
  ration_world_done(world);
  cr_expect_eq(ration_world_despawn(world, callback->child), 0, "it takes its child along");
  cr_expect_eq(ration_world_despawn(world, callback->child), -ESTALE);
}

Test(kit_world_callbacks, a_done_may_despawn_others) {
  static struct callback callback;
  static const struct ration_component parent = {"parent", 4, 4, NULL, meddle, &callback};
  struct ration_world world;
  make(&world);
  cr_assert_eq(ration_world_component_add(&world, &parent, NULL), 0);
  callback.world = &world;
  callback.child = spawn(&world, &position, NULL);
  struct ration_entity father = spawn(&world, &position, &parent);
  cr_expect_eq(ration_world_despawn(&world, father), 0);
  cr_expect_eq(callback.calls, 1);
  cr_expect_eq(ration_world_count(&world), 0);
  cr_expect(ration_world_is_valid(&world));

  callback.child = spawn(&world, &position, NULL);
  father = spawn(&world, &position, &parent);
  cr_expect_eq(ration_world_remove(&world, father, &parent), 0);
  cr_expect_not(ration_world_is_alive(&world, callback.child));
  cr_expect(ration_world_is_alive(&world, father));
  cr_expect(ration_world_is_valid(&world));

  /* Its own entity, while its component goes. */
  cr_assert_not_null(ration_world_add(&world, father, &parent, NULL));
  callback.child = father;
  cr_expect_eq(ration_world_remove(&world, father, &parent), 0);
  cr_expect_eq(ration_world_count(&world), 0);
  cr_expect(ration_world_is_valid(&world));
  ration_world_done(&world);
}

static void suicide(void *component, void *context) {
  struct callback *callback = context;
  (void)component;
  cr_expect_eq(ration_world_despawn(callback->world, callback->own), 0);
}

Test(kit_world_callbacks, an_init_may_despawn_its_own) {
  static struct callback callback;
  static const struct ration_component doomed = {"doomed", 4, 4, suicide, NULL, &callback};
  struct ration_world world;
  make(&world);
  cr_assert_eq(ration_world_component_add(&world, &doomed, NULL), 0);
  callback.world = &world;
  callback.own = spawn(&world, &position, NULL);
  expect_null(ration_world_add(&world, callback.own, &doomed, NULL), ESTALE);
  cr_expect_eq(ration_world_count(&world), 0);
  cr_expect(ration_world_is_valid(&world));
  ration_world_done(&world);
}

static void reserve_much(void *component, void *context) {
  struct callback *callback = context;
  (void)component;
  callback->calls++;
  cr_expect_eq(ration_world_reserve(callback->world, 100000), 0);
  cr_expect_eq(ration_world_shrink_to_fit(callback->world), 0);
}

/* The records of all entities move, while one of them is being despawned. */
Test(kit_world_callbacks, a_done_may_reserve) {
  static struct callback callback;
  static const struct ration_component greedy = {"greedy", 4, 4, NULL, reserve_much, &callback};
  static const struct ration_component second = {"second", 4, 4, NULL, reserve_much, &callback};
  struct ration_world world;
  make(&world);
  cr_assert_eq(ration_world_component_add(&world, &greedy, NULL), 0);
  cr_assert_eq(ration_world_component_add(&world, &second, NULL), 0);
  callback.world = &world;
  spawn(&world, &greedy, &second);
  struct ration_entity entity = spawn(&world, &greedy, &second);
  cr_expect_eq(ration_world_despawn(&world, entity), 0);
  cr_expect_eq(callback.calls, 2);
  cr_expect(ration_world_is_valid(&world));
  ration_world_done(&world);
  cr_expect_eq(callback.calls, 4);
}

static struct ration_world_query forgotten;

static void forget_to_end(void *component, void *context) {
  static const struct ration_world_terms all;
  struct callback *callback = context;
  (void)component;
  callback->calls++;
  cr_expect_eq(ration_world_query_begin(callback->world, &forgotten, &all), 0);
  cr_expect_eq(ration_world_query_next(&forgotten), 1);
}

/* That is the program's mistake; but clear is to say so, and done to end. */
Test(kit_world_callbacks, a_query_that_a_done_leaves_open_stops_a_clear) {
  static struct callback callback;
  static const struct ration_component careless = {"careless", 4, 4, NULL, forget_to_end, &callback};
  struct failing_memory memory;
  struct ration_world world;
  failing_memory_init(&memory, SIZE_MAX);
  cr_assert_eq(ration_world_init(&world, &memory.memory, NULL), 0);
  cr_assert_eq(ration_world_component_add(&world, &careless, NULL), 0);
  callback.world = &world;
  for (int i = 0; i < 3; i++) spawn(&world, &careless, NULL);
  cr_expect_eq(ration_world_clear(&world), -EBUSY);
  cr_expect_eq(callback.calls, 1);
  cr_expect_eq(ration_world_count(&world), 2);
  cr_expect(ration_world_is_valid(&world));
  ration_world_done(&world);
  cr_expect_eq(callback.calls, 3);
  cr_expect_eq(memory.blocks, 0);
  cr_expect_eq(ration_world_query_next(&forgotten), 0);
}

/* Sums up all flesh, also that of the entity whose component is being set. */
static void weigh(void *component, void *context) {
  struct callback *callback = context;
  struct ration_world_query query;
  const struct ration_world_terms terms = {{callback->type}, {NULL}};
  (void)component;
  callback->calls++;
  cr_assert_eq(ration_world_query_begin(callback->world, &query, &terms), 0);
  while (ration_world_query_next(&query) > 0)
    for (size_t i = 0; i < query.count * 64; i++)
      callback->sum += ((const unsigned char *)query.columns[0])[i];
}

Test(kit_world_callbacks, an_init_sees_no_bytes_of_before) {
  static struct callback callback;
  static const struct ration_component soul = {"soul", 4, 4, weigh, NULL, &callback};
  static const struct ration_component flesh = {"flesh", 64, 4, NULL, NULL, NULL};
  unsigned char value[64];
  struct ration_world world;
  struct ration_entity_builder builder;
  struct ration_entity entity;
  make(&world);
  cr_assert_eq(ration_world_component_add(&world, &soul, NULL), 0);
  cr_assert_eq(ration_world_component_add(&world, &flesh, NULL), 0);
  callback.world = &world;
  callback.type = &flesh;
  memset(value, 0xff, sizeof value);
  cr_assert_eq(ration_entity_builder_init(&builder, &world), 0);
  cr_assert_eq(ration_entity_builder_add(&builder, &flesh, value), 0);
  cr_assert_eq(ration_entity_builder_commit(&builder, &entity), 0);
  cr_expect_eq(ration_world_despawn(&world, entity), 0);
  entity = spawn(&world, &soul, &flesh);
  cr_expect_eq(callback.calls, 1);
  cr_expect_eq(callback.sum, 0, "%zu", callback.sum);
  ration_world_done(&world);
}
