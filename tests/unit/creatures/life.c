/*
 * life.c: tests of the systems together, frame by frame.
 */
#include <math.h>

#include "creatures/meadow.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/relations.h"

Test(life, a_hungry_one_walks_to_food_by_a_cached_path_eats_and_gains_energy) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  uint32_t plant = meadow_plant(simulation, 112, 100);
  struct hot *hot = meadow_hot(simulation, id);
  const struct plant_place *place = &simulation->plants.places[plant];
  float aside = place->x < terrain_middle(&simulation->terrain, place->cell).x ? -5.5f : 5.5f;
  succeed_place(simulation, 0, meadow_cold(simulation, id), (struct vec3){place->x + aside, place->y, 0});
  cr_assert_neq(hot->spatial_hash, place->cell);
  hot->energy = 0.4f;
  int has_walked = 0, frame = 0;
  for (; frame < 900 && hot->energy < 0.9f; frame++) {
    meadow_frame(simulation);
    has_walked |= meadow_warm(simulation, id)->movement.path != 0;
  }
  cr_expect_geq(hot->energy, 0.9f, "%f after %d frames", (double)hot->energy, frame);
  cr_expect(has_walked);
  cr_expect_gt(simulation->paths.found, 0);
  cr_expect_lt(place->food, 0.6f);
  cr_expect_gt(simulation->plants.bites, 0);
  meadow_free(simulation);
}

Test(life, without_food_it_loses_health_and_dies) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  meadow_hot(simulation, id)->energy = 0.01f;
  meadow_hot(simulation, id)->health = 0.2f;
  for (int frame = 0; frame < 120; frame++) meadow_frame(simulation);
  cr_assert_neq(creatures_find(&simulation->creatures, id), NOTHING);
  cr_expect_lt(meadow_hot(simulation, id)->health, 0.2f);
  for (int frame = 0; frame < 400; frame++) meadow_frame(simulation);
  cr_expect_eq(creatures_find(&simulation->creatures, id), NOTHING);
  cr_expect_eq(simulation->counters.starved, 1);
  meadow_free(simulation);
}

Test(life, two_with_a_relationship_and_energy_breed_and_the_child_is_a_mix) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t one = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 103, 100);
  uint64_t pair[] = {one, other};
  for (int i = 0; i < 2; i++) {
    cr_assert_eq(
        relations_change(&simulation->creatures, meadow_cold(simulation, pair[i]), pair[!i], 0.8f, 0), 0);
    meadow_warm(simulation, pair[i])->social.friend_id = pair[!i];
    meadow_warm(simulation, pair[i])->social.friend_liking = 0.8f;
    for (int gene = GENE_AGGRESSION; gene < GENES; gene++)
      meadow_cold(simulation, pair[i])->genetics.genes[gene] = i ? 0.9f : 0.1f;
  }
  int frame = 0;
  for (; frame < 1200 && !simulation->counters.births; frame++) meadow_frame(simulation);
  cr_assert_eq(simulation->counters.births, 1, "after %d frames", frame);
  const struct cold *child = creatures_cold(&simulation->creatures, 2);
  int high = 0, low = 0;
  for (int gene = GENE_AGGRESSION; gene < GENES; gene++) {
    high += child->genetics.genes[gene] > 0.7f;
    low += child->genetics.genes[gene] < 0.3f;
  }
  cr_expect(high && low, "%d of the one, %d of the other", high, low);
  cr_expect_eq(high + low, GENES - GENE_AGGRESSION);
  meadow_free(simulation);
}

Test(life, strangers_with_energy_do_not_breed_at_first_sight) {
  struct simulation *simulation = meadow_make(NULL, 1);
  meadow_add(simulation, 100, 100);
  meadow_add(simulation, 103, 100);
  for (int frame = 0; frame < 16; frame++) meadow_frame(simulation);
  cr_expect_eq(simulation->counters.courtships, 0);
  meadow_free(simulation);
}

Test(life, fear_after_a_fight_changes_the_next_decision_is_remembered_and_is_learned) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t strong = meadow_add(simulation, 100, 100), weak = meadow_add(simulation, 101, 100);
  meadow_warm(simulation, strong)->emotional.aggression = 1;
  meadow_warm(simulation, strong)->emotional.anger = 1;
  meadow_warm(simulation, strong)->emotional.courage = 1;
  meadow_hot(simulation, weak)->health = 0.5f;
  struct warm *warm = meadow_warm(simulation, weak);
  meadow_frame(simulation);
  cr_expect_neq(warm->decision.action, ACTION_FLEE);
  int frame = 0;
  for (; frame < 120 && !simulation->counters.fights; frame++) meadow_frame(simulation);
  cr_assert_gt(simulation->counters.fights, 0);
  cr_expect_gt(warm->emotional.fear, 0.2f);
  for (frame = 0; frame < 8; frame++) meadow_frame(simulation);
  cr_expect_eq(warm->decision.action, ACTION_FLEE);
  const struct cold *cold = meadow_cold(simulation, weak);
  const struct memory_page *page = NULL;
  uint32_t count = 0, fights = 0;
  for (const struct memory *memories; (memories = memories_next(cold, &page, &count));)
    for (uint32_t i = 0; i < count; i++) fights += memories[i].kind == MEMORY_FIGHT;
  cr_expect_gt(fights, 0);
  cr_expect_gt(behaviours_weight(cold, STIMULUS_FOE_NEAR, ACTION_FLEE), 0);
  meadow_free(simulation);
}

static uint64_t hash_of_run(unsigned threads, uint32_t frames) {
  struct simulation *simulation = meadow_make("memories=10", threads);
  uint64_t hash = 0;
  for (uint32_t i = 0; i < MEADOW_CREATURES; i++) cr_assert_eq(succeed_settle(simulation), 0);
  for (uint32_t i = 0; i < simulation->plants.count; i++) plants_set_food(&simulation->plants, i, 0.8f);
  while (frames--) meadow_frame(simulation);
  for (size_t i = 0; i < creatures_count(&simulation->creatures); i++) {
    uint64_t words[sizeof(struct hot) / 8 + sizeof(struct warm) / 8];
    memcpy(words, &creatures_hot(&simulation->creatures)[i], sizeof(struct hot));
    memcpy(words + sizeof(struct hot) / 8, creatures_warm(&simulation->creatures)[i], sizeof(struct warm));
    for (size_t word = 0; word < sizeof words / 8; word++)
      hash = (hash ^ words[word]) * UINT64_C(0x100000001b3);
  }
  meadow_free(simulation);
  return hash;
}

Test(life, a_run_is_the_same_with_any_number_of_threads) {
  uint64_t hash = hash_of_run(1, 150);
  cr_expect_eq(hash_of_run(1, 150), hash);
  cr_expect_eq(hash_of_run(3, 150), hash);
}

Test(life, the_population_holds) {
  struct simulation *simulation = meadow_make("memories=10", 1);
  for (uint32_t i = 0; i < MEADOW_CREATURES; i++) cr_assert_eq(succeed_settle(simulation), 0);
  for (uint32_t i = 0; i < simulation->plants.count; i++) plants_set_food(&simulation->plants, i, 0.5f);
  size_t least = MEADOW_CREATURES, most = MEADOW_CREATURES;
  for (int frame = 0; frame < 40 * 60; frame++) {
    plants_grow(&simulation->plants, simulation->frame);
    meadow_frame(simulation);
    size_t count = creatures_count(&simulation->creatures);
    least = count < least ? count : least;
    most = count > most ? count : most;
  }
  cr_expect_gt(least, MEADOW_CREATURES / 2);
  cr_expect_lt(most, 2 * MEADOW_CREATURES);
  cr_expect_gt(simulation->counters.births, 20);
  cr_expect_gt(simulation->counters.deaths, 20);
  cr_expect_eq(MEADOW_CREATURES + simulation->counters.births - simulation->counters.deaths,
               creatures_count(&simulation->creatures));
  meadow_free(simulation);
}
