/*
 * succeed.c: tests of systems/succeed.c and systems/settle.c.
 */
#include <math.h>

#include "creatures/meadow.h"
#include "store/memories.h"

static void succeed_once(struct simulation *simulation, uint64_t id) {
  meadow_wait_for(simulation, id);
  systems_succeed(simulation);
}

/* She courted `father`, PREGNANT_SECONDS ago. */
static void expect_child(struct simulation *simulation, uint64_t mother, uint64_t father) {
  simulation->frame = 10000;
  meadow_hot(simulation, mother)->flags |= FLAG_PREGNANT;
  meadow_warm(simulation, mother)->social.partner_id = father;
  meadow_cold(simulation, mother)->biography.bred_at =
      simulation->frame - (uint32_t)(PREGNANT_SECONDS * FRAMES_A_SECOND);
}

static int is_alive(const struct simulation *simulation, uint64_t id) {
  return creatures_find(&simulation->creatures, id) != NOTHING;
}

Test(succeed, who_has_no_health_dies_and_without_energy_of_hunger) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t killed = meadow_add(simulation, 100, 100), starved = meadow_add(simulation, 110, 100);
  uint64_t other = meadow_add(simulation, 120, 100);
  meadow_hot(simulation, killed)->health = meadow_hot(simulation, starved)->health = 0;
  meadow_hot(simulation, starved)->energy = 0;
  for (int frame = 0; frame < 8; frame++, simulation->frame++) systems_succeed(simulation);
  cr_expect_not(is_alive(simulation, killed));
  cr_expect_not(is_alive(simulation, starved));
  cr_expect(is_alive(simulation, other));
  cr_expect_eq(simulation->counters.deaths, 2);
  cr_expect_eq(simulation->counters.starved, 1);
  cr_expect_eq(simulation->events.counts[EVENT_DIED], 1);
  cr_expect_eq(simulation->events.counts[EVENT_STARVED], 1);
  meadow_free(simulation);
}

Test(succeed, several_that_die_at_once_take_nobody_with_them) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t ids[64];
  for (int i = 0; i < 64; i++) ids[i] = meadow_add(simulation, 100 + (float)i, 100);
  for (int i = 0; i < 64; i += 8) meadow_hot(simulation, ids[i])->health = 0;
  succeed_once(simulation, ids[0]);
  for (int i = 0; i < 64; i++) cr_expect_eq(is_alive(simulation, ids[i]), i % 8 != 0, "%d", i);
  meadow_free(simulation);
}

Test(succeed, a_life_ends_in_time_also_of_one_without_a_warm_record) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), simple = meadow_add(simulation, 110, 100);
  creatures_simplify(&simulation->creatures, creatures_find(&simulation->creatures, simple));
  simulation->frame = 1000 * FRAMES_A_SECOND - 100;
  for (int frame = 0; frame < 8; frame++, simulation->frame++) systems_succeed(simulation);
  cr_expect(is_alive(simulation, id) && is_alive(simulation, simple));
  simulation->frame += 100;
  for (int frame = 0; frame < 8; frame++, simulation->frame++) systems_succeed(simulation);
  cr_expect_not(is_alive(simulation, id));
  cr_expect_not(is_alive(simulation, simple));
  cr_expect_eq(simulation->counters.starved, 0);
  meadow_free(simulation);
}

Test(succeed, a_child_is_born_beside_its_mother_with_genes_of_both) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t mother = meadow_add(simulation, 100, 90), father = meadow_add(simulation, 101, 100);
  for (int gene = 0; gene < GENES; gene++) {
    meadow_cold(simulation, mother)->genetics.genes[gene] = 0.2f;
    meadow_cold(simulation, father)->genetics.genes[gene] = 0.8f;
  }
  expect_child(simulation, mother, father);
  succeed_once(simulation, mother);
  cr_assert_eq(creatures_count(&simulation->creatures), 3);
  uint64_t child = creatures_id_at(&simulation->creatures, 2);
  const struct cold *cold = meadow_cold(simulation, child);
  int of_mother = 0, of_father = 0;
  for (int gene = 0; gene < GENES; gene++) {
    of_mother += fabsf(cold->genetics.genes[gene] - 0.2f) < 0.15f;
    of_father += fabsf(cold->genetics.genes[gene] - 0.8f) < 0.15f;
  }
  cr_expect_gt(of_mother, 0);
  cr_expect_gt(of_father, 0);
  cr_expect_eq(of_mother + of_father, GENES);
  cr_expect_eq(cold->biography.mother, mother);
  cr_expect_eq(cold->biography.father, father);
  cr_expect_eq(cold->biography.generation, 1);
  cr_expect_float_eq(meadow_hot(simulation, child)->position.x, 100, 1e-5f);
  cr_expect_float_eq(meadow_hot(simulation, child)->energy, BIRTH_ENERGY, 1e-5f);
  cr_expect_float_eq(meadow_hot(simulation, mother)->energy, 0.9f - BIRTH_COST, 1e-5f);
  cr_expect_not(meadow_hot(simulation, mother)->flags & FLAG_PREGNANT);
  cr_expect_eq(meadow_warm(simulation, child)->decision.decisions, 0);
  struct positions_entry lane;
  cr_assert_eq(positions_get(&simulation->creatures.positions, 2, &lane), 0);
  cr_expect_float_eq(lane.y, 90, 1e-5f);
  cr_expect_gt(lane.ease, 0);
  cr_expect_eq(simulation->counters.births, 1);
  meadow_free(simulation);
}

Test(succeed, a_birth_takes_its_time) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t mother = meadow_add(simulation, 100, 100), father = meadow_add(simulation, 101, 100);
  expect_child(simulation, mother, father);
  meadow_cold(simulation, mother)->biography.bred_at += 60;
  succeed_once(simulation, mother);
  cr_expect_eq(creatures_count(&simulation->creatures), 2);
  simulation->frame += 60;
  succeed_once(simulation, mother);
  cr_expect_eq(creatures_count(&simulation->creatures), 3);
  meadow_free(simulation);
}

Test(succeed, where_the_father_is_dead_the_genes_are_the_mothers) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t mother = meadow_add(simulation, 100, 100), father = meadow_add(simulation, 101, 100);
  for (int gene = 0; gene < GENES; gene++) meadow_cold(simulation, father)->genetics.genes[gene] = 1;
  expect_child(simulation, mother, father);
  cr_assert_eq(creatures_remove(&simulation->creatures, father), 0);
  succeed_once(simulation, mother);
  cr_assert_eq(creatures_count(&simulation->creatures), 2);
  for (int gene = 0; gene < GENES; gene++)
    cr_expect_float_eq(creatures_cold(&simulation->creatures, 1)->genetics.genes[gene], 0.5f, 0.25f);
  meadow_free(simulation);
}

Test(succeed, a_child_for_which_there_is_no_room_is_counted_and_lost) {
  struct simulation *simulation = meadow_make("active_creatures=2", 1);
  uint64_t mother = meadow_add(simulation, 100, 100), father = meadow_add(simulation, 101, 100);
  expect_child(simulation, mother, father);
  succeed_once(simulation, mother);
  cr_expect_eq(simulation->counters.births_refused, 1);
  cr_expect_eq(simulation->counters.births, 0);
  cr_expect_not(meadow_hot(simulation, mother)->flags & FLAG_PREGNANT);
  cr_expect_float_eq(meadow_hot(simulation, mother)->energy, 0.9f, 1e-5f, "it has cost her nothing");
  meadow_free(simulation);
}

Test(succeed, settlers_stand_on_dry_ground_and_remember_as_much_as_they_may) {
  struct simulation *simulation = meadow_make("memories=60", 1);
  struct terrain *terrain = &simulation->terrain;
  for (uint32_t cell = 0; cell < terrain->side * terrain->side; cell++)
    terrain->is_water[cell] = cell % 2 == 0;
  for (int i = 0; i < 100; i++) cr_assert_eq(succeed_settle(simulation), 0);
  float least = 1, most = 0;
  for (uint32_t i = 0; i < 100; i++) {
    const struct hot *hot = &creatures_hot(&simulation->creatures)[i];
    cr_expect_eq(terrain->is_water[hot->spatial_hash], 0);
    cr_expect_eq(hot->spatial_hash, terrain_cell(terrain, hot->position.x, hot->position.y));
    cr_expect_eq(creatures_cold(&simulation->creatures, i)->memories.count, 60);
    cr_expect_geq(hot->energy, SETTLE_ENERGY);
    least = hot->energy < least ? hot->energy : least;
    most = hot->energy > most ? hot->energy : most;
  }
  cr_expect_gt(most - least, 0.5f * SETTLE_RANGE);
  meadow_free(simulation);
}

Test(succeed, settlers_do_not_die_in_one_wave) {
  struct simulation *simulation = meadow_make("memories=1", 1);
  for (int i = 0; i < 160; i++) cr_assert_eq(succeed_settle(simulation), 0);
  int by_decade[18] = {0};
  for (uint32_t i = 0; i < 160; i++) {
    uint32_t dies_at = creatures_warm(&simulation->creatures)[i]->movement.dies_at;
    cr_assert_leq(dies_at, (uint32_t)(LIFESPAN_FROM + LIFESPAN_RANGE) * FRAMES_A_SECOND);
    by_decade[dies_at / (10 * FRAMES_A_SECOND) % 18]++;
  }
  for (int i = 0; i < 18; i++) cr_expect_lt(by_decade[i], 40, "%d of 160 in the %d. decade", by_decade[i], i);
  meadow_free(simulation);
}

Test(succeed, no_more_settle_than_the_limit) {
  struct simulation *simulation = meadow_make("active_creatures=3,memories=2", 1);
  for (int i = 0; i < 3; i++) cr_expect_eq(succeed_settle(simulation), 0);
  cr_expect_lt(succeed_settle(simulation), 0);
  cr_expect_eq(creatures_count(&simulation->creatures), 3);
  meadow_free(simulation);
}
