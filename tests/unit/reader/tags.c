/*
 * Tests of reader/tags.c: a tag map in this process's own memory, read as that of another.
 */
#include "reader/tags.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <unistd.h>

#define LEAF_BITS 8
#define LEAVES    4

static uint8_t leaf[1 << LEAF_BITS];
static uint64_t directory[LEAVES];
static struct snapshot snapshot;
static struct block_facts facts;
static struct fault fault;

/* One leaf, the third: granules 512 to 767 of 16 bytes. */
static void set_up(void) {
  directory[2] = (uint64_t)(uintptr_t)leaf;
  snapshot.name.pid = (uint32_t)getpid();
  snapshot.tags = (struct tag_places){.directory = (uint64_t)(uintptr_t)directory,
                                      .directory_entries = LEAVES,
                                      .granule_shift = 4,
                                      .leaf_bits = LEAF_BITS};
}

Test(tags, name_the_category_where_a_block_starts, .init = set_up) {
  leaf[5] = 42;
  uint64_t address = (512 + 5) * 16;
  cr_assert_eq(tags_look_up(&snapshot, address, &facts, &fault), 0, "%s", fault.words);
  cr_assert_eq(facts.category, 42);
  cr_assert_not(facts.has_size);
}

Test(tags, name_nothing_elsewhere, .init = set_up) {
  static const uint64_t addresses[] = {0,
                                       16,
                                       (512 + 6) * 16,
                                       (512 + 5) * 16 + 8,
                                       (512 + 5) * 16 + 1,
                                       (uint64_t)LEAVES << (LEAF_BITS + 4),
                                       UINT64_MAX,
                                       UINT64_MAX - 15};
  leaf[5] = 42;
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    cr_assert_eq(tags_look_up(&snapshot, addresses[i], &facts, &fault), 0, "%s", fault.words);
    cr_assert_eq(facts.category, 0, "0x%llx", (unsigned long long)addresses[i]);
  }
}

Test(tags, read_the_size_field_in_front_of_the_block, .init = set_up) {
  static _Alignas(16) uint64_t chunk[4] = {0, 0x1011, 0, 0};
  uint64_t address = (uint64_t)(uintptr_t)&chunk[2];
  static uint8_t high_leaf[1 << 20];
  static uint64_t high_directory[1];
  uint64_t first = address >> 4 >> 20;
  high_directory[0] = (uint64_t)(uintptr_t)high_leaf;
  high_leaf[(address >> 4) & ((1 << 20) - 1)] = 3;
  snapshot.tags.leaf_bits = 20;
  snapshot.tags.directory =
      (uint64_t)(uintptr_t)high_directory - first * 8; /* only this entry is ever read */
  snapshot.tags.directory_entries = first + 1;
  snapshot.tags.has_chunk_sizes = true;
  cr_assert_eq(tags_look_up(&snapshot, address, &facts, &fault), 0, "%s", fault.words);
  cr_assert_eq(facts.category, 3);
  cr_assert(facts.has_size);
  cr_assert_eq(facts.usable_bytes, 0x1010 - 8);
}

static uint64_t next(uint64_t from, uint64_t end) {
  uint64_t address;
  cr_assert_eq(tags_find_next(&snapshot, from, end, &address), 0);
  return address;
}

/* There is one leaf, the third, with 256 granules. */
Test(tags, find_the_next_block, .init = set_up) {
  const uint64_t leaf_start = 512 * 16, leaf_end = 768 * 16, all = (uint64_t)LEAVES << (LEAF_BITS + 4);
  cr_assert_eq(next(0, UINT64_MAX), 0, "none");
  leaf[0] = leaf[255] = 7;
  cr_assert_eq(next(0, all), leaf_start);
  cr_assert_eq(next(leaf_start, all), leaf_start);
  cr_assert_eq(next(leaf_start + 16, all), leaf_end - 16);
  cr_assert_eq(next(leaf_start + 16, leaf_end - 16), 0, "not below the end");
  cr_assert_eq(next(leaf_start + 16, leaf_end - 15), leaf_end - 16);
  cr_assert_eq(next(leaf_end, UINT64_MAX), 0, "beyond the directory");
  snapshot.tags.granule_shift = 64;
  uint64_t address;
  cr_assert_eq(tags_find_next(&snapshot, 0, all, &address), -EBADMSG);
}

Test(tags, know_chunks, .init = set_up) {
  cr_assert_eq(tags_chunk_usable_bytes(0x21), 24);
  cr_assert_eq(tags_chunk_usable_bytes(0x21000 | 2), 0x21000 - 16);
  cr_assert_eq(tags_chunk_usable_bytes(0), 0);
  cr_assert_eq(tags_chunk_usable_bytes(7), 0);
}

Test(tags, refuse_places_that_make_no_sense, .init = set_up) {
  snapshot.tags.granule_shift = 64;
  cr_assert_eq(tags_look_up(&snapshot, 16, &facts, &fault), -EBADMSG);
  snapshot.tags.granule_shift = 4;
  snapshot.tags.leaf_bits = 64;
  cr_assert_eq(tags_look_up(&snapshot, 16, &facts, &fault), -EBADMSG);
  snapshot.tags.leaf_bits = LEAF_BITS;
  snapshot.tags.directory = 8;
  cr_assert_eq(tags_look_up(&snapshot, 16, &facts, &fault), -EBADMSG);
  snapshot.tags.directory = 0;
  cr_assert_eq(tags_look_up(&snapshot, 16, &facts, &fault), -ENOTSUP);
}

Test(tags, say_when_the_process_is_gone, .init = set_up) {
  snapshot.name.pid = INT32_MAX;
  cr_assert_eq(tags_look_up(&snapshot, 16, &facts, &fault), -ESRCH);
}
