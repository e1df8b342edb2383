/*
 * recall.c: tests of systems/recall.c.
 */
#include "creatures/meadow.h"
#include "store/archive.h"
#include "store/memories.h"

static void remember(struct simulation *simulation, uint64_t id, enum memory_kind kind, float x,
                     float value) {
  struct memory memory = {
      .x = x, .y = 100, .frame = simulation->frame, .kind = (uint16_t)kind, .value = value, .weight = 1};
  cr_assert_geq(memories_add(&simulation->creatures, meadow_cold(simulation, id), &memory), 0);
}

static void recall_once(struct simulation *simulation, uint64_t id) {
  struct turn turn = meadow_turn(simulation, id);
  recall(&turn);
}

static uint64_t hungry(struct simulation *simulation) {
  uint64_t id = meadow_add(simulation, 100, 100);
  meadow_hot(simulation, id)->energy = 0.2f;
  return id;
}

Test(recall, a_hungry_one_goes_by_the_best_of_the_food_that_it_remembers) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = hungry(simulation);
  remember(simulation, id, MEMORY_FOOD, 120, 0.5f);
  remember(simulation, id, MEMORY_FOOD, 140, 0.5f);
  remember(simulation, id, MEMORY_MEETING, 110, 1);
  recall_once(simulation, id);
  const struct warm *warm = meadow_warm(simulation, id);
  cr_expect_float_eq(warm->sensory.food.x, 120, 0);
  cr_expect_gt(warm->decision.recalled_value, 0);
  remember(simulation, id, MEMORY_FOOD, 140, 1);
  meadow_warm(simulation, id)->sensory.food_age = LONG_AGO;
  recall_once(simulation, id);
  cr_expect_float_eq(warm->sensory.food.x, 140, 0, "so much better that it is worth the way");
  meadow_free(simulation);
}

Test(recall, what_was_long_ago_counts_less) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = hungry(simulation);
  remember(simulation, id, MEMORY_FOOD, 120, 0.6f);
  simulation->frame += 120 * FRAMES_A_SECOND;
  remember(simulation, id, MEMORY_FOOD, 80, 0.5f);
  recall_once(simulation, id);
  cr_expect_float_eq(meadow_warm(simulation, id)->sensory.food.x, 80, 0);
  meadow_free(simulation);
}

Test(recall, food_within_its_senses_would_be_sensed) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = hungry(simulation);
  remember(simulation, id, MEMORY_FOOD, 103, 1);
  recall_once(simulation, id);
  cr_expect_geq(meadow_warm(simulation, id)->sensory.food_age, LONG_AGO);
  cr_expect_float_eq(meadow_warm(simulation, id)->decision.recalled_value, 0, 0);
  meadow_free(simulation);
}

Test(recall, a_lost_fight_speaks_against_the_place) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = hungry(simulation);
  remember(simulation, id, MEMORY_FOOD, 120, 0.5f);
  remember(simulation, id, MEMORY_FOOD, 70, 0.5f);
  recall_once(simulation, id);
  cr_expect_float_eq(meadow_warm(simulation, id)->sensory.food.x, 120, 0);
  remember(simulation, id, MEMORY_FIGHT, 122, -0.8f);
  meadow_warm(simulation, id)->sensory.food_age = LONG_AGO;
  recall_once(simulation, id);
  cr_expect_float_eq(meadow_warm(simulation, id)->sensory.food.x, 70, 0);
  meadow_free(simulation);
}

Test(recall, who_has_ten_times_the_memories_looks_at_ten_times_as_many) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t few = meadow_add(simulation, 100, 100), many = meadow_add(simulation, 200, 100);
  for (int i = 0; i < 10; i++) remember(simulation, few, MEMORY_PLACE, 150, 0);
  for (int i = 0; i < 100; i++) remember(simulation, many, MEMORY_PLACE, 150, 0);
  recall_once(simulation, few);
  cr_expect_eq(simulation->counters.recalled_memories, 10);
  recall_once(simulation, many);
  cr_expect_eq(simulation->counters.recalled_memories, 110);
  cr_expect_eq(simulation->counters.recalls, 2);
  cr_expect_geq(simulation->counters.bytes_touched, 110 * sizeof(struct memory));
  meadow_free(simulation);
}

Test(recall, only_who_is_hungry_uses_it_and_says_so) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = meadow_add(simulation, 100, 100);
  remember(simulation, id, MEMORY_FOOD, 120, 0.5f);
  simulation->frame = 600;
  recall_once(simulation, id);
  cr_expect_geq(meadow_warm(simulation, id)->sensory.food_age, LONG_AGO);
  cr_expect_neq(meadow_cold(simulation, id)->used_at, 600);
  meadow_hot(simulation, id)->energy = 0.2f;
  recall_once(simulation, id);
  cr_expect_eq(meadow_cold(simulation, id)->used_at, 600);
  meadow_free(simulation);
}

Test(recall, what_is_archived_is_wanted_by_who_is_hungry) {
  struct simulation *simulation = meadow_make(NULL, 1);
  uint64_t id = hungry(simulation);
  struct cold *cold = meadow_cold(simulation, id);
  for (int i = 0; i < 50; i++) remember(simulation, id, MEMORY_FOOD, 120, 0.5f);
  cr_assert_geq(archive_pack(&simulation->creatures, cold), 0);
  cr_assert_not_null(cold->archive);
  recall_once(simulation, id);
  cr_expect_eq(meadow_warm(simulation, id)->decision.wants_opened, 1);
  meadow_hot(simulation, id)->energy = 0.9f;
  recall_once(simulation, id);
  cr_expect_eq(meadow_warm(simulation, id)->decision.wants_opened, 0);
  meadow_free(simulation);
}
