/*
 * perceive.c: tests of systems/perceive.c.
 */
#include "creatures/meadow.h"

static void perceive_once(struct simulation *simulation, uint64_t id) {
  struct turn turn = meadow_turn(simulation, id);
  perceive(&turn);
}

Test(perceive, food_is_where_the_sensed_plant_is) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  uint32_t plant = meadow_plant(simulation, 105, 100);
  meadow_hot(simulation, id)->percept.plant = plant;
  const struct sensory *sensory = &meadow_warm(simulation, id)->sensory;
  perceive_once(simulation, id);
  cr_expect_float_eq(sensory->food.x, 100, 0, "a sated one notes that it is hereabouts");
  meadow_hot(simulation, id)->energy = 0.5f;
  perceive_once(simulation, id);
  cr_expect_float_eq(sensory->food.x, simulation->plants.places[plant].x, 0);
  cr_expect_float_eq(sensory->food.y, simulation->plants.places[plant].y, 0);
  cr_expect_float_eq(sensory->food_age, 0, 0);
  meadow_hot(simulation, id)->percept.plant = NOTHING;
  perceive_once(simulation, id);
  cr_expect_float_eq(sensory->food_age, TURN_SECONDS, 1e-6f, "it remembers where it was");
  meadow_free(simulation);
}

Test(perceive, food_that_is_not_where_it_was_believed_to_be_is_given_up) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  struct sensory *sensory = &meadow_warm(simulation, id)->sensory;
  sensory->food = (struct vec3){101, 100, 0};
  sensory->food_age = 1;
  perceive_once(simulation, id);
  cr_expect_geq(sensory->food_age, LONG_AGO);
  meadow_free(simulation);
}

Test(perceive, a_foe_is_a_threat_where_it_stands_and_a_stranger_is_none) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 103, 100);
  struct warm *warm = meadow_warm(simulation, id);
  meadow_face(simulation, id, other, 3);
  perceive_once(simulation, id);
  cr_expect_geq(warm->sensory.threat_age, LONG_AGO);
  cr_expect_eq(warm->sensory.neighbour_is_known, 0);
  warm->social.foe_id = other;
  warm->social.foe_liking = -0.5f;
  perceive_once(simulation, id);
  cr_expect_float_eq(warm->sensory.threat_age, 0, 0);
  cr_expect_float_eq(warm->sensory.threat.x, 103, 1e-4f);
  cr_expect_eq(warm->sensory.neighbour_is_known, 1);
  cr_expect_float_eq(warm->sensory.neighbour_liking, -0.5f, 1e-6f);
  meadow_free(simulation);
}

Test(perceive, one_that_was_born_in_the_place_of_a_dead_friend_is_not_taken_for_it) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), friend = meadow_add(simulation, 103, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->social.friend_id = friend;
  warm->social.friend_liking = 0.5f;
  cr_assert_eq(creatures_remove(&simulation->creatures, friend), 0);
  uint64_t heir = meadow_add(simulation, 103, 100);
  cr_assert_eq((uint32_t)heir, (uint32_t) friend, "the place is used again");
  meadow_face(simulation, id, heir, 3);
  perceive_once(simulation, id);
  cr_expect_eq(warm->sensory.neighbour_is_known, 0);
  meadow_free(simulation);
}

Test(perceive, blows_are_dangerous_and_danger_passes) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 101, 100);
  struct warm *warm = meadow_warm(simulation, id);
  meadow_face(simulation, id, other, 1);
  meadow_hot(simulation, id)->flags |= FLAG_IN_COMBAT;
  perceive_once(simulation, id);
  float danger = warm->sensory.danger;
  cr_expect_gt(danger, 0.1f);
  cr_expect_float_eq(warm->sensory.threat_age, 0, 0, "who is beside it has struck");
  meadow_hot(simulation, id)->flags &= ~(uint32_t)FLAG_IN_COMBAT;
  for (int turn = 0; turn < 20; turn++) perceive_once(simulation, id);
  cr_expect_lt(warm->sensory.danger, 0.01f * danger);
  meadow_free(simulation);
}

Test(perceive, a_crowd_is_felt_after_a_while) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  const struct sensory *sensory = &meadow_warm(simulation, id)->sensory;
  meadow_hot(simulation, id)->percept.crowd = 6;
  perceive_once(simulation, id);
  cr_expect_lt(sensory->crowding, 1);
  for (int turn = 0; turn < 60; turn++) perceive_once(simulation, id);
  cr_expect_gt(sensory->crowding, 5);
  meadow_free(simulation);
}
