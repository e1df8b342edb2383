/*
 * live.c: tests of systems/live.c.
 */
#include "creature/chance.h"
#include "creatures/scene.h"

#define SECOND 60u /* frames */

static void live_for(struct scene *scene, unsigned frames) {
  while (frames--) scene_live(scene);
}

static void go_for(struct scene *scene, unsigned frames) {
  while (frames--) {
    scene_move(scene);
    scene_live(scene);
  }
}

static void send(struct scene *scene, uint32_t who, float x, float y) {
  struct movement *movement = scene_movement(scene, who);
  struct simulation *simulation = &scene->simulation;
  movement->pace = 1;
  movement->has_goal = 1;
  movement->goal = (struct vec3){x, y, 0};
  uint32_t to = terrain_cell(&simulation->terrain, x, y);
  movement->path =
      paths_find(&simulation->paths, scene_hot(scene, who)->spatial_hash, to, &movement->path_serial);
  cr_assert_neq(movement->path, 0);
  movement->step = 0;
  movement->waypoint = terrain_middle(
      &simulation->terrain, paths_get(&simulation->paths, movement->path, movement->path_serial)->steps[0]);
}

static float distance_to(const struct scene *scene, uint32_t who, float x, float y) {
  x -= scene_hot(scene, who)->position.x;
  y -= scene_hot(scene, who)->position.y;
  return x * x + y * y;
}

Test(live, takes_place_and_cell_from_the_lane) {
  struct scene *scene = scene_make(1, 1000, 10);
  uint32_t who = scene_add(scene, 10, 10);
  scene->simulation.terrain.heights[40 * 3 + 2] = 7;
  for (size_t field = 0; field < LANE_WANTED_X; field++) *scene_lane(scene, who, field) = 20 + (float)field;
  scene_live(scene);
  const struct hot *hot = scene_hot(scene, who);
  cr_expect_eq(hot->spatial_hash, 40 * 2 + 2);
  cr_expect(hot->position.x == 20 && hot->position.y == 21 && hot->position.z == 22);
  cr_expect(hot->velocity.x == 23 && hot->velocity.y == 24 && hot->velocity.z == 25);
  cr_expect(hot->flags == (FLAG_ALIVE | FLAG_MOVING));
  cr_expect_gt(scene_movement(scene, who)->walked, 0.5f);
  *scene_lane(scene, who, LANE_Y) = 25;
  *scene_lane(scene, who, LANE_VELOCITY_X) = *scene_lane(scene, who, LANE_VELOCITY_Y) = 0;
  scene_live(scene);
  cr_expect_eq(*scene_lane(scene, who, LANE_GROUND), 7);
  cr_expect_eq(hot->flags, FLAG_ALIVE);
  cr_expect_eq(scene->shares[0].moved, 2);
  cr_expect_gt(scene->shares[0].bytes_touched, 2 * sizeof(struct hot));
  scene_free(scene);
}

Test(live, puts_back_who_steps_into_water) {
  struct scene *scene = scene_make(1, 1000, 10);
  uint32_t who = scene_add(scene, 23, 20);
  scene->simulation.terrain.is_water[40 * 2 + 3] = 1; /* x from 24 on */
  *scene_lane(scene, who, LANE_WANTED_X) = 6;
  scene_movement(scene, who)->pace = 1;
  for (unsigned frame = 0; frame < SECOND; frame++) {
    go_for(scene, 1);
    cr_assert_lt(scene_hot(scene, who)->position.x, 24);
  }
  cr_expect_lt(scene_hot(scene, who)->position.x, 20, "it walked back");
  cr_expect_eq(*scene_lane(scene, who, LANE_WANTED_X), -6);
  scene_free(scene);
}

Test(live, gives_up_a_goal_that_it_finds_water_on_the_way_to) {
  struct scene *scene = scene_make(1, 1000, 10);
  uint32_t who = scene_add(scene, 20, 20);
  struct movement *movement = scene_movement(scene, who);
  send(scene, who, 30, 20);
  movement->path = 0;
  movement->waypoint = movement->goal;
  scene->simulation.terrain.is_water[40 * 2 + 3] = 1;
  for (unsigned frame = 0; frame < 4 * SECOND && movement->has_goal; frame++) go_for(scene, 1);
  cr_expect_eq(movement->has_goal, 0);
  cr_expect_lt(*scene_lane(scene, who, LANE_WANTED_X), 0);
  scene_free(scene);
}

Test(live, walks_by_its_path_to_its_goal_and_stands) {
  struct scene *scene = scene_make(1, 1000, 10);
  uint32_t who = scene_add(scene, 60, 60);
  for (uint32_t y = 3; y < 12; y++)
    scene->simulation.terrain.is_water[40 * y + 9] = 1; /* a wall, x from 72 to 80 */
  send(scene, who, 98, 61);
  struct movement *movement = scene_movement(scene, who);
  unsigned frames = 0;
  for (; frames < 90 * SECOND && movement->has_goal; frames++) go_for(scene, 1);
  cr_expect_eq(movement->has_goal, 0, "it is not there after 90 s");
  cr_expect_lt(distance_to(scene, who, 98, 61), 1);
  cr_expect_gt(movement->walked, 80, "it went through the wall: %f", (double)movement->walked);
  cr_expect_eq(movement->path, 0);
  go_for(scene, SECOND);
  cr_expect_lt(distance_to(scene, who, 98, 61), 1);
  cr_expect_not(scene_hot(scene, who)->flags & FLAG_MOVING);
  scene_free(scene);
}

Test(live, goes_straight_on_where_its_path_was_dropped) {
  uint32_t serial;
  struct scene *scene = scene_make(1, 1000, 1);
  uint32_t who = scene_add(scene, 60, 60);
  send(scene, who, 90, 75);
  paths_find(&scene->simulation.paths, 0, 1, &serial);
  struct movement *movement = scene_movement(scene, who);
  for (unsigned frame = 0; frame < 30 * SECOND && movement->has_goal; frame++) go_for(scene, 1);
  cr_expect_eq(movement->has_goal, 0);
  cr_expect_lt(distance_to(scene, who, 90, 75), 1);
  scene_free(scene);
}

Test(live, wants_to_walk_as_fast_as_its_pace) {
  struct scene *scene = scene_make(1, 1000, 10);
  uint32_t who = scene_add(scene, 60, 60);
  struct movement *movement = scene_movement(scene, who);
  send(scene, who, 90, 100);
  movement->waypoint = movement->goal;
  movement->pace = 2;
  scene_live(scene);
  cr_expect_float_eq(*scene_lane(scene, who, LANE_WANTED_X), 4 * 0.6f, 1e-5f);
  cr_expect_float_eq(*scene_lane(scene, who, LANE_WANTED_Y), 4 * 0.8f, 1e-5f);
  movement->pace = 0;
  scene_live(scene);
  cr_expect(*scene_lane(scene, who, LANE_WANTED_X) == 0 && *scene_lane(scene, who, LANE_WANTED_Y) == 0);
  movement->pace = 1;
  movement->has_goal = 0;
  *scene_lane(scene, who, LANE_WANTED_X) = 1.5f;
  scene_live(scene);
  cr_expect_eq(*scene_lane(scene, who, LANE_WANTED_X), 1.5f, "without a goal it goes on");
  scene_free(scene);
}

/* A second of each way of life, from energy 0.5. */
Test(live, spends_energy_by_pace_and_sleep) {
  static const struct {
    float pace;
    uint32_t flags;
    int has_warm;
    float spent;
  } ways[] = {{1, 0, 1, 0.02f},
              {0, 0, 1, 0.008f},
              {2, 0, 1, 0.032f},
              {0, FLAG_SLEEPING, 1, 0.004f},
              {1, FLAG_SLEEPING, 1, 0.01f},
              {0, 0, 0, 0.02f}};
  struct scene *scene = scene_make(1, 1000, 10);
  for (uint32_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    scene_add(scene, 60, 60);
    scene_movement(scene, i)->pace = ways[i].pace;
    scene_hot(scene, i)->flags |= ways[i].flags;
    if (!ways[i].has_warm) scene_take_warm(scene, i);
  }
  live_for(scene, SECOND);
  for (uint32_t i = 0; i < sizeof ways / sizeof *ways; i++)
    cr_expect_float_eq(scene_hot(scene, i)->energy, 0.5f - ways[i].spent, 1e-5f, "way %u: %f", i,
                       (double)scene_hot(scene, i)->energy);
  scene_free(scene);
}

Test(live, starves_heals_and_ails) {
  static const struct {
    float energy, health;
    uint32_t flags;
    float after;
  } cases[] = {{0, 0.5f, 0, 0.45f},
               {0.9f, 0.5f, 0, 0.52f},
               {0.3f, 0.5f, 0, 0.5f},
               {0.3f, 0.5f, FLAG_DISEASED, 0.49f},
               {0, 0.5f, FLAG_DISEASED, 0.44f},
               {0, 0.01f, 0, 0},
               {0.9f, 0.999f, 0, 1}};
  struct scene *scene = scene_make(1, 1000, 10);
  for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct hot *hot = scene_hot(scene, scene_add(scene, 60, 60));
    hot->energy = cases[i].energy;
    hot->health = cases[i].health;
    hot->flags |= cases[i].flags;
  }
  live_for(scene, SECOND);
  for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_float_eq(scene_hot(scene, i)->health, cases[i].after, 1e-4f, "case %u: %f", i,
                       (double)scene_hot(scene, i)->health);
    cr_expect(scene_hot(scene, i)->energy >= 0 && scene_hot(scene, i)->energy <= 1);
  }
  scene_free(scene);
}

static struct scene *run_crowd(unsigned threads) {
  struct scene *scene = scene_make(threads, 1000, 100);
  for (uint32_t x = 5; x < 35; x += 3) scene->simulation.terrain.is_water[40 * x + x] = 1;
  for (uint32_t i = 0; i < 203; i++) {
    scene_add(scene, chance(1, i, 0, 0) * 100 + 5, chance(1, i, 0, 1) * 20 + 5);
    send(scene, i, chance(1, i, 0, 2) * 100 + 5, chance(1, i, 0, 3) * 20 + 5);
    if (i % 5 == 0) scene_take_warm(scene, i);
  }
  go_for(scene, 300);
  return scene;
}

Test(live, is_the_same_with_any_number_of_threads) {
  struct scene *scene = run_crowd(1), *shared = run_crowd(3);
  cr_expect(memcmp(scene_hot(scene, 0), scene_hot(shared, 0), 203 * sizeof(struct hot)) == 0);
  cr_expect_eq(scene->shares[0].moved, 300 * 203);
  cr_expect_eq(shared->shares[0].moved + shared->shares[1].moved + shared->shares[2].moved, 300 * 203);
  scene_free(scene);
  scene_free(shared);
}
