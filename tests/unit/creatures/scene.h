/*
 * scene.h: a simulation of as much as the steps of a frame need: flat dry ground of 40 x 40 cells, where nothing grows, and
 * the creatures that a test puts there.
 */
#ifndef RATION_TESTS_CREATURES_SCENE_H
#define RATION_TESTS_CREATURES_SCENE_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "simulation.h"
#include "systems/systems.h"

#define SCENE_THREADS 4u

struct scene {
  struct simulation simulation;
  struct counters shares[SCENE_THREADS];
};

static inline void scene_parts(struct simulation *simulation, size_t capacity) {
  struct ration_memory *world = memory_of(&simulation->memory, RATION_ALLOCATOR_WORLD);
  struct creatures *creatures = &simulation->creatures;
  cr_assert_eq(terrain_init(&simulation->terrain, world, 1, 1000), 0);
  cr_assert_eq(plants_init(&simulation->plants, &simulation->memory, &simulation->terrain, 1, 100), 0);
  cr_assert_eq(spatial_init(&simulation->spatial, world, &simulation->limits, &simulation->terrain, capacity),
               0);
  cr_assert_eq(paths_init(&simulation->paths, world, &simulation->limits, &simulation->terrain), 0);
  cr_assert_eq(creature_records_init(&creatures->records, NULL, NULL, NULL, NULL), 0);
  cr_assert_eq(positions_init(&creatures->positions, NULL, NULL), 0);
  cr_assert_eq(ration_vector_init(&creatures->warm, NULL, sizeof(void *), sizeof(void *), NULL), 0);
}

/* hashed: the limit of entries of the spatial hash; paths: of cached paths. */
static inline struct scene *scene_make(unsigned threads, size_t hashed, size_t paths) {
  struct scene *scene = (struct scene *)aligned_alloc(alignof(struct scene), sizeof *scene);
  cr_assert_not_null(scene);
  memset(scene, 0, sizeof *scene);
  struct simulation *simulation = &scene->simulation;
  cr_assert_eq(memory_init(&simulation->memory, (uint64_t)1 << 30), 0);
  cr_assert_eq(ration_limits_init(&simulation->limits, NULL, ration_limits_defaults, RATION_LIMITS_DEFAULTS),
               0);
  cr_assert_eq(ration_limits_set(&simulation->limits, RATION_LIMIT_SPATIAL_HASH_ENTRIES, hashed), 0);
  cr_assert_eq(ration_limits_set(&simulation->limits, RATION_LIMIT_CACHED_PATHS, paths), 0);
  scene_parts(simulation, 1000);
  cr_assert_eq(workers_start(&simulation->workers, threads), 0);
  simulation->shares = scene->shares;
  memset(simulation->terrain.is_water, 0, terrain_cells(&simulation->terrain));
  for (uint32_t i = 0; i < simulation->plants.count; i++) plants_set_food(&simulation->plants, i, 0);
  return scene;
}

static inline void scene_free(struct scene *scene) {
  struct simulation *simulation = &scene->simulation;
  workers_stop(simulation->workers);
  ration_vector_done(&simulation->creatures.warm);
  positions_done(&simulation->creatures.positions);
  creature_records_done(&simulation->creatures.records);
  paths_done(&simulation->paths);
  spatial_done(&simulation->spatial);
  plants_done(&simulation->plants);
  terrain_done(&simulation->terrain);
  ration_limits_done(&simulation->limits);
  memory_done(&simulation->memory);
  free(scene);
}

/* Of average genes, awake, with half of its energy; it stands. Its position in the store. */
static inline uint32_t scene_add(struct scene *scene, float x, float y) {
  struct creatures *creatures = &scene->simulation.creatures;
  uint32_t position = (uint32_t)creatures_count(creatures);
  uint64_t id;
  cr_assert_eq(creature_records_add(&creatures->records, &id), 0);
  struct warm *warm = creature_records_warm(&creatures->records, id);
  cr_assert_not_null(warm);
  warm->movement = (struct movement){.speed = 2, .sense = 8, .metabolism = 0.02f};
  cr_assert_eq(ration_vector_push(&creatures->warm, &warm), 0);
  cr_assert_eq(
      positions_add(&creatures->positions, (struct positions_entry){.x = x, .y = y, .ease = 1}, NULL), 0);
  creatures_hot(creatures)[position] =
      (struct hot){.position = {x, y, 0},
                   .health = 1,
                   .energy = 0.5f,
                   .flags = FLAG_ALIVE,
                   .spatial_hash = terrain_cell(&scene->simulation.terrain, x, y)};
  return position;
}

static inline struct hot *scene_hot(const struct scene *scene, uint32_t position) {
  return &creatures_hot(&scene->simulation.creatures)[position];
}

static inline struct movement *scene_movement(const struct scene *scene, uint32_t position) {
  return &creatures_warm(&scene->simulation.creatures)[position]->movement;
}

/* As one that was demoted: its record stays with the test. */
static inline void scene_take_warm(const struct scene *scene, uint32_t position) {
  struct warm **warm = (struct warm **)ration_vector_at(&scene->simulation.creatures.warm, position);
  *warm = NULL;
}

static inline float *scene_lane(const struct scene *scene, uint32_t position, size_t field) {
  return (float *)ration_lanes_at(&scene->simulation.creatures.positions.lanes, position, field);
}

/* Fields of a lane, in the order of store/creatures.h. */
enum {
  LANE_X,
  LANE_Y,
  LANE_Z,
  LANE_VELOCITY_X,
  LANE_VELOCITY_Y,
  LANE_VELOCITY_Z,
  LANE_WANTED_X,
  LANE_WANTED_Y,
  LANE_GROUND
};

/* One step of systems_walk, of all, by the ranges of the workers. */
static inline void scene_run_move(void *context, size_t first, size_t last, unsigned worker) {
  move_range(context, first, last, worker);
}

static inline void scene_run_live(void *context, size_t first, size_t last, unsigned worker) {
  live_range(context, first, last, worker);
}

static inline void scene_move(struct scene *scene) {
  struct simulation *simulation = &scene->simulation;
  workers_run(simulation->workers, creatures_count(&simulation->creatures), scene_run_move, simulation);
  positions_clear_tail(&simulation->creatures.positions);
}

static inline void scene_live(struct scene *scene) {
  struct simulation *simulation = &scene->simulation;
  workers_run(simulation->workers, creatures_count(&simulation->creatures), scene_run_live, simulation);
}

static inline void scene_index(struct scene *scene) {
  struct spatial *spatial = &scene->simulation.spatial;
  const struct creatures *creatures = &scene->simulation.creatures;
  for (size_t i = 0; i < creatures_count(creatures); i++) {
    const struct warm *warm = creatures_warm(creatures)[i];
    spatial_note(spatial, i, &creatures_hot(creatures)[i], warm ? &warm->movement : NULL);
  }
  spatial_index(spatial, creatures_count(creatures));
}

#endif
