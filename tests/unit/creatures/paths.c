/*
 * paths.c: tests of world/paths.h.
 */
#include "world/paths.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "creature/chance.h"
#include "kit/failing_memory.h"

#define SIDE     40u
#define AT(X, Y) ((uint32_t)(Y)*SIDE + (uint32_t)(X))

static struct terrain terrain;
static struct ration_limits limits;
static struct paths paths;

/* All dry. */
static void prepare(size_t most) {
  cr_assert_eq(terrain_init(&terrain, NULL, 1, 1000), 0);
  cr_assert_eq(terrain.side, SIDE);
  memset(terrain.is_water, 0, terrain_cells(&terrain));
  cr_assert_eq(ration_limits_init(&limits, NULL, ration_limits_defaults, RATION_LIMITS_DEFAULTS), 0);
  cr_assert_eq(ration_limits_set(&limits, RATION_LIMIT_CACHED_PATHS, most), 0);
  cr_assert_eq(paths_init(&paths, NULL, &limits, &terrain), 0);
}

static void tidy(void) {
  paths_done(&paths);
  paths_done(&paths);
  ration_limits_done(&limits);
  terrain_done(&terrain);
}

static void flood(uint32_t left, uint32_t top, uint32_t right, uint32_t bottom) {
  for (uint32_t y = top; y <= bottom; y++)
    for (uint32_t x = left; x <= right; x++) terrain.is_water[AT(x, y)] = 1;
}

static int distance(uint32_t from, uint32_t to, int is_across) {
  return is_across ? abs((int)(from % SIDE) - (int)(to % SIDE)) : abs((int)(from / SIDE) - (int)(to / SIDE));
}

/* From cell to cell beside it, dry, and across no wet corner. */
static void expect_walkable(const struct path *path) {
  uint32_t last = path->from;
  cr_assert(path->count >= 1 && path->count <= PATH_STEPS);
  for (uint32_t i = 0; i < path->count; i++) {
    uint32_t step = path->steps[i];
    cr_assert(terrain_is_dry(&terrain, step));
    cr_assert(distance(last, step, 0) <= 1 && distance(last, step, 1) <= 1);
    cr_assert(terrain_is_dry(&terrain, AT(step % SIDE, last / SIDE)));
    cr_assert(terrain_is_dry(&terrain, AT(last % SIDE, step / SIDE)));
    last = step;
  }
}

static const struct path *find(uint32_t from, uint32_t to) {
  uint32_t serial = 0, slot = paths_find(&paths, from, to, &serial);
  cr_assert_neq(slot, 0);
  const struct path *path = paths_get(&paths, slot, serial);
  cr_assert_not_null(path);
  cr_assert(path->from == from && path->to == to);
  expect_walkable(path);
  return path;
}

Test(paths, lead_straight_where_all_is_dry) {
  prepare(100);
  const struct path *path = find(AT(3, 4), AT(13, 4));
  cr_expect_eq(path->count, 10);
  for (uint32_t i = 0; i < 10; i++) cr_expect_eq(path->steps[i], AT(4 + i, 4));
  path = find(AT(20, 20), AT(14, 30));
  cr_expect_eq(path->count, 10);
  cr_expect_eq(path->steps[9], AT(14, 30));
  path = find(AT(5, 5), AT(5, 5));
  cr_expect_eq(path->count, 1);
  cr_expect_eq(path->steps[0], AT(5, 5));
  tidy();
}

Test(paths, lead_round_the_water) {
  prepare(100);
  flood(10, 2, 10, 12); /* a wall */
  const struct path *path = find(AT(8, 7), AT(12, 7));
  cr_expect_eq(path->steps[path->count - 1], AT(12, 7));
  cr_expect_eq(path->count, 14, "up to row 1, or down to row 13, and back: %u", path->count);
  flood(20, 20, 20, 20);
  flood(21, 21, 21, 21); /* beside it, across a corner */
  path = find(AT(20, 21), AT(21, 20));
  cr_expect_gt(path->count, 2, "it cuts through the corner");
  tidy();
}

Test(paths, know_where_there_is_no_way) {
  uint32_t serial = 7;
  prepare(100);
  flood(18, 18, 22, 22);
  terrain.is_water[AT(20, 20)] = 0; /* an island */
  cr_expect_eq(paths_find(&paths, AT(2, 2), AT(20, 20), &serial), 0);
  cr_expect_eq(paths_find(&paths, AT(2, 2), AT(18, 18), &serial), 0);
  cr_expect_eq(paths_find(&paths, AT(18, 18), AT(2, 2), &serial), 0);
  cr_expect_eq(serial, 7);
  cr_expect_eq(paths.hopeless, 3);
  cr_expect_eq(paths.reused, 0);
  cr_expect_eq(paths_find(&paths, AT(2, 2), AT(20, 20), &serial), 0);
  cr_expect_eq(paths.reused, 1, "it searched anew");
  cr_expect_eq(paths.found, 0);
  tidy();
}

Test(paths, have_the_first_steps_of_a_longer_way) {
  prepare(100);
  const struct path *path = find(AT(0, 0), AT(39, 0));
  cr_expect_eq(path->count, PATH_STEPS);
  for (uint32_t i = 0; i < PATH_STEPS; i++) cr_expect_eq(path->steps[i], AT(1 + i, 0));
  tidy();
}

Test(paths, are_kept_for_who_goes_the_same_way) {
  uint32_t serial, again;
  prepare(100);
  uint32_t slot = paths_find(&paths, AT(1, 1), AT(5, 9), &serial);
  cr_expect_eq(paths_find(&paths, AT(1, 1), AT(5, 9), &again), slot);
  cr_expect_eq(again, serial);
  cr_expect(paths.found == 1 && paths.reused == 1);
  cr_expect_neq(paths_find(&paths, AT(5, 9), AT(1, 1), &again), slot);
  cr_expect_eq(paths.found, 2);
  cr_expect_null(paths_get(&paths, 0, serial));
  cr_expect_null(paths_get(&paths, slot, serial + 1));
  cr_expect_null(paths_get(&paths, slot, 0));
  cr_expect_null(paths_get(&paths, 101, serial));
  tidy();
}

Test(paths, drop_the_oldest_at_the_limit_and_count_it) {
  uint32_t slots[6], serials[6], serial;
  struct ration_limit_figures figures;
  prepare(4);
  for (uint32_t i = 0; i < 6; i++) slots[i] = paths_find(&paths, AT(i, 1), AT(9, 9), &serials[i]);
  for (uint32_t i = 0; i < 6; i++) cr_expect_eq(paths_get(&paths, slots[i], serials[i]) != NULL, i >= 2);
  cr_assert_eq(ration_limits_stats(&limits, RATION_LIMIT_CACHED_PATHS, &figures), 0);
  cr_expect_eq(figures.dropped, 2);
  cr_expect(paths.dropped == 2 && paths.found == 6 && paths.count == 4);
  cr_expect_neq(paths_find(&paths, AT(0, 1), AT(9, 9), &serial), 0);
  cr_expect_neq(serial, serials[0]);
  cr_expect_eq(paths.found, 7);
  tidy();
}

/* Ends of few cells, so that many are asked for again. */
static uint32_t some_end(uint32_t round, uint32_t question) {
  return AT(1 + (uint32_t)(chance(9, round, 0, question) * 6) * 6,
            2 + (uint32_t)(chance(9, round, 1, question) * 2) * 9);
}

Test(paths, are_the_same_whether_kept_or_found_again) {
  struct path known;
  struct paths large;
  struct ration_limits wide;
  prepare(7);
  cr_assert_eq(ration_limits_init(&wide, NULL, ration_limits_defaults, RATION_LIMITS_DEFAULTS), 0);
  flood(4, 5, 30, 8);
  cr_assert_eq(paths_init(&large, NULL, &wide, &terrain), 0);
  for (uint32_t round = 0; round < 1500; round++) {
    uint32_t from = some_end(round, 0), to = some_end(round, 1), serial;
    const struct path *path = find(from, to);
    uint32_t slot = paths_find(&large, from, to, &serial);
    known = *paths_get(&large, slot, serial);
    cr_assert_eq(path->count, known.count);
    cr_assert(memcmp(path->steps, known.steps, path->count * sizeof *path->steps) == 0);
    cr_assert_leq(paths.count, 7);
    cr_assert(paths_are_valid(&paths));
  }
  cr_expect_eq(paths.found, paths.dropped + paths.count);
  cr_expect_eq(paths.found + paths.reused, 1500);
  cr_expect_gt(paths.reused, 20);
  cr_expect_eq(large.dropped, 0);
  paths_done(&large);
  ration_limits_done(&wide);
  tidy();
}

Test(paths, ask_for_no_memory_when_they_are_searched) {
  struct failing_memory memory;
  int error = -1;
  prepare(4);
  paths_done(&paths);
  for (size_t left = 0; error; left++) {
    cr_assert_lt(left, 10);
    failing_memory_init(&memory, left);
    error = paths_init(&paths, &memory.memory, &limits, &terrain);
    cr_expect(!error || error == -ENOMEM);
    cr_expect(!error || !memory.blocks);
  }
  memory.left = 0;
  for (uint32_t i = 0; i < 10; i++) find(AT(i, 1), AT(9, 9));
  tidy();
  cr_expect_eq(memory.bytes, 0);
}

Test(paths, that_do_not_fit_together_are_told) {
  prepare(4);
  for (uint32_t i = 0; i < 6; i++) find(AT(i, 1), AT(9, 9));
  cr_expect(paths_are_valid(&paths));
  struct path *oldest = &paths.slots[paths.next], known = *oldest;
  oldest->steps[0] = terrain_cells(&terrain);
  cr_expect(!paths_are_valid(&paths));
  *oldest = known;
  oldest->count = PATH_STEPS + 1;
  cr_expect(!paths_are_valid(&paths));
  *oldest = known;
  oldest->from = paths.slots[(paths.next + 1) % 4].from;
  cr_expect(!paths_are_valid(&paths), "one of the two is not found");
  *oldest = known;
  paths.count--;
  cr_expect(!paths_are_valid(&paths));
  paths.count++;
  cr_expect(paths_are_valid(&paths));
  tidy();
}
