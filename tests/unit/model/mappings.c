/*
 * mappings.c: tests of src/model/mappings.c.
 */
#include "model/mappings.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/random.h"

#define ROOM 4096

static struct mapping rows[ROOM];
static struct mappings mappings = {.rows = rows, .room = ROOM};

static void put(uint64_t start, uint64_t end, uint32_t category) {
  mappings_put(&mappings, (struct mapping){.start = start, .end = end, .category = category});
  cr_assert(mappings_is_valid(&mappings));
}

static void expect_row(size_t at, uint64_t start, uint64_t end, uint32_t category) {
  cr_assert_lt(at, mappings.count);
  cr_expect_eq(rows[at].start, start, "row %zu starts at %lu", at, (unsigned long)rows[at].start);
  cr_expect_eq(rows[at].end, end, "row %zu ends at %lu", at, (unsigned long)rows[at].end);
  cr_expect_eq(rows[at].category, category);
}

Test(mappings, that_touch_and_are_of_one_category_become_one) {
  put(10, 20, 3);
  put(30, 40, 3);
  cr_assert_eq(mappings.count, 2);
  put(20, 30, 3);
  cr_assert_eq(mappings.count, 1);
  expect_row(0, 10, 40, 3);
  put(40, 50, 4);
  put(0, 10, 3);
  cr_assert_eq(mappings.count, 2);
  expect_row(0, 0, 40, 3);
  put(50, 60, 3);
  cr_assert_eq(mappings.count, 3);
}

Test(mappings, are_cut_where_a_part_is_taken) {
  struct mapping pieces[4];
  put(10, 20, 3);
  put(20, 30, 4);
  put(40, 50, 5);
  cr_assert_eq(mappings_take(&mappings, 0, 10, 4, pieces), 0);
  cr_assert_eq(mappings_take(&mappings, 30, 40, 4, pieces), 0);
  cr_assert_eq(mappings_take(&mappings, 12, 14, 4, pieces), 1);
  cr_assert(pieces[0].start == 12 && pieces[0].end == 14 && pieces[0].category == 3);
  expect_row(0, 10, 12, 3);
  expect_row(1, 14, 20, 3);
  cr_assert_eq(mappings_take(&mappings, 15, 45, 4, pieces), 3);
  cr_assert(pieces[0].start == 15 && pieces[0].end == 20 && pieces[0].category == 3);
  cr_assert(pieces[1].start == 20 && pieces[1].end == 30 && pieces[1].category == 4);
  cr_assert(pieces[2].start == 40 && pieces[2].end == 45 && pieces[2].category == 5);
  cr_assert_eq(mappings.count, 3);
  expect_row(1, 14, 15, 3);
  expect_row(2, 45, 50, 5);
  cr_assert(mappings_is_valid(&mappings));
}

Test(mappings, are_taken_a_few_at_a_time) {
  struct mapping pieces[3];
  for (uint64_t i = 0; i < 7; i++) put(10 * i, 10 * i + 5, 3);
  cr_assert_eq(mappings_take(&mappings, 2, 62, 3, pieces), 3);
  cr_assert_eq(pieces[0].start, 2);
  cr_assert_eq(mappings_take(&mappings, 2, 62, 3, pieces), 3);
  cr_assert_eq(mappings_take(&mappings, 2, 62, 3, pieces), 1);
  cr_assert_eq(pieces[0].end, 62);
  cr_assert_eq(mappings.count, 2);
  expect_row(0, 0, 2, 3);
  expect_row(1, 62, 65, 3);
}

Test(mappings, know_the_category_of_an_address) {
  put(10, 20, 3);
  put(20, 30, 4);
  cr_assert_eq(mappings_category(&mappings, 9), 0);
  cr_assert_eq(mappings_category(&mappings, 10), 3);
  cr_assert_eq(mappings_category(&mappings, 20), 4);
  cr_assert_eq(mappings_category(&mappings, 30), 0);
}

Test(mappings, that_break_the_rules_are_not_valid) {
  put(10, 20, 3);
  put(30, 40, 4);
  rows[1].start = 19;
  cr_assert_not(mappings_is_valid(&mappings));
  rows[1].start = 20;
  cr_assert(mappings_is_valid(&mappings));
  rows[1].category = 3;
  cr_assert_not(mappings_is_valid(&mappings));
  rows[1] = (struct mapping){.start = 40, .end = 40, .category = 4};
  cr_assert_not(mappings_is_valid(&mappings));
}

#define PAGES 300

static unsigned char naive[PAGES];

/* Each piece is of one category, as the page table has it, and none is taken twice. */
static uint64_t take_naively(uint64_t start, uint64_t end, size_t most) {
  struct mapping pieces[8];
  uint64_t bytes = 0;
  size_t count = most;
  while (count == most) {
    count = mappings_take(&mappings, start, end, most, pieces);
    for (size_t i = 0; i < count; i++)
      for (uint64_t page = pieces[i].start; page < pieces[i].end; page++, bytes++) {
        cr_assert(page >= start && page < end && naive[page] == pieces[i].category);
        naive[page] = 0;
      }
  }
  for (uint64_t page = start; page < end; page++)
    cr_assert_eq(naive[page], 0, "page %lu", (unsigned long)page);
  return bytes;
}

Test(mappings, follow_a_table_of_pages_at_random) {
  struct random random = {.seed = 5};
  for (int step = 0; step < 200000; step++) {
    uint64_t start = random_below(&random, PAGES), end = start + 1 + random_size(&random, PAGES - start - 1);
    unsigned char category = (unsigned char)random_below(&random, 4);
    take_naively(start, end, 1 + random_below(&random, 8));
    if (category) put(start, end, category);
    memset(naive + start, category, end - start);
    cr_assert(mappings_is_valid(&mappings), "step %d", step);
    uint64_t probe = random_below(&random, PAGES);
    cr_assert_eq(mappings_category(&mappings, probe), naive[probe], "step %d", step);
  }
}
