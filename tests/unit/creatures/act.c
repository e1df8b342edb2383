/*
 * act.c: tests of systems/act.c, systems/encounter.h and systems/journey.h.
 */
#include "creatures/meadow.h"
#include "store/relations.h"

/* Its turn to act, as it has decided. */
static void act_once(struct simulation *simulation, uint64_t id) {
  meadow_wait_for(simulation, id);
  systems_act(simulation);
  simulation->frame++;
}

static void decide_for(struct simulation *simulation, uint64_t id, enum creature_action action, float x,
                       float y) {
  struct warm *warm = meadow_warm(simulation, id);
  warm->decision.action = action;
  warm->decision.place = (struct vec3){x, y, 0};
  warm->movement.pace = 1;
  meadow_hot(simulation, id)->state = action;
}

static void like(struct simulation *simulation, uint64_t id, uint64_t other, float liking) {
  cr_assert_eq(relations_change(&simulation->creatures, meadow_cold(simulation, id), other, liking, 0), 0);
}

Test(act, who_seeks_food_is_sent_by_a_path_of_the_cache_and_the_next_by_the_same) {
  struct simulation *simulation = meadow_make(NULL, 1);
  struct terrain *terrain = &simulation->terrain;
  for (uint32_t y = 0; y < 20; y++) terrain->is_water[y * terrain->side + 15] = 1;
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 101, 100);
  decide_for(simulation, id, ACTION_SEEK_FOOD, 150, 100);
  decide_for(simulation, other, ACTION_SEEK_FOOD, 150, 100);
  act_once(simulation, id);
  const struct movement *movement = &meadow_warm(simulation, id)->movement;
  const struct path *path = paths_get(&simulation->paths, movement->path, movement->path_serial);
  cr_assert_not_null(path);
  cr_expect_eq(movement->has_goal, 1);
  cr_expect_float_eq(movement->goal.x, 150, 0);
  struct vec3 first = terrain_middle(terrain, path->steps[0]);
  cr_expect_float_eq(movement->waypoint.x, first.x, 0);
  cr_expect_float_eq(movement->waypoint.y, first.y, 0);
  for (uint32_t i = 0; i < path->count; i++) cr_expect_eq(terrain->is_water[path->steps[i]], 0);
  act_once(simulation, other);
  cr_expect_eq(simulation->paths.found, 1);
  cr_expect_eq(simulation->paths.reused, 1);
  cr_expect_eq(meadow_warm(simulation, other)->movement.path, movement->path);
  meadow_free(simulation);
}

Test(act, who_is_on_its_way_is_not_sent_again) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  decide_for(simulation, id, ACTION_SEEK_FOOD, 150, 100);
  act_once(simulation, id);
  meadow_warm(simulation, id)->movement.step = 2;
  act_once(simulation, id);
  cr_expect_eq(meadow_warm(simulation, id)->movement.step, 2);
  decide_for(simulation, id, ACTION_WANDER, 90, 100);
  act_once(simulation, id);
  cr_expect_float_eq(meadow_warm(simulation, id)->movement.goal.x, 90, 0);
  cr_expect_eq(meadow_warm(simulation, id)->movement.path, 0, "it wanders straight on");
  meadow_free(simulation);
}

Test(act, food_to_which_there_is_no_way_is_given_up) {
  struct simulation *simulation = meadow_make(NULL, 1);
  struct terrain *terrain = &simulation->terrain;
  for (uint32_t y = 0; y < terrain->side; y++) terrain->is_water[y * terrain->side + 15] = 1;
  uint64_t id = meadow_add(simulation, 100, 100);
  meadow_warm(simulation, id)->sensory.food_age = 1;
  decide_for(simulation, id, ACTION_SEEK_FOOD, 150, 100);
  act_once(simulation, id);
  cr_expect_eq(meadow_warm(simulation, id)->movement.has_goal, 0);
  cr_expect_geq(meadow_warm(simulation, id)->sensory.food_age, LONG_AGO);
  meadow_free(simulation);
}

Test(act, bites_turn_food_into_energy_and_a_meal_ends_with_an_event) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  uint32_t plant = meadow_plant(simulation, 100, 100);
  struct hot *hot = meadow_hot(simulation, id);
  hot->energy = 0.4f;
  hot->percept.plant = plant;
  decide_for(simulation, id, ACTION_EAT, 0, 0);
  act_once(simulation, id);
  act_once(simulation, id);
  cr_expect(hot->flags & FLAG_EATING);
  cr_expect_float_eq(hot->energy, 0.4f + 2 * BITE_A_TURN, 1e-5f);
  cr_expect_float_eq(simulation->plants.places[plant].food, 1 - 2 * BITE_A_TURN, 1e-5f);
  decide_for(simulation, id, ACTION_WANDER, 90, 100);
  act_once(simulation, id);
  cr_expect_not(hot->flags & FLAG_EATING);
  struct event event;
  cr_assert(meadow_take(simulation, EVENT_ATE, &event));
  cr_expect_eq(event.subject, id);
  cr_expect_float_eq(event.value, 2 * BITE_A_TURN, 0.002f);
  cr_expect_eq(simulation->counters.eaten, 1);
  meadow_free(simulation);
}

Test(act, a_fight_harms_both_and_the_weaker_more) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t strong = meadow_add(simulation, 100, 100), weak = meadow_add(simulation, 101, 100);
  meadow_warm(simulation, strong)->emotional.aggression = 1;
  meadow_warm(simulation, weak)->emotional.aggression = 0;
  meadow_face(simulation, weak, strong, 1);
  decide_for(simulation, weak, ACTION_FIGHT, 100, 100);
  act_once(simulation, weak);
  const struct hot *winner = meadow_hot(simulation, strong), *loser = meadow_hot(simulation, weak);
  cr_expect_lt(winner->health, 1);
  cr_expect_lt(loser->health, winner->health);
  cr_expect(winner->flags & FLAG_IN_COMBAT);
  cr_expect(loser->flags & FLAG_IN_COMBAT);
  struct event event;
  cr_assert(meadow_take(simulation, EVENT_FOUGHT, &event));
  cr_expect_eq(event.subject, strong, "the winner, also where the other began");
  cr_expect_eq(event.object, weak);
  cr_expect_float_eq(event.value, 1 - loser->health, 1e-5f);
  cr_expect_eq(simulation->counters.fights, 1);
  meadow_free(simulation);
}

Test(act, nobody_strikes_who_is_out_of_reach) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 102, 100);
  meadow_face(simulation, id, other, 1.9f);
  decide_for(simulation, id, ACTION_FIGHT, 102, 100);
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.fights, 0);
  cr_expect_float_eq(meadow_hot(simulation, other)->health, 1, 0);
  cr_expect_float_eq(meadow_warm(simulation, id)->movement.goal.x, 102, 0, "it goes there");
  meadow_free(simulation);
}

Test(act, who_begins_to_flee_is_told_of_once) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  decide_for(simulation, id, ACTION_FLEE, 80, 100);
  meadow_warm(simulation, id)->decision.is_new = 1;
  act_once(simulation, id);
  meadow_warm(simulation, id)->decision.is_new = 0;
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.flights, 1);
  struct event event;
  cr_assert(meadow_take(simulation, EVENT_FLED, &event));
  cr_expect_eq(event.subject, id);
  meadow_free(simulation);
}

Test(act, two_meet_once_and_again_only_after_a_while) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 101, 100);
  meadow_face(simulation, id, other, 1);
  meadow_face(simulation, other, id, 1);
  act_once(simulation, id);
  act_once(simulation, other);
  cr_expect_eq(simulation->counters.meetings, 1);
  cr_expect_eq(meadow_warm(simulation, other)->social.last_met_id, id);
  meadow_warm(simulation, id)->social.last_met_age = MEET_SECONDS;
  meadow_warm(simulation, other)->social.last_met_age = MEET_SECONDS;
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.meetings, 2);
  meadow_free(simulation);
}

Test(act, two_who_like_each_other_breed_at_a_cost) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 101, 100);
  meadow_face(simulation, id, other, 1);
  decide_for(simulation, id, ACTION_COURT, 101, 100);
  like(simulation, id, other, 0.5f);
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.courtships, 0, "the other does not know it");
  like(simulation, other, id, 0.5f);
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.courtships, 1);
  cr_expect(meadow_hot(simulation, id)->flags & FLAG_PREGNANT);
  cr_expect_not(meadow_hot(simulation, other)->flags & FLAG_PREGNANT);
  cr_expect_float_eq(meadow_hot(simulation, id)->energy, 0.9f - COURT_COST, 1e-5f);
  cr_expect_float_eq(meadow_hot(simulation, other)->energy, 0.9f - COURT_COST, 1e-5f);
  cr_expect_eq(meadow_warm(simulation, id)->social.partner_id, other);
  struct event event;
  cr_assert(meadow_take(simulation, EVENT_COURTED, &event));
  cr_expect_eq(event.subject, id);
  meadow_free(simulation);
}

Test(act, nobody_courts_its_mother_or_one_without_energy) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 101, 100);
  meadow_face(simulation, id, other, 1);
  decide_for(simulation, id, ACTION_COURT, 101, 100);
  like(simulation, id, other, 0.5f);
  like(simulation, other, id, 0.5f);
  meadow_cold(simulation, id)->biography.mother = other;
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.courtships, 0);
  meadow_cold(simulation, id)->biography.mother = 0;
  meadow_hot(simulation, other)->energy = 0.5f;
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.courtships, 0);
  meadow_hot(simulation, other)->energy = 0.9f;
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.courtships, 1);
  meadow_free(simulation);
}

Test(act, who_lives_by_reflex_pairs_with_whom_it_meets) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 101, 100);
  meadow_face(simulation, id, other, 1);
  simulation->frame = (uint32_t)(GROWN_SECONDS * FRAMES_A_SECOND) - 100;
  cr_assert_eq(creatures_demote(&simulation->creatures, creatures_find(&simulation->creatures, id)), 0);
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.courtships, 0, "it is too young");
  simulation->frame += 100;
  meadow_hot(simulation, id)->percept.crowd = 3;
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.courtships, 0, "it is too crowded");
  meadow_hot(simulation, id)->percept.crowd = 1;
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.courtships, 1);
  cr_expect(meadow_hot(simulation, id)->flags & FLAG_PREGNANT);
  cr_expect_float_eq(meadow_hot(simulation, other)->energy, 0.9f - COURT_COST, 1e-5f);
  cr_expect_eq(event_ring_count(&simulation->events.ring), 0);
  meadow_hot(simulation, id)->flags &= ~(uint32_t)FLAG_PREGNANT;
  act_once(simulation, id);
  cr_expect_eq(simulation->counters.courtships, 1, "both rest");
  meadow_free(simulation);
}

Test(act, two_archives_a_frame_are_opened_and_the_others_put_off) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t ids[5];
  for (int i = 0; i < 40; i++) {
    uint64_t id = meadow_add(simulation, 100 + (float)i, 100);
    if (i % 8 == 0) ids[i / 8] = id;
  }
  for (int i = 0; i < 5; i++) meadow_warm(simulation, ids[i])->decision.wants_opened = 1;
  act_once(simulation, ids[0]);
  cr_expect_eq(simulation->counters.opens_put_off, 3);
  act_once(simulation, ids[0]);
  cr_expect_eq(simulation->counters.opens_put_off, 4);
  simulation->level = RATION_LEVEL_HIGH;
  act_once(simulation, ids[0]);
  cr_expect_eq(simulation->counters.opens_put_off, 5, "under pressure none is");
  simulation->level = RATION_LEVEL_NONE;
  act_once(simulation, ids[0]);
  for (int i = 0; i < 5; i++) cr_expect_eq(meadow_warm(simulation, ids[i])->decision.wants_opened, 0);
  meadow_free(simulation);
}

Test(act, the_ill_infect_who_is_beside_them_and_immunity_helps) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t ill = meadow_add(simulation, 100, 100), id = meadow_add(simulation, 101, 100);
  meadow_cold(simulation, id)->genetics.genes[GENE_IMMUNITY] = 1;
  meadow_face(simulation, id, ill, 1);
  for (int turn = 0; turn < 2000; turn++) {
    meadow_hot(simulation, ill)->flags |= FLAG_DISEASED;
    act_once(simulation, id);
  }
  cr_expect_eq(meadow_cold(simulation, id)->biography.diseases, 0);
  meadow_cold(simulation, id)->genetics.genes[GENE_IMMUNITY] = 0;
  for (int turn = 0; turn < 2000; turn++) {
    meadow_hot(simulation, ill)->flags |= FLAG_DISEASED;
    act_once(simulation, id);
  }
  cr_expect_gt(meadow_cold(simulation, id)->biography.diseases, 0);
  for (int turn = 0; turn < 4000 && meadow_hot(simulation, id)->flags & FLAG_DISEASED; turn++) {
    meadow_hot(simulation, ill)->flags &= ~(uint32_t)FLAG_DISEASED;
    act_once(simulation, id);
  }
  cr_expect_not(meadow_hot(simulation, id)->flags & FLAG_DISEASED, "it heals");
  meadow_free(simulation);
}

Test(act, only_those_act_whose_turn_it_is) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  decide_for(simulation, id, ACTION_WANDER, 90, 100);
  meadow_wait_for(simulation, id);
  for (int frame = 0; frame < 7; frame++) {
    simulation->frame++;
    systems_act(simulation);
  }
  cr_expect_eq(meadow_warm(simulation, id)->movement.has_goal, 0);
  simulation->frame++;
  systems_act(simulation);
  cr_expect_eq(meadow_warm(simulation, id)->movement.has_goal, 1);
  meadow_free(simulation);
}
