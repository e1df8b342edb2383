/*
 * lanes.c: tests of ration/kit/lanes.h.
 */
#include <ration/kit/lanes.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

RATION_LANES(particles, float x, uint32_t kind, int32_t age);
RATION_LANES(single, uint32_t number);
RATION_LANES(many, float a, float b, float c, float d, float e, float f, float g, float h, float i, float j,
             float k, float l, float m, float n, float o, uint32_t p);

static struct particles_entry entry_of(uint32_t number) {
  return (struct particles_entry){.x = (float)number / 2, .kind = number, .age = -(int32_t)number};
}

static void expect_entry(const struct particles *particles, size_t index, uint32_t number) {
  struct particles_entry entry;
  cr_assert_eq(particles_get(particles, index, &entry), 0);
  cr_assert(entry.x == (float)number / 2 && entry.kind == number && entry.age == -(int32_t)number);
  struct particles_block *block = particles_block_at(particles, index / 8);
  cr_assert_eq(block->kind[index % 8], number);
  cr_assert_eq(*(int32_t *)ration_lanes_at(&particles->lanes, index, 2), -(int32_t)number);
}

Test(kit_lanes, lie_in_blocks_of_eight) {
  struct particles particles;
  size_t index = 99;
  cr_assert_eq(particles_init(&particles, NULL, NULL), 0);
  cr_expect_null(particles_data(&particles));
  cr_expect_eq(particles_blocks(&particles), 0);
  for (uint32_t i = 0; i < 100; i++) {
    cr_assert_eq(particles_add(&particles, entry_of(i + 1), &index), 0);
    cr_assert_eq(index, i);
    cr_assert_eq(particles_blocks(&particles), i / 8 + 1);
    cr_assert_eq((uintptr_t)particles_data(&particles) % 32, 0);
    cr_assert(ration_lanes_is_valid(&particles.lanes));
  }
  for (uint32_t i = 0; i < 100; i++) expect_entry(&particles, i, i + 1);
  cr_expect_eq((char *)particles_block_at(&particles, 1) - (char *)particles_data(&particles), 96);
  uint64_t sum = 0; /* over whole blocks: the last has 4 entries, and 4 zeroes */
  for (size_t i = 0; i < particles_blocks(&particles); i++)
    for (int lane = 0; lane < 8; lane++) sum += particles_data(&particles)[i].kind[lane];
  cr_expect_eq(sum, 5050);
  particles_done(&particles);
  particles_done(&particles);
}

Test(kit_lanes, have_one_field_or_sixteen) {
  struct single single;
  struct many many;
  struct many_entry entry = {.a = 1, .p = 16}, found;
  cr_assert_eq(single_init(&single, NULL, NULL), 0);
  cr_assert_eq(many_init(&many, NULL, NULL), 0);
  for (uint32_t i = 0; i < 9; i++) {
    cr_assert_eq(single_add(&single, (struct single_entry){i}, NULL), 0);
    cr_assert_eq(many_add(&many, entry, NULL), 0);
  }
  cr_expect_eq(single_block_at(&single, 1)->number[0], 8);
  cr_expect_eq(many_block_at(&many, 1)->p[0], 16);
  cr_expect_eq(many_get(&many, 8, &found), 0);
  cr_expect_eq(memcmp(&found, &entry, sizeof entry), 0);
  cr_expect_eq(sizeof(struct many_block), 16 * 32);
  single_done(&single);
  many_done(&many);
}

Test(kit_lanes, removing_moves_the_last_and_clears_its_lanes) {
  struct particles particles;
  cr_assert_eq(particles_init(&particles, NULL, NULL), 0);
  for (uint32_t i = 0; i < 10; i++) particles_add(&particles, entry_of(i), NULL);
  cr_expect_eq(particles_remove(&particles, 10), -ENOENT);
  cr_expect_eq(particles_remove(&particles, 9), 0, "none has moved");
  cr_expect_eq(particles_remove(&particles, 2), 1);
  expect_entry(&particles, 2, 8);
  cr_expect_eq(particles_count(&particles), 8);
  cr_expect_eq(particles_blocks(&particles), 1);
  cr_expect(ration_lanes_is_valid(&particles.lanes));
  for (size_t i = 8; i > 0; i--) {
    cr_expect_eq(particles_remove(&particles, 0), i > 1);
    cr_expect(ration_lanes_is_valid(&particles.lanes));
  }
  cr_expect_eq(particles_remove(&particles, 0), -ENOENT);
  cr_expect_eq(particles_blocks(&particles), 0);
  particles_done(&particles);
}

Test(kit_lanes, a_loop_may_dirty_the_tail) {
  struct particles particles;
  cr_assert_eq(particles_init(&particles, NULL, NULL), 0);
  for (uint32_t i = 0; i < 3; i++) particles_add(&particles, entry_of(i), NULL);
  for (int lane = 0; lane < 8; lane++) particles_data(&particles)->kind[lane] += 10;
  cr_expect_not(ration_lanes_is_valid(&particles.lanes));
  cr_expect_eq(ration_lanes_add(&particles.lanes, NULL, NULL), 0);
  expect_entry(&particles, 3, 0);
  particles_clear_tail(&particles);
  cr_expect(ration_lanes_is_valid(&particles.lanes));
  cr_expect_eq(particles_data(&particles)->kind[2], 12);
  for (int lane = 0; lane < 8; lane++) particles_data(&particles)->kind[lane] += 10;
  particles_clear(&particles);
  for (uint32_t i = 0; i < 2; i++) particles_add(&particles, entry_of(i), NULL);
  cr_expect(ration_lanes_is_valid(&particles.lanes), "a block that is used anew is zero");
  particles_done(&particles);
}

Test(kit_lanes, takes_values_of_its_own) {
  struct ration_lanes lanes;
  uint32_t values[8];
  cr_assert_eq(ration_lanes_init(&lanes, NULL, 8, NULL), 0);
  for (uint32_t i = 0; i < 8; i++) values[i] = i;
  for (uint32_t i = 0; i < 8; i++) cr_assert_eq(ration_lanes_add(&lanes, values, NULL), 0);
  for (size_t i = 0; i < 500; i++) /* field 5 of the eight of the block before, while the array moves */
    cr_assert_eq(ration_lanes_add(&lanes, ration_lanes_at(&lanes, i / 8 * 8, 5), NULL), 0);
  cr_expect_eq(*(uint32_t *)ration_lanes_at(&lanes, 8, 7), 5);
  cr_expect(ration_lanes_is_valid(&lanes));
  ration_lanes_done(&lanes);
}

/* The lane that is written is among the values that are read. */
Test(kit_lanes, takes_values_of_its_own_as_they_were) {
  struct ration_lanes lanes;
  uint32_t values[16], kept[16], got[16];
  cr_assert_eq(ration_lanes_init(&lanes, NULL, 16, NULL), 0);
  for (uint32_t i = 0; i < 16; i++) values[i] = 100 + i;
  cr_assert_eq(ration_lanes_add(&lanes, values, NULL), 0);
  memcpy(kept, ration_lanes_data(&lanes), sizeof kept);
  cr_assert_eq(ration_lanes_add(&lanes, ration_lanes_data(&lanes), NULL), 0);
  cr_assert_eq(ration_lanes_get(&lanes, 1, got), 0);
  cr_assert_arr_eq(got, kept, sizeof kept);
  memcpy(kept, ration_lanes_data(&lanes), sizeof kept);
  cr_assert_eq(ration_lanes_set(&lanes, 0, ration_lanes_data(&lanes)), 0);
  cr_assert_eq(ration_lanes_get(&lanes, 0, got), 0);
  cr_assert_arr_eq(got, kept, sizeof kept);
  ration_lanes_done(&lanes);
}

Test(kit_lanes, refuses_what_is_wrong) {
  struct ration_lanes lanes, done = {.fields = 0}, *none[] = {NULL, &done};
  struct ration_lanes_settings settings = {.capacity = 9, .maximum = 8};
  uint32_t values[3];
  cr_expect_eq(ration_lanes_init(NULL, NULL, 1, NULL), -EINVAL);
  cr_expect_eq(ration_lanes_init(&lanes, NULL, 0, NULL), -EINVAL);
  cr_expect_eq(ration_lanes_init(&lanes, NULL, RATION_LANES_FIELDS_MOST + 1, NULL), -EINVAL);
  cr_expect_eq(ration_lanes_init(&lanes, NULL, 1, &settings), -EINVAL);
  settings = (struct ration_lanes_settings){.maximum = SIZE_MAX};
  cr_expect_eq(ration_lanes_init(&lanes, NULL, 1, &settings), -EOVERFLOW);
  settings = (struct ration_lanes_settings){.capacity = SIZE_MAX};
  cr_expect_eq(ration_lanes_init(&lanes, NULL, 1, &settings), -EOVERFLOW);
  for (int i = 0; i < 2; i++) {
    cr_expect_eq(ration_lanes_add(none[i], values, NULL), -EINVAL);
    cr_expect_eq(ration_lanes_remove(none[i], 0), -EINVAL);
    cr_expect_eq(ration_lanes_get(none[i], 0, values), -EINVAL);
    cr_expect_eq(ration_lanes_set(none[i], 0, values), -EINVAL);
    cr_expect_eq(ration_lanes_reserve(none[i], 1), -EINVAL);
    cr_expect_eq(ration_lanes_shrink_to_fit(none[i]), -EINVAL);
    cr_expect_null(ration_lanes_at(none[i], 0, 0));
    cr_expect_eq(errno, i ? ENOENT : EINVAL);
    cr_expect_null(ration_lanes_block_at(none[i], 0));
    cr_expect_eq(errno, i ? ENOENT : EINVAL);
    cr_expect_null(ration_lanes_data(none[i]));
    cr_expect_eq(ration_lanes_count(none[i]) + ration_lanes_blocks(none[i]) + ration_lanes_capacity(none[i]),
                 0);
    ration_lanes_clear(none[i]);
    ration_lanes_clear_tail(none[i]);
    ration_lanes_done(none[i]);
    cr_expect_not(ration_lanes_is_valid(none[i]));
  }
  cr_assert_eq(ration_lanes_init(&lanes, NULL, 3, NULL), 0);
  cr_assert_eq(ration_lanes_add(&lanes, NULL, NULL), 0);
  cr_expect_eq(ration_lanes_get(&lanes, 1, values), -ENOENT);
  cr_expect_eq(ration_lanes_set(&lanes, 1, values), -ENOENT);
  cr_expect_eq(ration_lanes_get(&lanes, 0, NULL), -EINVAL);
  cr_expect_eq(ration_lanes_set(&lanes, 0, NULL), -EINVAL);
  cr_expect_null(ration_lanes_at(&lanes, 0, 3));
  cr_expect_null(ration_lanes_at(&lanes, 1, 0));
  cr_expect_null(ration_lanes_block_at(&lanes, 1));
  cr_expect_eq(errno, ENOENT);
  cr_expect_eq(ration_lanes_reserve(&lanes, SIZE_MAX), -EOVERFLOW);
  ration_lanes_done(&lanes);
}

Test(kit_lanes, keeps_to_its_maximum) {
  struct particles particles;
  struct ration_lanes_settings settings = {.capacity = 3, .maximum = 10};
  size_t index = 99;
  cr_assert_eq(particles_init(&particles, NULL, &settings), 0);
  cr_expect_eq(particles_capacity(&particles), 8);
  for (uint32_t i = 0; i < 10; i++) cr_assert_eq(particles_add(&particles, entry_of(i), NULL), 0);
  cr_expect_eq(particles_add(&particles, entry_of(10), &index), -ENOSPC);
  cr_expect_eq(index, 99);
  cr_expect_eq(particles_reserve(&particles, 11), -ENOSPC);
  cr_expect_eq(particles_reserve(&particles, 10), 0);
  cr_expect_eq(particles_remove(&particles, 0), 1);
  cr_expect_eq(particles_remove(&particles, 0), 1);
  cr_expect_eq(particles_shrink_to_fit(&particles), 0);
  cr_expect_eq(particles_capacity(&particles), 8);
  cr_expect(ration_lanes_is_valid(&particles.lanes));
  particles_done(&particles);
}

Test(kit_lanes, is_as_before_where_memory_ends) {
  for (size_t left = 0;; left++) {
    struct failing_memory failing;
    struct ration_lanes_settings settings = {.capacity = 8};
    struct particles particles;
    failing_memory_init(&failing, left);
    int error = particles_init(&particles, &failing.memory, &settings);
    for (uint32_t i = 0; i < 500 && !error; i++) error = particles_add(&particles, entry_of(i), NULL);
    cr_expect(error == 0 || error == -ENOMEM);
    if (left) {
      cr_expect(ration_lanes_is_valid(&particles.lanes));
      for (uint32_t i = 0; i < particles_count(&particles); i++) expect_entry(&particles, i, i);
      particles_done(&particles);
    }
    cr_expect_eq(failing.blocks + failing.bytes, 0);
    if (!error) break;
  }
}

Test(kit_lanes, agrees_with_a_plain_array) {
  enum { MOST = 100 };
  for (uint64_t seed = 1; seed <= 10; seed++) {
    struct random random = {.seed = seed};
    struct ration_lanes_settings settings = {.maximum = MOST};
    struct particles particles;
    uint32_t expected[MOST], number = 0;
    size_t count = 0;
    cr_assert_eq(particles_init(&particles, NULL, &settings), 0);
    for (int i = 0; i < 2000; i++) {
      size_t index = random_below(&random, count + 1);
      uint64_t choice = random_below(&random, 20);
      if (choice < 10) {
        cr_assert_eq(particles_add(&particles, entry_of(++number), NULL), count < MOST ? 0 : -ENOSPC);
        if (count < MOST) expected[count++] = number;
      } else if (choice < 17) {
        cr_assert_eq(particles_remove(&particles, index), index == count ? -ENOENT : index + 1 < count);
        if (index < count) expected[index] = expected[--count];
      } else if (choice < 19) {
        cr_assert_eq(particles_set(&particles, index, entry_of(++number)), index == count ? -ENOENT : 0);
        if (index < count) expected[index] = number;
      } else {
        cr_assert_eq(particles_shrink_to_fit(&particles), 0);
      }
      cr_assert(ration_lanes_is_valid(&particles.lanes));
      cr_assert_eq(particles_count(&particles), count);
      for (size_t j = 0; j < count; j++) expect_entry(&particles, j, expected[j]);
    }
    particles_done(&particles);
  }
}

Test(kit_lanes, positions_advance) {
  struct ration_positions positions, velocities;
  cr_assert_eq(ration_positions_init(&positions, NULL, NULL), 0);
  cr_assert_eq(ration_positions_init(&velocities, NULL, NULL), 0);
  cr_expect_eq(ration_positions_advance(&positions, &velocities, 1), 0, "none");
  for (int i = 0; i < 21; i++) {
    struct ration_positions_entry at = {.x = (float)i, .y = 1, .z = -2},
                                  by = {.x = 2, .y = (float)i, .z = .5f};
    cr_assert_eq(ration_positions_add(&positions, at, NULL), 0);
    cr_expect_eq(ration_positions_advance(&positions, &velocities, 1), -EINVAL, "not as many");
    cr_assert_eq(ration_positions_add(&velocities, by, NULL), 0);
  }
  cr_expect_eq(ration_positions_advance(&positions, &velocities, .5f), 0);
  for (size_t i = 0; i < 21; i++) {
    struct ration_positions_entry at;
    cr_assert_eq(ration_positions_get(&positions, i, &at), 0);
    cr_expect(at.x == (float)i + 1 && at.y == 1 + (float)i / 2 && at.z == -1.75f);
  }
  cr_expect(ration_lanes_is_valid(&positions.lanes));
  cr_expect_eq(ration_positions_advance(&positions, &velocities, INFINITY), -EINVAL);
  cr_expect_eq(ration_positions_advance(&positions, &velocities, NAN), -EINVAL);
  cr_expect_eq(ration_positions_advance(NULL, &velocities, 1), -EINVAL);
  cr_expect_eq(ration_positions_advance(&positions, NULL, 1), -EINVAL);
  cr_expect_eq(ration_positions_advance(&velocities, &velocities, 1), 0, "itself");
  cr_expect_eq(ration_positions_data(&velocities)->x[3], 4);
  cr_expect(ration_lanes_is_valid(&velocities.lanes));
  ration_positions_done(&positions);
  ration_positions_done(&velocities);
}
