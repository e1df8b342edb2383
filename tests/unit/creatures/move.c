/*
 * move.c: tests of systems/move.c.
 */
#include "creature/chance.h"
#include "creatures/scene.h"

/* velocity += (wanted - velocity) x ease; place += velocity x FRAME_SECONDS; the height nears the ground's. */
Test(move, eases_each_towards_the_velocity_that_it_wants) {
  struct scene *scene = scene_make(1, 1000, 10);
  for (uint32_t i = 0; i < 21; i++) {
    scene_add(scene, 100 + (float)i, 200 - (float)i);
    *scene_lane(scene, i, LANE_WANTED_X) = (float)i * 0.25f;
    *scene_lane(scene, i, LANE_WANTED_Y) = -(float)i * 0.5f;
    *scene_lane(scene, i, LANE_VELOCITY_X) = 1;
    *scene_lane(scene, i, LANE_GROUND + 1) = 0.25f; /* ease */
    *scene_lane(scene, i, LANE_GROUND) = 10;
  }
  scene_move(scene);
  for (uint32_t i = 0; i < 21; i++) {
    float velocity_x = 1 + ((float)i * 0.25f - 1) * 0.25f, velocity_y = -(float)i * 0.125f;
    cr_expect_float_eq(*scene_lane(scene, i, LANE_VELOCITY_X), velocity_x, 1e-6f);
    cr_expect_float_eq(*scene_lane(scene, i, LANE_VELOCITY_Y), velocity_y, 1e-6f);
    cr_expect_float_eq(*scene_lane(scene, i, LANE_X), 100 + (float)i + velocity_x / 60, 1e-4f);
    cr_expect_float_eq(*scene_lane(scene, i, LANE_Y), 200 - (float)i + velocity_y / 60, 1e-4f);
  }
  for (int frame = 0; frame < 120; frame++) scene_move(scene);
  cr_expect_float_eq(*scene_lane(scene, 3, LANE_Z), 10, 0.01f);
  cr_expect_float_eq(*scene_lane(scene, 3, LANE_VELOCITY_Z), 0, 0.01f);
  cr_expect_gt(scene->shares[0].bytes_touched, 0);
  scene_free(scene);
}

Test(move, turns_round_at_the_end_of_the_world) {
  static const struct {
    float x, y, way_x, way_y;
  } corners[] = {{0.6f, 160, -20, 0}, {319.4f, 160, 20, 0}, {160, 0.6f, 0, -20}, {160, 319.4f, 0, 20}};
  struct scene *scene = scene_make(1, 1000, 10);
  for (uint32_t i = 0; i < 4; i++) {
    scene_add(scene, corners[i].x, corners[i].y);
    *scene_lane(scene, i, LANE_WANTED_X) = corners[i].way_x;
    *scene_lane(scene, i, LANE_WANTED_Y) = corners[i].way_y;
  }
  scene_move(scene);
  for (uint32_t i = 0; i < 4; i++) {
    cr_expect_eq(*scene_lane(scene, i, LANE_VELOCITY_X), -corners[i].way_x);
    cr_expect_eq(*scene_lane(scene, i, LANE_VELOCITY_Y), -corners[i].way_y);
    cr_expect_eq(*scene_lane(scene, i, LANE_WANTED_X), -corners[i].way_x);
    cr_expect_eq(*scene_lane(scene, i, LANE_WANTED_Y), -corners[i].way_y);
  }
  cr_expect_eq(*scene_lane(scene, 0, LANE_X), 0.5f);
  cr_expect_eq(*scene_lane(scene, 1, LANE_X), 319.5f);
  cr_expect_eq(*scene_lane(scene, 2, LANE_Y), 0.5f);
  cr_expect_eq(*scene_lane(scene, 3, LANE_Y), 319.5f);
  for (int frame = 0; frame < 600; frame++) scene_move(scene);
  for (uint32_t i = 0; i < 4; i++)
    cr_expect(*scene_lane(scene, i, LANE_X) >= 0.5f && *scene_lane(scene, i, LANE_Y) <= 319.5f);
  scene_free(scene);
}

Test(move, leaves_the_lanes_behind_the_last_creature_zero) {
  struct scene *scene = scene_make(1, 1000, 10);
  scene_move(scene);
  for (uint32_t i = 0; i < 11; i++) {
    scene_add(scene, 50, 50);
    scene_move(scene);
    cr_expect(ration_lanes_is_valid(&scene->simulation.creatures.positions.lanes), "with %u creatures",
              i + 1);
  }
  scene_free(scene);
}

static struct scene *run_crowd(unsigned threads) {
  struct scene *scene = scene_make(threads, 1000, 10);
  for (uint32_t i = 0; i < 203; i++) {
    scene_add(scene, chance(1, i, 0, 0) * 320, chance(1, i, 0, 1) * 320);
    *scene_lane(scene, i, LANE_WANTED_X) = chance(1, i, 0, 2) * 40 - 20;
    *scene_lane(scene, i, LANE_WANTED_Y) = chance(1, i, 0, 3) * 40 - 20;
  }
  for (int frame = 0; frame < 60; frame++) scene_move(scene);
  return scene;
}

Test(move, is_the_same_with_any_number_of_threads) {
  struct scene *scene = run_crowd(1), *shared = run_crowd(3);
  size_t bytes = positions_blocks(&scene->simulation.creatures.positions) * sizeof(struct positions_block);
  cr_expect(memcmp(positions_data(&scene->simulation.creatures.positions),
                   positions_data(&shared->simulation.creatures.positions), bytes) == 0);
  scene_free(scene);
  scene_free(shared);
}
