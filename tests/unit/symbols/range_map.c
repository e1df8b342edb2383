/*
 * Tests of symbols/range_map.c: against a table with one entry for each address.
 */
#include "symbols/range_map.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/random.h"

#define ADDRESSES 64

static struct range_map map;

static uint32_t value_at(uint64_t address) {
  uint32_t value;
  return range_map_find(&map, address, &value) ? value : UINT32_MAX;
}

Test(symbols_range_map, is_empty_at_first) {
  cr_expect_eq(range_map_settle(&map), 0);
  cr_expect_eq(value_at(0), UINT32_MAX);
  cr_expect_eq(range_map_add(&map, 7, 7, 0, 1), 0);
  cr_expect_eq(range_map_add(&map, 9, 7, 0, 1), 0);
  cr_expect_eq(range_map_settle(&map), 0);
  cr_expect_eq(value_at(7), UINT32_MAX);
  cr_expect_eq(value_at(8), UINT32_MAX);
}

Test(symbols_range_map, gives_an_address_to_the_highest_rank) {
  range_map_add(&map, 10, 50, 0, 1);
  range_map_add(&map, 20, 30, 1, 2);
  range_map_add(&map, 22, 24, 2, 3);
  range_map_add(&map, 28, 60, 0, 4);
  range_map_add(&map, UINT64_MAX - 1, UINT64_MAX, 0, 5);
  cr_assert_eq(range_map_settle(&map), 0);
  static const uint64_t addresses[] = {9, 10, 19, 20, 22, 23, 24, 29, 30, 59, 60, UINT64_MAX - 1, UINT64_MAX};
  static const uint32_t values[] = {UINT32_MAX, 1, 1, 2, 3, 3, 2, 2, 4, 4, UINT32_MAX, 5, UINT32_MAX};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    cr_expect_eq(value_at(addresses[i]), values[i], "%zu: %u", (size_t)addresses[i], value_at(addresses[i]));
  }
  range_map_free(&map);
  cr_expect_eq(value_at(20), UINT32_MAX);
}

Test(symbols_range_map, agrees_with_a_table) {
  struct random random = {.seed = 11};
  for (int round = 0; round < 2000; round++) {
    uint32_t values[ADDRESSES], count = (uint32_t)(random_next(&random) % 20);
    uint64_t ranks[ADDRESSES] = {0};
    memset(values, 0xff, sizeof values);
    for (uint32_t i = 0; i < count; i++) {
      uint64_t low = random_next(&random) % ADDRESSES, high = random_next(&random) % ADDRESSES;
      uint64_t rank = random_next(&random) % 4;
      cr_assert_eq(range_map_add(&map, low, high, rank, i), 0);
      for (uint64_t at = low; at < high; at++) {
        if (values[at] != UINT32_MAX && rank < ranks[at]) continue;
        values[at] = i;
        ranks[at] = rank;
      }
    }
    cr_assert_eq(range_map_settle(&map), 0);
    for (uint64_t at = 0; at < ADDRESSES; at++) {
      cr_assert_eq(value_at(at), values[at], "round %d, address %d", round, (int)at);
    }
    range_map_free(&map);
  }
}

/* A heap that lost its order, or a sweep that went back, would take minutes. */
Test(symbols_range_map, takes_many_that_overlap, .timeout = 60) {
  enum { COUNT = 200000 };
  for (uint32_t i = 0; i < COUNT; i++) range_map_add(&map, i, 2 * COUNT - i, i, i);
  cr_assert_eq(range_map_settle(&map), 0);
  cr_expect_eq(value_at(0), 0);
  cr_expect_eq(value_at(COUNT - 1), COUNT - 1);
  cr_expect_eq(value_at(COUNT), COUNT - 1);
  cr_expect_eq(value_at(2 * COUNT - 1), 0);
  range_map_free(&map);
}
