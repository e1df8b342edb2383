/*
 * decide.c: tests of systems/decide.c and systems/reflex.c: what is chosen, by whom.
 */
#include <math.h>

#include "creatures/meadow.h"

static uint32_t action_of(const struct simulation *simulation, uint64_t id) {
  return meadow_warm(simulation, id)->decision.action;
}

/* As sense would, of the plant. */
static void sense_plant(struct simulation *simulation, uint64_t id, uint32_t plant, float distance) {
  meadow_hot(simulation, id)->percept.plant = plant;
  meadow_hot(simulation, id)->percept.plant_distance = distance;
}

Test(decide, a_hungry_one_goes_to_the_food_that_it_senses_and_eats_what_is_in_reach) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  uint32_t plant = meadow_plant(simulation, 105, 100);
  meadow_hot(simulation, id)->energy = 0.3f;
  sense_plant(simulation, id, plant, 5);
  meadow_think(simulation, id);
  cr_expect_eq(action_of(simulation, id), ACTION_SEEK_FOOD);
  cr_expect_eq(meadow_hot(simulation, id)->state, STATE_SEEK);
  cr_expect_float_eq(meadow_warm(simulation, id)->decision.place.x, simulation->plants.places[plant].x, 0);
  cr_expect_eq(meadow_warm(simulation, id)->decision.plant, plant);
  sense_plant(simulation, id, plant, 1);
  meadow_think(simulation, id);
  cr_expect_eq(action_of(simulation, id), ACTION_EAT);
  cr_expect_float_eq(meadow_warm(simulation, id)->movement.pace, 0, 0);
  meadow_free(simulation);
}

Test(decide, a_sated_one_leaves_food_alone) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  meadow_hot(simulation, id)->energy = 0.99f;
  sense_plant(simulation, id, meadow_plant(simulation, 100, 100), 1);
  meadow_think(simulation, id);
  cr_expect_eq(action_of(simulation, id), ACTION_WANDER);
  meadow_free(simulation);
}

Test(decide, a_frightened_one_runs_straight_away_from_the_threat) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), foe = meadow_add(simulation, 103, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->social.foe_id = foe;
  warm->social.foe_liking = -0.8f;
  warm->emotional.fear = 0.8f;
  meadow_face(simulation, id, foe, 3);
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.action, ACTION_FLEE);
  cr_expect_float_eq(warm->movement.pace, FLEE_PACE, 0);
  cr_expect_float_eq(warm->decision.place.x, 100 - FLEE_UNITS, 0.01f);
  cr_expect_float_eq(warm->decision.place.y, 100, 0.01f);
  meadow_free(simulation);
}

Test(decide, one_that_stands_upon_its_threat_still_finds_a_way) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), foe = meadow_add(simulation, 100, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->social.foe_id = foe;
  warm->social.foe_liking = -0.8f;
  warm->emotional.fear = 0.8f;
  meadow_face(simulation, id, foe, 0);
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.action, ACTION_FLEE);
  float x = warm->decision.place.x - 100, y = warm->decision.place.y - 100;
  cr_expect_float_eq(sqrtf(x * x + y * y), FLEE_UNITS, 0.01f);
  meadow_free(simulation);
}

Test(decide, what_it_has_learned_tips_the_scales) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), foe = meadow_add(simulation, 103, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->social.foe_id = foe;
  warm->social.foe_liking = -0.8f;
  warm->emotional.courage = 1;
  meadow_face(simulation, id, foe, 3);
  meadow_think(simulation, id);
  cr_expect_neq(warm->decision.action, ACTION_FLEE, "born bold");
  warm->social.learned[LEARNED_FLEE_FOE] = 100;
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.action, ACTION_FLEE);
  meadow_free(simulation);
}

Test(decide, an_angry_one_attacks_its_foe) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), foe = meadow_add(simulation, 103, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->social.foe_id = foe;
  warm->social.foe_liking = -0.8f;
  warm->emotional.anger = 1;
  meadow_face(simulation, id, foe, 3);
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.action, ACTION_FIGHT);
  cr_expect_eq(warm->decision.other_id, foe);
  meadow_hot(simulation, id)->health = 0.2f;
  meadow_think(simulation, id);
  cr_expect_neq(warm->decision.action, ACTION_FIGHT, "it is not fit to");
  meadow_free(simulation);
}

Test(decide, friends_with_energy_court_and_the_young_and_the_pregnant_do_not) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 103, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->social.friend_id = other;
  warm->social.friend_liking = 0.8f;
  meadow_face(simulation, id, other, 3);
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.action, ACTION_COURT);
  cr_expect_eq(warm->decision.other_id, other);
  warm->decision.decisions = 3;
  meadow_think(simulation, id);
  cr_expect_neq(warm->decision.action, ACTION_COURT);
  warm->decision.decisions = 1001;
  meadow_hot(simulation, id)->flags |= FLAG_PREGNANT;
  meadow_think(simulation, id);
  cr_expect_neq(warm->decision.action, ACTION_COURT);
  meadow_free(simulation);
}

Test(decide, nobody_courts_in_a_crowd) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 103, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->social.friend_id = other;
  warm->social.friend_liking = 0.8f;
  warm->sensory.crowding = 2 * CROWD_IS_FULL;
  meadow_face(simulation, id, other, 3);
  meadow_think(simulation, id);
  cr_expect_neq(warm->decision.action, ACTION_COURT);
  meadow_free(simulation);
}

Test(decide, a_tired_one_sleeps_until_it_is_rested) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->emotional.stress = 0.9f;
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.action, ACTION_SLEEP);
  cr_expect(meadow_hot(simulation, id)->flags & FLAG_SLEEPING);
  for (int turn = 0; turn < (int)(2 * RESTS_IN / TURN_SECONDS); turn++) meadow_think(simulation, id);
  cr_expect_neq(warm->decision.action, ACTION_SLEEP);
  cr_expect_not(meadow_hot(simulation, id)->flags & FLAG_SLEEPING);
  meadow_free(simulation);
}

Test(decide, a_lonely_one_goes_to_its_friend_out_of_sight_or_to_whom_it_hears_unless_that_is_too_far) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), friend = meadow_add(simulation, 130, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->social.friend_id = friend;
  warm->social.friend_liking = 0.9f;
  warm->social.loneliness = 1;
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.action, ACTION_SOCIALISE);
  cr_expect_float_eq(warm->decision.place.x, 130, 1e-4f);
  warm->decision.action = ACTION_WANDER;
  meadow_hot(simulation, friend)->position.x = 100 + 2 * FRIEND_SEEN_FAR;
  int heard = 0;
  for (int turn = 0; turn < 20; turn++, simulation->frame += AI_FRAMES) {
    meadow_think(simulation, id);
    heard += warm->decision.action == ACTION_SOCIALISE;
  }
  cr_expect_gt(heard, 0);
  meadow_hot(simulation, friend)->position.x = 100 + 1.1f * HEARD_AFAR;
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.action, ACTION_WANDER);
  meadow_free(simulation);
}

Test(decide, the_best_and_the_second_best_are_noted_and_what_it_is_at_has_a_little_more) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->emotional.curiosity = 0;
  warm->emotional.stress = 0.39f;
  warm->decision.action = ACTION_COURT;
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.action, ACTION_SLEEP);
  warm->emotional.curiosity = 0;
  warm->emotional.stress = 0.39f;
  warm->decision.action = ACTION_WANDER;
  meadow_hot(simulation, id)->state = STATE_WANDER;
  meadow_hot(simulation, id)->flags &= ~(uint32_t)FLAG_SLEEPING;
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.action, ACTION_WANDER, "sleep is a little better, but it walks");
  cr_expect_gt(warm->decision.second, 0);
  cr_expect_geq(warm->decision.utility, warm->decision.second);
  cr_expect_eq(warm->decision.is_new, 0);
  warm->emotional.stress = 0.8f;
  meadow_think(simulation, id);
  cr_expect_eq(warm->decision.is_new, 1);
  cr_expect_eq(warm->decision.decisions, 1004);
  meadow_free(simulation);
}

Test(decide, a_blow_is_over_when_its_turn_comes) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  meadow_hot(simulation, id)->flags |= FLAG_IN_COMBAT;
  meadow_think(simulation, id);
  cr_expect_not(meadow_hot(simulation, id)->flags & FLAG_IN_COMBAT);
  meadow_free(simulation);
}

Test(decide, each_decides_in_every_eighth_frame) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t ids[20];
  for (int i = 0; i < 20; i++) ids[i] = meadow_add(simulation, 100 + (float)i, 100);
  for (int frame = 0; frame < 24; frame++, simulation->frame++) systems_think(simulation);
  for (int i = 0; i < 20; i++) cr_expect_eq(meadow_warm(simulation, ids[i])->decision.decisions, 1004);
  cr_expect_eq(simulation->shares[0].decided, 60);
  meadow_free(simulation);
}

Test(decide, it_recalls_in_every_eighth_turn) {
  struct simulation *simulation = meadow_make(NULL, 1);
  meadow_add(simulation, 100, 100);
  for (int frame = 0; frame < 3 * 64; frame++, simulation->frame++) systems_think(simulation);
  cr_expect_eq(simulation->shares[0].decided, 24);
  cr_expect_eq(simulation->shares[0].recalls, 3);
  meadow_free(simulation);
}

Test(decide, who_has_no_warm_record_goes_to_food_and_eats_by_reflex) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  uint32_t plant = meadow_plant(simulation, 106, 100), position = creatures_find(&simulation->creatures, id);
  cr_assert_eq(creatures_demote(&simulation->creatures, position), 0);
  struct hot *hot = meadow_hot(simulation, id);
  hot->energy = 0.3f;
  sense_plant(simulation, id, plant, 6);
  meadow_wait_for(simulation, id);
  systems_think(simulation);
  cr_expect_eq(hot->state, STATE_SEEK);
  struct positions_entry lane;
  cr_assert_eq(positions_get(&simulation->creatures.positions, position, &lane), 0);
  float towards = lane.wanted_x * (simulation->plants.places[plant].x - 100) +
                  lane.wanted_y * (simulation->plants.places[plant].y - 100);
  cr_expect_gt(towards, 0);
  hot->percept.plant_distance = 1;
  systems_think(simulation);
  systems_act(simulation);
  cr_expect_eq(hot->state, STATE_EAT);
  cr_expect_float_eq(hot->energy, 0.3f + BITE_A_TURN, 1e-5f);
  meadow_free(simulation);
}

/* The way that it wants to go by reflex, as its lane has it: how far of it leads towards x. */
static float reflex_towards(struct simulation *simulation, uint64_t id, float x) {
  struct positions_entry lane;
  uint32_t position = creatures_find(&simulation->creatures, id);
  meadow_wait_for(simulation, id);
  systems_think(simulation);
  cr_assert_eq(positions_get(&simulation->creatures.positions, position, &lane), 0);
  return (x - meadow_hot(simulation, id)->position.x) * lane.wanted_x;
}

Test(decide, who_has_no_warm_record_keeps_away_from_fights_and_else_walks_on) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 103, 100);
  cr_assert_gt(creatures_simplify(&simulation->creatures, creatures_find(&simulation->creatures, id)), 0);
  struct hot *hot = meadow_hot(simulation, id);
  meadow_face(simulation, id, other, 3);
  hot->percept.plant = NOTHING;
  hot->percept.fighters = 1;
  cr_expect_lt(reflex_towards(simulation, id, 103), 0);
  cr_expect_eq(hot->state, STATE_FLEE);
  hot->percept.fighters = 0;
  cr_expect_neq(reflex_towards(simulation, id, 103), 0, "it stands");
  cr_expect_eq(hot->state, STATE_WANDER);
  meadow_free(simulation);
}
