/*
 * terrain.c: tests of world/terrain.h.
 */
#include "world/terrain.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

#include "kit/failing_memory.h"

Test(terrain, is_a_function_of_its_seed) {
  struct terrain terrain, same, other;
  cr_assert_eq(terrain_init(&terrain, NULL, 5, 1000), 0);
  cr_assert_eq(terrain_init(&same, NULL, 5, 1000), 0);
  cr_assert_eq(terrain_init(&other, NULL, 6, 1000), 0);
  uint32_t cells = terrain_cells(&terrain);
  cr_expect(memcmp(terrain.heights, same.heights, cells * sizeof(float)) == 0);
  cr_expect(memcmp(terrain.is_water, same.is_water, cells) == 0);
  cr_expect(memcmp(terrain.heights, other.heights, cells * sizeof(float)) != 0);
  cr_expect(memcmp(terrain.is_water, other.is_water, cells) != 0);
  terrain_done(&terrain);
  terrain_done(&same);
  terrain_done(&other);
}

Test(terrain, has_room_for_its_creatures) {
  static const struct {
    size_t creatures;
    uint32_t side;
  } cases[] = {{0, 4},    {10, 4},    {11, 5},    {20, 6},    {40, 8},      {41, 9},
               {100, 13}, {1000, 40}, {1024, 40}, {1025, 41}, {100000, 396}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct terrain terrain;
    cr_assert_eq(terrain_init(&terrain, NULL, 1, cases[i].creatures), 0);
    cr_expect_eq(terrain.side, cases[i].side, "%u cells for %zu", terrain.side, cases[i].creatures);
    cr_expect_eq(terrain.units, (float)cases[i].side * CELL_UNITS);
    terrain_done(&terrain);
  }
  struct terrain untouched = {.side = 3};
  cr_expect_eq(terrain_init(&untouched, NULL, 1, (size_t)1 << 40), -EOVERFLOW);
  cr_expect_eq(untouched.side, 3);
}

/* How many dry cells are reached from one of them, by the four sides; they are marked. */
static uint32_t reach(const struct terrain *terrain, uint32_t *work) {
  uint32_t side = terrain->side, count = 1;
  for (work[0] = 0; !terrain_is_dry(terrain, work[0]);) work[0]++;
  terrain->is_water[work[0]] = 2;
  for (uint32_t next = 0; next < count; next++) {
    uint32_t x = work[next] % side, y = work[next] / side;
    uint32_t beside[4] = {y * side + (x ? x - 1 : x), y * side + (x + 1 < side ? x + 1 : x),
                          (y ? y - 1 : y) * side + x, (y + 1 < side ? y + 1 : y) * side + x};
    for (int i = 0; i < 4; i++)
      if (terrain_is_dry(terrain, beside[i])) terrain->is_water[work[count++] = beside[i]] = 2;
  }
  return count;
}

Test(terrain, is_lakes_in_one_piece_of_land) {
  static uint32_t work[64 * 64];
  static const uint64_t seeds[] = {0, 1, 2, 3,  4,   5,  6,
                                   7, 8, 9, 88, 253, 429}; /* the last three had islands */
  for (size_t seed = 0; seed < sizeof seeds / sizeof *seeds; seed++) {
    struct terrain terrain;
    cr_assert_eq(terrain_init(&terrain, NULL, seeds[seed], 1000), 0);
    uint32_t cells = terrain_cells(&terrain), wet = 0, beside = 0;
    for (uint32_t i = 0; i < cells; i++) {
      cr_assert(terrain.heights[i] >= 0 && terrain.heights[i] <= TERRAIN_HEIGHT);
      wet += terrain.is_water[i];
      beside += i + 1 < cells && terrain.is_water[i] && terrain.is_water[i + 1];
    }
    cr_expect(wet * 100 > cells * 3 && wet * 100 < cells * 13, "%u of %u cells are water", wet, cells);
    cr_expect_gt(beside * 2, wet, "the water is in drops");
    cr_expect_eq(reach(&terrain, work), cells - wet, "there is land that cannot be reached");
    terrain_done(&terrain);
  }
}

Test(terrain, finds_cells_and_their_middles) {
  struct terrain terrain;
  cr_assert_eq(terrain_init(&terrain, NULL, 1, 1000), 0);
  for (uint32_t cell = 0; cell < terrain_cells(&terrain); cell++) {
    struct vec3 middle = terrain_middle(&terrain, cell);
    cr_assert_eq(terrain_cell(&terrain, middle.x, middle.y), cell);
    cr_assert_eq(terrain_cell(&terrain, middle.x + 3.9f, middle.y - 3.9f), cell);
    cr_assert_eq(middle.z, terrain.heights[cell]);
  }
  cr_expect_eq(terrain_cell(&terrain, -1, -1), 0);
  cr_expect_eq(terrain_cell(&terrain, 1e6f, 0), 39);
  cr_expect_eq(terrain_cell(&terrain, terrain.units, terrain.units), 1599);
  cr_expect_eq(terrain_cell(&terrain, NAN, INFINITY), 1560);
  terrain_done(&terrain);
}

Test(terrain, gives_all_back_where_memory_ends) {
  struct failing_memory memory;
  struct terrain terrain;
  for (size_t left = 0; left < 3; left++) {
    failing_memory_init(&memory, left);
    cr_expect_eq(terrain_init(&terrain, &memory.memory, 1, 1000), -ENOMEM);
    cr_expect_eq(memory.blocks, 0);
  }
  failing_memory_init(&memory, 3);
  cr_assert_eq(terrain_init(&terrain, &memory.memory, 1, 1000), 0);
  terrain_done(&terrain);
  terrain_done(&terrain);
  cr_expect_eq(memory.bytes, 0);
}
