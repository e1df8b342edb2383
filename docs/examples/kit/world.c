/* world.c: creatures that move until they leave: components, systems, a builder, despawns while a query is open. */
#include <ration/kit/world.h>

#include <stdio.h>

struct vector {
  float x, y;
};
static const struct ration_component position = {"position", sizeof(struct vector), 4, NULL, NULL, NULL};
static const struct ration_component velocity = {"velocity", sizeof(struct vector), 4, NULL, NULL, NULL};

static int move_all(struct ration_world *world, double seconds, void *context) {
  static const struct ration_world_terms terms = {{&position, &velocity}, {NULL}};
  struct ration_world_query query;
  (void)context;
  if (ration_world_query_begin(world, &query, &terms)) return 1;
  while (ration_world_query_next(&query) > 0) {
    struct vector *at = query.columns[0], *speed = query.columns[1]; /* plain arrays */
    for (size_t i = 0; i < query.count; i++) at[i].x += speed[i].x * (float)seconds;
    for (size_t i = 0; i < query.count; i++) /* a despawn waits for the end of the query */
      if (at[i].x >= 1000) ration_world_despawn(world, query.entities[i]);
  }
  return 0;
}

static int count_frames(struct ration_world *world, double seconds, void *context) {
  (void)world, (void)seconds;
  ++*(int *)context;
  return 0;
}

int main(void) {
  int frames = 0;
  struct ration_world world;
  struct ration_world_system counting = {"counting", 2, count_frames, &frames},
                             moving = {"moving", 1, move_all, NULL};
  struct ration_entity entity = {0, 0};
  if (ration_world_init(&world, NULL, NULL) || ration_world_component_add(&world, &position, NULL) ||
      ration_world_component_add(&world, &velocity, NULL) || ration_world_system_add(&world, &counting) ||
      ration_world_system_add(&world, &moving))
    return 1;
  for (int i = 999; i >= 0; i--) { /* every second one can move */
    struct ration_entity_builder builder;
    struct vector at = {(float)i, 0}, speed = {4, 0};
    if (ration_entity_builder_init(&builder, &world) || ration_entity_builder_add(&builder, &position, &at) ||
        (i % 2 == 0 && ration_entity_builder_add(&builder, &velocity, &speed)) ||
        ration_entity_builder_commit(&builder, &entity))
      return 1;
  }
  while (frames < 100 && !ration_world_run(&world, 0.25)) continue;

  const struct vector *at = ration_world_get(&world, entity, &position);
  struct ration_component_figures figures;
  if (!at || ration_world_component_stats(&world, &velocity, &figures)) return 1;
  printf("after %d frames %zu of 1000 are there; the last one is at %.2f\n", frames,
         ration_world_count(&world), at->x);
  printf("velocities: %d used, %d at peak\n", (int)figures.used, (int)figures.peak);
  ration_world_done(&world);
  return 0;
}
