/*
 * sense.c: tests of systems/sense.c: what it says of each is what a look at all the others says.
 */
#include <math.h>

#include "creature/chance.h"
#include "creatures/scene.h"

#define CROWD 400u

static float distance_between(const struct hot *hot, float x, float y) {
  x -= hot->position.x;
  y -= hot->position.y;
  return sqrtf(x * x + y * y);
}

/* Those that have no entry sense, and are not sensed. */
static void expect_others(const struct scene *scene, uint32_t me, float reach) {
  const struct hot *hot = scene_hot(scene, me);
  uint32_t crowd = 0, fighters = 0, nearest = NOTHING;
  float least = INFINITY;
  for (uint32_t i = 0; i < scene->simulation.spatial.count; i++) {
    const struct hot *other = scene_hot(scene, i);
    float distance = distance_between(hot, other->position.x, other->position.y);
    if (i == me || distance > reach) continue;
    crowd++;
    fighters += (other->flags & FLAG_IN_COMBAT) != 0;
    if (distance >= least) continue;
    least = distance;
    nearest = i;
  }
  cr_assert_eq(hot->percept.crowd, crowd, "%u: %u, not %u", me, hot->percept.crowd, crowd);
  cr_assert_eq(hot->percept.fighters, fighters);
  cr_assert_eq(hot->percept.neighbour, nearest, "%u: %u, not %u", me, hot->percept.neighbour, nearest);
  if (nearest != NOTHING) cr_assert_float_eq(hot->percept.neighbour_distance, least, 1e-5f);
}

/* In corners, at edges, in heaps and scattered; each senses as far as its genes say. */
static struct scene *make_crowd(unsigned threads, size_t hashed) {
  struct scene *scene = scene_make(threads, hashed, 10);
  for (uint32_t i = 0; i < CROWD; i++) {
    float wide = i % 4 == 0 ? 318 : i % 4 == 1 ? 12 : 40, from = i % 4 == 2 ? 279 : 0.6f;
    scene_add(scene, from + chance(1, i, 0, 0) * wide, from + chance(1, i, 0, 1) * wide);
    scene_movement(scene, i)->sense = 3 + chance(1, i, 0, 2) * 7;
    if (i % 3 == 0) scene_hot(scene, i)->flags |= FLAG_IN_COMBAT;
    if (i % 7 == 0) scene_take_warm(scene, i);
  }
  scene_live(scene);
  scene_index(scene);
  systems_sense(&scene->simulation);
  return scene;
}

static float reach_of(const struct scene *scene, uint32_t who) {
  const struct warm *warm = creatures_warm(&scene->simulation.creatures)[who];
  return warm && warm->movement.sense < 8 ? warm->movement.sense : 8;
}

Test(sense, knows_the_others_within_reach) {
  struct scene *scene = make_crowd(1, 1000);
  uint64_t others = 0;
  for (uint32_t i = 0; i < CROWD; i++) {
    expect_others(scene, i, reach_of(scene, i));
    others += scene_hot(scene, i)->percept.crowd;
  }
  cr_expect_eq(scene->shares[0].sensed, CROWD);
  cr_expect_eq(scene->shares[0].sensed_others, others);
  cr_expect_gt(others, CROWD);
  scene_free(scene);
}

Test(sense, goes_on_for_those_whom_the_limit_refused_an_entry) {
  struct scene *scene = make_crowd(3, 250);
  cr_assert_eq(scene->simulation.spatial.count, 250);
  for (uint32_t i = 0; i < CROWD; i++) expect_others(scene, i, reach_of(scene, i));
  cr_expect_eq(scene->shares[0].sensed + scene->shares[1].sensed + scene->shares[2].sensed, CROWD);
  scene_free(scene);
}

Test(sense, is_the_same_with_any_number_of_threads) {
  struct scene *scene = make_crowd(1, 1000), *shared = make_crowd(3, 1000);
  cr_expect(memcmp(scene_hot(scene, 0), scene_hot(shared, 0), CROWD * sizeof(struct hot)) == 0);
  scene_free(scene);
  scene_free(shared);
}

Test(sense, takes_of_two_that_are_as_near_the_first_in_the_store) {
  struct scene *scene = scene_make(1, 1000, 10);
  uint32_t below = scene_add(scene, 200, 208), middle = scene_add(scene, 200, 200);
  scene_add(scene, 200, 192); /* in a cell that comes before that of the first */
  uint32_t right = scene_add(scene, 103, 100), me = scene_add(scene, 100, 100),
           left = scene_add(scene, 97, 100);
  scene_live(scene);
  scene_index(scene);
  systems_sense(&scene->simulation);
  cr_expect_eq(scene_hot(scene, middle)->percept.neighbour, below);
  cr_expect_eq(scene_hot(scene, middle)->percept.crowd, 2);
  cr_expect_eq(scene_hot(scene, me)->percept.neighbour, right);
  cr_expect_eq(scene_hot(scene, me)->percept.neighbour_distance, 3);
  cr_expect_eq(scene_hot(scene, left)->percept.neighbour, me);
  cr_expect_eq(scene_hot(scene, me)->percept.fighters, 0);
  scene_free(scene);
}

/* One senses; the others are in the index alone. */
Test(sense, counts_no_more_than_its_16_bits_hold) {
  enum { OTHERS = 70000, FIGHTERS = 1000 };
  struct scene *scene = scene_make(1, 100000, 10);
  struct simulation *simulation = &scene->simulation;
  struct spatial *spatial = &simulation->spatial;
  spatial_done(spatial);
  cr_assert_eq(spatial_init(spatial, memory_of(&simulation->memory, RATION_ALLOCATOR_WORLD),
                            &simulation->limits, &simulation->terrain, OTHERS + 1),
               0);
  uint32_t me = scene_add(scene, 100, 100);
  scene_live(scene);
  struct hot other = *scene_hot(scene, me);
  for (uint32_t i = 1; i <= OTHERS; i++) {
    other.flags = i <= FIGHTERS ? FLAG_ALIVE | FLAG_IN_COMBAT : FLAG_ALIVE;
    spatial_note(spatial, i, &other, NULL);
  }
  spatial_index(spatial, OTHERS + 1);
  spatial->count = 1;
  systems_sense(simulation);
  cr_expect_eq(scene_hot(scene, me)->percept.crowd, UINT16_MAX);
  cr_expect_eq(scene_hot(scene, me)->percept.fighters, FIGHTERS);
  scene_free(scene);
}

Test(sense, is_alone_where_nobody_is_near) {
  struct scene *scene = scene_make(1, 1000, 10);
  uint32_t me = scene_add(scene, 100, 100);
  scene_add(scene, 110, 100);
  scene_live(scene);
  scene_index(scene);
  systems_sense(&scene->simulation);
  const struct percept *percept = &scene_hot(scene, me)->percept;
  cr_expect(percept->neighbour == NOTHING && percept->neighbour_distance == 0);
  cr_expect(percept->plant == NOTHING && percept->plant_distance == 0);
  cr_expect(percept->crowd == 0 && percept->fighters == 0);
  scene_free(scene);
}

Test(sense, knows_the_nearest_plant_with_food_within_reach) {
  struct scene *scene = scene_make(1, 1000, 10);
  struct plants *plants = &scene->simulation.plants;
  uint32_t plant = (uint32_t)plants->count / 2;
  float x = plants->places[plant].x, y = plants->places[plant].y;
  uint32_t me = scene_add(scene, x + 3, y + 2), far = scene_add(scene, x + 3, y + 2);
  scene_movement(scene, far)->sense = 3.5f;
  for (int round = 0; round < 3; round++) {
    plants_set_food(plants, plant, round == 1 ? 0.4f : 0.05f);
    scene_live(scene);
    scene_index(scene);
    systems_sense(&scene->simulation);
    cr_expect_eq(scene_hot(scene, me)->percept.plant, round == 1 ? plant : NOTHING);
    cr_expect_float_eq(scene_hot(scene, me)->percept.plant_distance, round == 1 ? sqrtf(13) : 0, 1e-4f);
    cr_expect_eq(scene_hot(scene, far)->percept.plant, NOTHING);
  }
  scene_free(scene);
}
