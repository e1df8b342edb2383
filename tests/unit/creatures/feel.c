/*
 * feel.c: tests of systems/feel.c.
 */
#include "creatures/meadow.h"

static void feel_turns(struct simulation *simulation, uint64_t id, int turns) {
  struct turn turn = meadow_turn(simulation, id);
  while (turns--) feel(&turn);
}

Test(feel, danger_frightens_and_fear_fades_sooner_in_the_calm) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t calm = meadow_add(simulation, 100, 100), other = meadow_add(simulation, 200, 100);
  struct warm *its = meadow_warm(simulation, calm), *others = meadow_warm(simulation, other);
  its->emotional.calm = 0.3f;
  others->emotional.calm = 0.05f;
  its->sensory.danger = others->sensory.danger = 1;
  feel_turns(simulation, calm, 5);
  feel_turns(simulation, other, 5);
  cr_expect_gt(its->emotional.fear, 0.3f);
  its->sensory.danger = others->sensory.danger = 0;
  its->emotional.fear = others->emotional.fear = 0.8f;
  feel_turns(simulation, calm, 30);
  feel_turns(simulation, other, 30);
  cr_expect_lt(its->emotional.fear, 0.4f);
  cr_expect_gt(others->emotional.fear, 0.6f);
  meadow_free(simulation);
}

Test(feel, the_courageous_fear_less) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t bold = meadow_add(simulation, 100, 100), shy = meadow_add(simulation, 200, 100);
  meadow_warm(simulation, bold)->emotional.courage = 1;
  meadow_warm(simulation, shy)->emotional.courage = 0;
  meadow_warm(simulation, bold)->sensory.danger = meadow_warm(simulation, shy)->sensory.danger = 1;
  feel_turns(simulation, bold, 3);
  feel_turns(simulation, shy, 3);
  cr_expect_gt(meadow_warm(simulation, shy)->emotional.fear,
               2 * meadow_warm(simulation, bold)->emotional.fear);
  meadow_free(simulation);
}

Test(feel, walking_tires_and_sleep_rests) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->movement.pace = 1;
  feel_turns(simulation, id, (int)(30 / TURN_SECONDS));
  float tired = warm->emotional.stress;
  cr_expect_gt(tired, 0.4f);
  warm->movement.pace = 0;
  meadow_hot(simulation, id)->flags |= FLAG_SLEEPING;
  feel_turns(simulation, id, (int)(RESTS_IN / TURN_SECONDS));
  cr_expect_lt(warm->emotional.stress, 0.1f);
  meadow_free(simulation);
}

Test(feel, hunger_angers_the_aggressive) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100), meek = meadow_add(simulation, 200, 100);
  meadow_hot(simulation, id)->energy = meadow_hot(simulation, meek)->energy = 0.05f;
  meadow_warm(simulation, id)->emotional.aggression = 1;
  meadow_warm(simulation, meek)->emotional.aggression = 0;
  feel_turns(simulation, id, 40);
  feel_turns(simulation, meek, 40);
  cr_expect_gt(meadow_warm(simulation, id)->emotional.anger, 0.3f);
  cr_expect_float_eq(meadow_warm(simulation, meek)->emotional.anger, 0, 1e-6f);
  meadow_free(simulation);
}

Test(feel, all_feelings_stay_from_0_to_1) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  struct warm *warm = meadow_warm(simulation, id);
  warm->sensory.danger = 1;
  warm->sensory.neighbour_is_known = 1;
  warm->sensory.neighbour_liking = 1;
  warm->movement.pace = 2;
  meadow_hot(simulation, id)->energy = 0;
  feel_turns(simulation, id, 2000);
  const float *feelings = &warm->emotional.fear;
  for (int i = 0; i < 5; i++)
    cr_expect(feelings[i] >= 0 && feelings[i] <= 1, "%d is %f", i, (double)feelings[i]);
  meadow_free(simulation);
}
