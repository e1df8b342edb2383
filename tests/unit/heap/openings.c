/*
 * openings.c: tests of src/heap/page/openings.h.
 */
#include "heap/page/openings.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/random.h"
#include "heap/page/region.h"
#include "os/memory.h"

#define REGION ((size_t)1 << 33)
#define SLOTS  1000u

/* May be read, as the system sees it. */
static int may_read(const char *address) {
  static int hole = -1;
  static int pipes[2];
  if (hole < 0) cr_assert_eq(hole = pipe(pipes), 0);
  if (write(pipes[1], address, 1) != 1) return 0;
  char byte;
  cr_assert_eq(read(pipes[0], &byte, 1), 1);
  return 1;
}

static void expect_figures(uint32_t open, uint32_t runs) {
  struct opening_figures found = openings_figures();
  cr_expect_eq(found.open, open, "%u open, not %u", found.open, open);
  cr_expect_eq(found.runs, runs, "%u runs, not %u", found.runs, runs);
}

static void prepare(void) {
  cr_assert_eq(region_prepare(REGION), 0);
  cr_assert_eq(region_open_rows(SLOTS), 0);
}

Test(openings, a_slot_is_open_with_the_page_before_it) {
  prepare();
  cr_assert_eq(openings_add(7, 2), 0);
  expect_figures(2, 1);
  cr_expect(openings_has(7, 2) && !openings_has(6, 2) && !openings_has(7, 3));
  memset(region_memory(7), 1, 2 * SLOT_BYTES);
  cr_expect(may_read(region_memory(7) - 1));
  cr_expect(may_read(region_memory(7) - memory_page_bytes()));
  cr_expect(!may_read(region_memory(7) - memory_page_bytes() - 1));
  cr_expect(!may_read(region_memory(9)));
}

Test(openings, what_is_closed_is_zero_once_it_is_open_again) {
  prepare();
  cr_assert_eq(openings_add(7, 6), 0);
  memset(region_memory(7), 1, 6 * SLOT_BYTES);
  cr_assert_eq(openings_remove(8, 3), 0);
  expect_figures(3, 2);
  cr_expect(!may_read(region_memory(8)));
  cr_expect(may_read(region_memory(11) - 1), "an open slot follows");
  cr_assert_eq(openings_add(8, 3), 0);
  expect_figures(6, 1);
  for (char *at = region_memory(8); at < region_memory(11); at++) cr_assert_eq(*at, 0);
  cr_expect_eq(region_memory(8)[-1], 1);
  cr_expect_eq(region_memory(11)[0], 1);
  cr_assert_eq(openings_remove(1, 40), 0);
  expect_figures(0, 0);
  for (uint32_t slot = 1; slot < 41; slot++) cr_assert(!may_read(region_memory(slot) - 1), "%u", slot);
}

Test(openings, what_is_locked_stays_open) {
  prepare();
  cr_assert_eq(openings_add(7, 6), 0);
  cr_assert_eq(syscall(SYS_mlock, region_memory(7), 6 * SLOT_BYTES), 0); /* sanitizers' mlock does nothing */
  region_memory(9)[SLOT_BYTES - 1] = 1;
  cr_expect_lt(openings_remove(8, 2), 0);
  expect_figures(6, 1);
  cr_expect_eq(region_memory(9)[SLOT_BYTES - 1], 1);
}

static uint32_t count_runs(const char *is_open) {
  uint32_t runs = 0;
  for (uint32_t slot = 1; slot < SLOTS; slot++) runs += is_open[slot] && !is_open[slot - 1];
  return runs;
}

static uint32_t count_open(const char *is_open, uint32_t slot, uint32_t end) {
  uint32_t open = 0;
  for (; slot < end; slot++) open += (uint32_t)is_open[slot];
  return open;
}

/* Against a plain list, of which only the answers are compared; what is open holds what was written there. */
Test(openings, are_as_a_plain_list_has_them) {
  static char is_open[SLOTS + 1];
  struct random random = {.seed = 9};
  prepare();
  for (uint32_t round = 0; round < 3000; round++) {
    uint32_t slot = 1 + (uint32_t)random_below(&random, SLOTS - 1);
    uint32_t count = 1 + (uint32_t)random_below(&random, SLOTS - slot < 150 ? SLOTS - slot : 150);
    uint32_t open = count_open(is_open, slot, slot + count);
    cr_assert_eq(openings_has(slot, count), open == count);
    int adds = round % 2 == 0;
    cr_assert_eq(adds ? openings_add(slot, count) : openings_remove(slot, count), 0);
    memset(is_open + slot, adds, count);
    expect_figures(count_open(is_open, 0, SLOTS), count_runs(is_open));
  }
  for (uint32_t slot = 1; slot < SLOTS; slot++) {
    int is_page = memory_page_bytes() == SLOT_BYTES; /* then the page before a slot is one */
    cr_assert_eq(may_read(region_memory(slot)), is_open[slot] || (is_page && is_open[slot + 1]));
    cr_assert_eq(may_read(region_memory(slot) - 1), is_open[slot] || is_open[slot - 1]);
  }
}
