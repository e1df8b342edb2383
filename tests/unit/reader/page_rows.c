/*
 * Tests of reader/page_rows.c: a table in this process's own memory, read as that of another; and no table at all.
 */
#include "reader/page_rows.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/random.h"
#include "reader/tags.h"

#define SLOTS      64
#define SLOT_BYTES UINT64_C(65536)
#define MASK       UINT64_C(0x5eed5eed5eed5eed)
#define ROWS_BYTES (SLOTS * sizeof(struct ration_page_row))

static struct snapshot snapshot;
static struct ration_page_row *rows;
static char *region;
static struct block_facts facts;

static void *map(size_t bytes) {
  void *memory =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  cr_assert_neq(memory, MAP_FAILED);
  return memory;
}

static uint64_t address_of(uint64_t slot, uint64_t offset) {
  return (uint64_t)(uintptr_t)region + slot * SLOT_BYTES + offset;
}

static void free_block(uint64_t slot, uint64_t offset) {
  uint64_t *words = (uint64_t *)(void *)(region + slot * SLOT_BYTES + offset);
  words[1] = address_of(slot, offset) ^ MASK;
}

/*
 * Slot 1: a page of blocks of 48 bytes, the first 100 of which may be given out, from the third on. 8 to 15: a page of blocks
 * of 10 KiB. 16 to 19: a block of 150,000 bytes. Behind 32 rows there are none any more.
 */
static void set_up(void) {
  region = map(SLOTS * SLOT_BYTES);
  rows = map(ROWS_BYTES + 2 * 4096);
  cr_assert_eq(mprotect((char *)rows + 4096, ROWS_BYTES + 4096, PROT_NONE), 0);
  snapshot = (struct snapshot){.name.pid = (uint32_t)getpid(), .heap = RATION_HEAP_PAGE};
  snapshot.tags = (struct tag_places){.directory = 4096,
                                      .directory_entries = 1,
                                      .granule_shift = 4,
                                      .leaf_bits = 20,
                                      .has_chunk_sizes = true};
  snapshot.facts.page_region = (uint64_t)(uintptr_t)region;
  snapshot.facts.page_region_bytes = SLOTS * SLOT_BYTES;
  snapshot.facts.page_rows = (uint64_t)(uintptr_t)rows;
  rows[1] = (struct ration_page_row){.mask = MASK,
                                     .bytes = 48,
                                     .usable = 48,
                                     .size_class = 3,
                                     .left = 59,
                                     .tells_at = 1,
                                     .remote = UINT64_C(15) << 32 | UINT64_C(1) << 63,
                                     .delayed = 5,
                                     .capacity = 1365,
                                     .carved_bytes = 100 * 48,
                                     .first = 2 * 48,
                                     .category = 7,
                                     .kind = RATION_SLOT_PAGE};
  rows[8] = (struct ration_page_row){.mask = MASK,
                                     .bytes = 10240,
                                     .usable = 10232,
                                     .left = 4,
                                     .tells_at = UINT16_MAX,
                                     .size_class = 78,
                                     .capacity = 51,
                                     .carved_bytes = 51 * 10240,
                                     .category = 8,
                                     .kind = RATION_SLOT_PAGE,
                                     .order = 3};
  for (uint32_t i = 9; i < 16; i++) rows[i] = (struct ration_page_row){.kind = RATION_SLOT_PART, .first = 8};
  rows[16] =
      (struct ration_page_row){.large_bytes = 150000, .category = 9, .kind = RATION_SLOT_LARGE, .order = 2};
}

static void tear_down(void) {
  munmap(region, SLOTS * SLOT_BYTES);
  munmap(rows, ROWS_BYTES + 2 * 4096);
}

static void look_up(uint64_t address) {
  struct fault fault = {""};
  cr_assert_eq(tags_look_up(&snapshot, address, &facts, &fault), 0, "%s", fault.words);
}

static void expect_block(uint64_t slot, uint64_t offset, uint32_t category, uint64_t usable) {
  look_up(address_of(slot, offset));
  cr_expect_eq(facts.category, category, "slot %llu, %llu", (unsigned long long)slot,
               (unsigned long long)offset);
  cr_expect(facts.has_size);
  cr_expect_eq(facts.usable_bytes, usable);
}

static void expect_none(uint64_t slot, uint64_t offset) {
  look_up(address_of(slot, offset));
  cr_expect_eq(facts.category, 0, "slot %llu, %llu", (unsigned long long)slot, (unsigned long long)offset);
  cr_expect_not(facts.has_size);
}

#define WITH_ROWS(name) Test(page_rows, name, .init = set_up, .fini = tear_down)

WITH_ROWS(name_the_category_and_size_where_a_block_begins) {
  expect_block(1, 2 * 48, 7, 48);
  expect_block(1, 101 * 48, 7, 48);
  expect_block(8, 0, 8, 10232);
  expect_block(14, 40 * 10240 - 6 * SLOT_BYTES, 8, 10232);
  expect_block(16, 0, 9, 150000);
}

WITH_ROWS(name_nothing_within_a_block_or_where_none_is) {
  expect_none(1, 2 * 48 + 16);
  expect_none(1, 1365 * 48);
  expect_none(14, 16);
  expect_none(16, 16);
  expect_none(17, 0);
  expect_none(0, 0);
  expect_none(2, 0);
  expect_none(40, 0); /* whose row cannot be read */
}

WITH_ROWS(name_nothing_that_is_free) {
  free_block(1, 2 * 48);
  expect_none(1, 2 * 48);
  expect_block(1, 3 * 48, 7, 48);
  expect_none(1, 0); /* could not be given out yet; nor the next */
  expect_none(1, 102 * 48);
  rows[1].first = 0;
  rows[1].carved_bytes = 1365 * 48;
  expect_block(1, 0, 7, 48);
}

WITH_ROWS(are_not_asked_of_other_addresses) {
  uint64_t begin = address_of(0, 0), end = address_of(SLOTS, 0);
  cr_expect(page_rows_cover(&snapshot, begin, end));
  cr_expect_not(page_rows_cover(&snapshot, begin - 16, end));
  cr_expect_not(page_rows_cover(&snapshot, begin, end + 1));
  snapshot.facts.page_region_bytes = UINT64_MAX;
  cr_expect_not(page_rows_cover(&snapshot, begin, end));
  snapshot.facts.page_region_bytes = SLOTS * SLOT_BYTES;
  snapshot.heap = RATION_HEAP_SYSTEM;
  cr_expect_not(page_rows_cover(&snapshot, begin, end));
}

/* Pages whole, of the large block what is the program's. */
WITH_ROWS(tell_what_the_heap_holds) {
  struct extents extents = {.count = 0};
  rows[2] = (struct ration_page_row){.bytes = 16, .kind = RATION_SLOT_PAGE};
  cr_assert_eq(page_rows_add_extents(&snapshot, &extents), 0);
  cr_assert_eq(extents.count, 2);
  cr_expect_eq(extents.extents[0].start, address_of(1, 0));
  cr_expect_eq(extents.extents[0].end, address_of(3, 0));
  cr_expect_eq(extents.extents[1].start, address_of(8, 0), "a page and a block that touch are one");
  cr_expect_eq(extents.extents[1].end, address_of(16, 150000));
  extents_free(&extents);
  snapshot.heap = RATION_HEAP_SYSTEM;
  cr_assert_eq(page_rows_add_extents(&snapshot, &extents), 0);
  cr_expect_eq(extents.count, 0);
}

/* Those that others have freed are none, nor those that wait, whatever the owner counts; canaries are nobody's. */
WITH_ROWS(count_what_is_given_out_and_free) {
  struct holding_table table;
  rows[4] = (struct ration_page_row){.kind = RATION_SLOT_FREE, .order = 2, .dirty = 3};
  snapshot.holdings.returned_bytes = 5;
  cr_assert_eq(page_rows_count(&snapshot, &table), 0);
  cr_expect_eq(table.category[7].blocks, 40);
  cr_expect_eq(table.category[7].used_bytes, 40 * 48);
  cr_expect_eq(table.category[7].held_bytes, SLOT_BYTES);
  cr_expect_eq(table.classes[78].blocks, 3);
  cr_expect_eq(table.classes[78].used_bytes, 3 * 10232);
  cr_expect_eq(table.classes[78].held_bytes, 8 * SLOT_BYTES);
  cr_expect_eq(table.classes[0].used_bytes, 150000);
  cr_expect_eq(table.category[9].held_bytes, 4 * SLOT_BYTES);
  cr_expect_eq(table.total.blocks, 44);
  cr_expect_eq(table.total.held_bytes, 13 * SLOT_BYTES);
  cr_expect_eq(table.free_bytes, 4 * SLOT_BYTES);
  cr_expect_eq(table.dirty_bytes, 3 * SLOT_BYTES);
  cr_expect_eq(table.returned_bytes, 5);
}

WITH_ROWS(say_when_the_process_is_gone) {
  struct fault fault = {""};
  snapshot.name.pid = INT32_MAX;
  cr_assert_eq(tags_look_up(&snapshot, address_of(1, 96), &facts, &fault), -ESRCH);
}

WITH_ROWS(survive_any_bytes) {
  struct random random = {.seed = 3};
  for (int round = 0; round < 300; round++) {
    for (size_t i = 0; i < 4096 / 8; i++) ((uint64_t *)(void *)rows)[i] = random_next(&random);
    for (uint32_t i = 0; i < 32; i++) {
      rows[i].kind = (uint8_t)random_below(&random, 6);
      if (random_below(&random, 2)) rows[i].order = (uint8_t)random_below(&random, 40);
      if (random_below(&random, 2)) rows[i].first = (uint32_t)random_below(&random, SLOTS);
      if (random_below(&random, 2)) rows[i].bytes = (uint32_t)random_below(&random, 4);
    }
    for (uint64_t slot = 0; slot < SLOTS; slot++) look_up(address_of(slot, random_below(&random, 4096) * 16));
    struct extents extents = {.count = 0};
    struct holding_table table;
    cr_assert_eq(page_rows_count(&snapshot, &table), 0);
    cr_assert(table.total.used_bytes <= table.total.held_bytes && table.dirty_bytes <= table.free_bytes);
    cr_assert_eq(page_rows_add_extents(&snapshot, &extents), 0);
    for (size_t i = 0; i < extents.count; i++) {
      cr_assert(extents.extents[i].start < extents.extents[i].end);
      if (i > 0) cr_assert_geq(extents.extents[i].start, extents.extents[i - 1].end);
    }
    extents_free(&extents);
  }
}
