/*
 * plants.c: tests of world/plants.h.
 */
#include "world/plants.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "creature/chance.h"
#include "kit/failing_memory.h"

#define CREATURES 1000u

struct garden {
  struct memory_root memory;
  struct terrain terrain;
  struct plants plants;
};

static struct garden garden;

static struct plants *make_garden(void) {
  cr_assert_eq(memory_init(&garden.memory, (uint64_t)1 << 30), 0);
  cr_assert_eq(terrain_init(&garden.terrain, NULL, 3, CREATURES), 0);
  cr_assert_eq(plants_init(&garden.plants, &garden.memory, &garden.terrain, 3, CREATURES), 0);
  return &garden.plants;
}

static void leave_garden(void) {
  plants_done(&garden.plants);
  plants_done(&garden.plants);
  terrain_done(&garden.terrain);
  memory_done(&garden.memory);
}

static double food_of_all(const struct plants *plants) {
  double food = 0;
  for (size_t i = 0; i < plants->count; i++) food += (double)plants->places[i].food;
  return food;
}

Test(plants, stand_in_most_dry_cells_and_in_no_water) {
  const struct plants *plants = make_garden();
  uint32_t dry = 0, planted = 0;
  for (uint32_t cell = 0; cell < terrain_cells(&garden.terrain); cell++) {
    uint32_t plant = plants->at[cell];
    dry += (uint32_t)terrain_is_dry(&garden.terrain, cell);
    if (plant == NOTHING) continue;
    cr_assert_eq(plant, planted++, "plants are in the order of their cells");
    cr_assert(terrain_is_dry(&garden.terrain, cell));
    cr_assert_eq(plants->places[plant].cell, cell);
    cr_assert_eq(terrain_cell(&garden.terrain, plants->places[plant].x, plants->places[plant].y), cell);
    cr_assert(ration_world_is_alive(&plants->world, plants->places[plant].entity));
  }
  cr_expect_eq(plants->count, planted);
  cr_expect_eq(ration_world_count(&plants->world), planted);
  cr_expect(planted * 100 > dry * 55 && planted * 100 < dry * 65, "%u plants in %u cells", planted, dry);
  leave_garden();
}

/* Out of all plants, not of those that the index looks at. */
static uint32_t nearest_of_all(const struct plants *plants, uint32_t cell) {
  struct vec3 middle = terrain_middle(plants->terrain, cell);
  uint32_t nearest = NOTHING, side = plants->terrain->side;
  float least = INFINITY;
  for (uint32_t i = 0; i < plants->count; i++) {
    const struct plant_place *place = &plants->places[i];
    int far_x = abs((int)(place->cell % side) - (int)(cell % side));
    int far_y = abs((int)(place->cell / side) - (int)(cell / side));
    float x = place->x - middle.x, y = place->y - middle.y;
    if (far_x > 2 || far_y > 2 || place->food < PLANT_LEAST || x * x + y * y >= least) continue;
    least = x * x + y * y;
    nearest = i;
  }
  return nearest;
}

static void expect_nearest(const struct plants *plants) {
  for (uint32_t cell = 0; cell < terrain_cells(plants->terrain); cell++)
    cr_assert_eq(plants->nearest[cell], nearest_of_all(plants, cell), "cell %u", cell);
}

Test(plants, are_known_by_the_cells_that_they_are_nearest_to) {
  struct plants *plants = make_garden();
  expect_nearest(plants);
  for (uint32_t round = 0; round < 3; round++) {
    for (uint32_t i = 0; i < plants->count; i++)
      plants_bite(plants, i, chance(1, i, round, 0) < 0.7f ? 1 : 0.3f);
    expect_nearest(plants);
    for (uint32_t frame = 0; frame < 240; frame++) plants_grow(plants, frame);
    expect_nearest(plants);
  }
  for (uint32_t i = 0; i < plants->count; i++) plants_set_food(plants, i, 0);
  for (uint32_t cell = 0; cell < terrain_cells(plants->terrain); cell++)
    cr_assert_eq(plants->nearest[cell], NOTHING);
  leave_garden();
}

Test(plants, grow_each_in_its_frame_of_16) {
  struct plants *plants = make_garden();
  for (uint32_t i = 0; i < plants->count; i++) plants_set_food(plants, i, 0.5f);
  plants_grow(plants, 37);
  for (uint32_t i = 0; i < plants->count; i++)
    cr_assert_eq(plants->places[i].food > 0.5f, i % PLANT_FRAMES == 37 % PLANT_FRAMES);
  for (uint32_t frame = 38; frame < 38 + 15; frame++) plants_grow(plants, frame);
  for (uint32_t i = 0; i < plants->count; i++) cr_assert_gt(plants->places[i].food, 0.5f);
  leave_garden();
}

Test(plants, feed_as_many_creatures_as_they_were_made_for) {
  struct plants *plants = make_garden();
  for (uint32_t i = 0; i < plants->count; i++) plants_set_food(plants, i, 0);
  for (uint32_t frame = 0; frame < 16 * 60; frame++) plants_grow(plants, frame);
  double expected = (double)PLANTS_GROW_CREATURE * CREATURES * 16;
  cr_expect_float_eq(food_of_all(plants), expected, expected * 0.01, "%f", food_of_all(plants));
  for (uint32_t frame = 0; frame < 200 * 60; frame++) plants_grow(plants, frame);
  for (uint32_t i = 0; i < plants->count; i++) cr_assert_eq(plants->places[i].food, 1.0f, "and no further");
  leave_garden();
}

Test(plants, are_eaten_bite_by_bite) {
  struct plants *plants = make_garden();
  plants_set_food(plants, 4, 0.13f);
  cr_expect_eq(plants_bite(plants, 4, 0.02f), 0.02f);
  cr_expect_float_eq(plants->places[4].food, 0.11f, 1e-6f);
  cr_expect_eq(plants_bite(plants, 4, 0.02f), 0.02f);
  cr_expect_eq(plants_bite(plants, 4, 0.02f), 0, "less than PLANT_LEAST is nothing");
  cr_expect_float_eq(plants->places[4].food, 0.09f, 1e-6f);
  plants_set_food(plants, 4, 0.5f);
  cr_expect_eq(plants_bite(plants, 4, 1), 0.5f);
  cr_expect_eq(plants->places[4].food, 0);
  cr_expect_eq(plants->bites, 3);
  leave_garden();
}

Test(plants, ask_for_no_memory_while_they_grow) {
  struct failing_memory memory;
  struct memory_root root = {.budget = 0};
  const struct ration_allocator_settings settings = {.memory = &memory.memory};
  failing_memory_init(&memory, 1000000);
  cr_assert_eq(terrain_init(&garden.terrain, NULL, 3, CREATURES), 0);
  cr_assert_eq(ration_allocator_init(&root.allocator, &settings), 0);
  size_t before = memory.blocks;
  cr_assert_eq(plants_init(&garden.plants, &root, &garden.terrain, 3, CREATURES), 0);
  memory.left = 0;
  for (uint32_t frame = 0; frame < 64; frame++) plants_grow(&garden.plants, frame);
  for (uint32_t i = 0; i < garden.plants.count; i++) plants_bite(&garden.plants, i, 1);
  plants_done(&garden.plants);
  cr_expect_eq(memory.blocks, before);
  for (size_t left = 0; left < 40; left += 3) {
    memory.left = left;
    cr_expect_eq(plants_init(&garden.plants, &root, &garden.terrain, 3, CREATURES), -ENOMEM, "after %zu",
                 left);
    cr_expect_eq(memory.blocks, before);
  }
  ration_allocator_done(&root.allocator);
  terrain_done(&garden.terrain);
}
