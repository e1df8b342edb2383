/*
 * world_callbacks.c: tests of ration/kit/world.h: what a component's init and done may do to the world.
 */
#include <ration/kit/world.h>

#include <criterion/criterion.h>
#include <errno.h>

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
  struct ration_entity own, child;
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
