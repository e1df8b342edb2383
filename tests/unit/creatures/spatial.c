/*
 * spatial.c: tests of world/spatial.h.
 */
#include "world/spatial.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "creature/chance.h"
#include "kit/failing_memory.h"

#define COUNT 3000u

static struct hot hots[COUNT];
static struct terrain terrain;
static struct ration_limits limits;

static void prepare(size_t most) {
  cr_assert_eq(terrain_init(&terrain, NULL, 1, 1000), 0);
  cr_assert_eq(ration_limits_init(&limits, NULL, ration_limits_defaults, RATION_LIMITS_DEFAULTS), 0);
  cr_assert_eq(ration_limits_set(&limits, RATION_LIMIT_SPATIAL_HASH_ENTRIES, most), 0);
}

static void tidy(struct spatial *spatial) {
  spatial_done(spatial);
  spatial_done(spatial);
  ration_limits_done(&limits);
  terrain_done(&terrain);
}

/* In the first and last cell, too; many in a few. */
static void place_all(struct spatial *spatial, uint32_t frame) {
  for (uint32_t i = 0; i < COUNT; i++) {
    float most = i % 3 ? terrain.units : 20;
    hots[i] = (struct hot){.position = {chance(1, i, frame, 0) * most, chance(1, i, frame, 1) * most, 0},
                           .flags = i};
    if (i < 2) hots[i].position = (struct vec3){i ? terrain.units : 0, i ? terrain.units : 0, 0};
    hots[i].spatial_hash = terrain_cell(&terrain, hots[i].position.x, hots[i].position.y);
    spatial_note(spatial, i, &hots[i], &(struct movement){.sense = (float)i / COUNT});
  }
}

static void expect_sorted(const struct spatial *spatial, size_t count) {
  static uint8_t seen[COUNT];
  memset(seen, 0, sizeof seen);
  cr_assert_eq(spatial->count, count);
  cr_assert_eq(spatial->starts[0], 0);
  cr_assert_eq(spatial->starts[spatial->cells], count);
  for (uint32_t cell = 0; cell < spatial->cells; cell++)
    for (uint32_t entry = spatial->starts[cell]; entry < spatial->starts[cell + 1]; entry++) {
      uint32_t who = spatial->who[entry];
      cr_assert_lt(who, count);
      cr_assert_eq(seen[who]++, 0, "%u is there twice", who);
      cr_assert_eq(hots[who].spatial_hash, cell);
      cr_assert_eq(spatial->x[entry], hots[who].position.x);
      cr_assert_eq(spatial->y[entry], hots[who].position.y);
      cr_assert_eq(spatial->flags[entry], who);
      cr_assert_eq(spatial->reach[entry], (float)who / COUNT);
      if (entry > spatial->starts[cell])
        cr_assert_gt(who, spatial->who[entry - 1], "not in the order of the store");
    }
}

Test(spatial, has_each_creature_once_and_in_its_cell) {
  struct spatial spatial;
  prepare(100000);
  cr_assert_eq(spatial_init(&spatial, NULL, &limits, &terrain, COUNT), 0);
  for (uint32_t frame = 0; frame < 3; frame++) {
    place_all(&spatial, frame);
    spatial_index(&spatial, COUNT - frame);
    expect_sorted(&spatial, COUNT - frame);
  }
  spatial_index(&spatial, 0);
  expect_sorted(&spatial, 0);
  tidy(&spatial);
}

Test(spatial, refuses_and_counts_those_beyond_the_limit) {
  struct spatial spatial;
  struct ration_limit_figures figures;
  prepare(100);
  cr_assert_eq(spatial_init(&spatial, NULL, &limits, &terrain, COUNT), 0);
  place_all(&spatial, 0);
  for (uint64_t frame = 1; frame <= 2; frame++) {
    spatial_index(&spatial, COUNT);
    expect_sorted(&spatial, 100);
    cr_assert_eq(ration_limits_stats(&limits, RATION_LIMIT_SPATIAL_HASH_ENTRIES, &figures), 0);
    cr_expect_eq(figures.refused, frame * (COUNT - 100));
  }
  tidy(&spatial);
}

Test(spatial, gives_all_back_where_memory_ends) {
  struct failing_memory memory;
  struct spatial spatial;
  int error = -1;
  prepare(100000);
  for (size_t left = 0; error; left++) {
    cr_assert_lt(left, 20);
    failing_memory_init(&memory, left);
    error = spatial_init(&spatial, &memory.memory, &limits, &terrain, COUNT);
    cr_expect(!error || error == -ENOMEM);
    cr_expect(!error || !memory.blocks);
  }
  memory.left = 0;
  place_all(&spatial, 0);
  spatial_index(&spatial, COUNT);
  expect_sorted(&spatial, COUNT);
  tidy(&spatial);
  cr_expect_eq(memory.bytes, 0);
}
