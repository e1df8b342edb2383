/*
 * meadow.h: a small world for the tests of what creatures do in it: flat, dry, with plants that are all empty, and the
 * creatures that a test puts there. Each of these is of average genes, grown, well fed and healthy.
 */
#ifndef RATION_TESTS_CREATURES_MEADOW_H
#define RATION_TESTS_CREATURES_MEADOW_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "systems/ecology.h"
#include "systems/systems.h"

#define MEADOW_BUDGET    ((uint64_t)256 << 20)
#define MEADOW_CREATURES 200u
#define MEADOW_ROOM      1000u /* creatures that would find room in it */

/* limits: NAME=N,...; NULL: the defaults. */
static inline struct simulation *meadow_make(const char *limits, unsigned threads) {
  struct simulation *simulation =
      (struct simulation *)aligned_alloc(alignof(struct simulation), sizeof *simulation);
  cr_assert_not_null(simulation);
  memset(simulation, 0, sizeof *simulation);
  simulation->seed = 7;
  size_t share_bytes = threads * sizeof *simulation->shares;
  simulation->shares = (struct counters *)aligned_alloc(alignof(struct counters), share_bytes);
  cr_assert_not_null(simulation->shares);
  memset(simulation->shares, 0, share_bytes);
  cr_assert_eq(memory_init(&simulation->memory, MEADOW_BUDGET), 0);
  cr_assert_eq(ration_limits_init(&simulation->limits, NULL, ration_limits_defaults, RATION_LIMITS_DEFAULTS),
               0);
  if (limits) cr_assert_eq(ration_limits_set_text(&simulation->limits, limits, NULL), 0);
  struct ration_memory *world = memory_of(&simulation->memory, RATION_ALLOCATOR_WORLD);
  struct terrain *terrain = &simulation->terrain;
  cr_assert_eq(terrain_init(terrain, world, simulation->seed, MEADOW_ROOM), 0);
  memset(terrain->is_water, 0, (size_t)terrain->side * terrain->side);
  cr_assert_eq(
      plants_init(&simulation->plants, &simulation->memory, terrain, simulation->seed, MEADOW_CREATURES), 0);
  for (uint32_t i = 0; i < simulation->plants.count; i++) plants_set_food(&simulation->plants, i, 0);
  cr_assert_eq(spatial_init(&simulation->spatial, world, &simulation->limits, terrain, 2 * MEADOW_CREATURES),
               0);
  cr_assert_eq(paths_init(&simulation->paths, world, &simulation->limits, terrain), 0);
  cr_assert_eq(events_init(&simulation->events, world, &simulation->limits), 0);
  cr_assert_eq(
      creatures_init(&simulation->creatures, &simulation->memory, &simulation->limits, MEADOW_CREATURES), 0);
  cr_assert_eq(workers_start(&simulation->workers, threads), 0);
  return simulation;
}

static inline void meadow_free(struct simulation *simulation) {
  cr_expect(creatures_is_valid(&simulation->creatures));
  workers_stop(simulation->workers);
  creatures_done(&simulation->creatures);
  events_done(&simulation->events);
  paths_done(&simulation->paths);
  spatial_done(&simulation->spatial);
  plants_done(&simulation->plants);
  terrain_done(&simulation->terrain);
  ration_limits_done(&simulation->limits);
  memory_done(&simulation->memory);
  free(simulation->shares);
  free(simulation);
}

static inline struct hot *meadow_hot(const struct simulation *simulation, uint64_t id) {
  uint32_t position = creatures_find(&simulation->creatures, id);
  cr_assert_neq(position, NOTHING);
  return &creatures_hot(&simulation->creatures)[position];
}

static inline struct warm *meadow_warm(const struct simulation *simulation, uint64_t id) {
  return creatures_warm(&simulation->creatures)[creatures_find(&simulation->creatures, id)];
}

static inline struct cold *meadow_cold(const struct simulation *simulation, uint64_t id) {
  return creatures_cold(&simulation->creatures, creatures_find(&simulation->creatures, id));
}

static inline uint64_t meadow_add(struct simulation *simulation, float x, float y) {
  struct creatures *creatures = &simulation->creatures;
  uint64_t id = 0;
  cr_assert_eq(creatures_add(creatures, &id), 0);
  struct cold *cold = meadow_cold(simulation, id);
  for (int gene = 0; gene < GENES; gene++) cold->genetics.genes[gene] = 0.5f;
  cold->biography.lifespan = 1000;
  succeed_bear(simulation, cold, meadow_warm(simulation, id));
  succeed_place(simulation, creatures_find(creatures, id), cold, (struct vec3){x, y, 0});
  meadow_warm(simulation, id)->decision.decisions = 1001; /* grown, and not about to recall */
  meadow_hot(simulation, id)->energy = 0.9f;
  meadow_hot(simulation, id)->health = 1;
  return id;
}

/* A full plant, the nearest to a place; NOTHING grows nearer. */
static inline uint32_t meadow_plant(struct simulation *simulation, float x, float y) {
  const struct plants *plants = &simulation->plants;
  uint32_t nearest = 0;
  float least = 1e9f;
  for (uint32_t i = 0; i < plants->count; i++) {
    float dx = plants->places[i].x - x, dy = plants->places[i].y - y;
    if (dx * dx + dy * dy >= least) continue;
    least = dx * dx + dy * dy;
    nearest = i;
  }
  plants_set_food(&simulation->plants, nearest, 1);
  return nearest;
}

/* What its senses would say of another. */
static inline void meadow_face(struct simulation *simulation, uint64_t id, uint64_t other_id,
                               float distance) {
  struct percept *percept = &meadow_hot(simulation, id)->percept;
  percept->neighbour = creatures_find(&simulation->creatures, other_id);
  percept->neighbour_distance = distance;
  percept->crowd = 1;
}

static inline struct turn meadow_turn(struct simulation *simulation, uint64_t id) {
  return (struct turn){.simulation = simulation,
                       .position = creatures_find(&simulation->creatures, id),
                       .place = (uint32_t)id,
                       .hot = meadow_hot(simulation, id),
                       .warm = meadow_warm(simulation, id),
                       .cold = meadow_cold(simulation, id),
                       .seconds = TURN_SECONDS,
                       .counters = &simulation->counters};
}

/* From perceive to decide, in the order of a turn. */
static inline void meadow_think(struct simulation *simulation, uint64_t id) {
  struct turn turn = meadow_turn(simulation, id);
  perceive(&turn);
  feel(&turn);
  socialise(&turn);
  decide(&turn);
}

/* The frame in which the next turn of that one is. */
static inline void meadow_wait_for(struct simulation *simulation, uint64_t id) {
  while (((uint32_t)id + simulation->frame) % AI_FRAMES) simulation->frame++;
}

static inline void meadow_frame(struct simulation *simulation) {
  systems_walk(simulation);
  spatial_index(&simulation->spatial, creatures_count(&simulation->creatures));
  systems_sense(simulation);
  systems_think(simulation);
  systems_act(simulation);
  systems_remember(simulation);
  systems_succeed(simulation);
  simulation->frame++;
}

/* The next event of that kind; 0: there is none. Those before it are gone. */
static inline int meadow_take(struct simulation *simulation, enum event_kind kind, struct event *ret_event) {
  while (!events_take(&simulation->events, ret_event))
    if (ret_event->kind == kind) return 1;
  return 0;
}

#endif
