/*
 * Tests of reader/extents.c: an arena of this process's own making, read as that of another.
 */
#include "reader/extents.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB       (UINT64_C(1) << 20)
#define ARENA     (64 * MIB)
#define LEAF_BITS 22 /* 64 MiB, in granules of 16 bytes */

static uint8_t tags[1 << LEAF_BITS];
static uint64_t directory[1];
static struct snapshot snapshot;
static uint64_t arena;

/* An arena of so many bytes, of which none is a block yet. */
static void set_up(uint64_t bytes) {
  char *memory =
      mmap(NULL, 2 * ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  cr_assert_neq(memory, MAP_FAILED);
  arena = ((uint64_t)(uintptr_t)memory + ARENA - 1) / ARENA * ARENA;
  uint64_t *head = (uint64_t *)(uintptr_t)arena;
  head[0] = arena + 48;
  head[2] = head[3] = bytes;
  directory[0] = (uint64_t)(uintptr_t)tags;
  snapshot.name.pid = (uint32_t)getpid();
  snapshot.tags = (struct tag_places){.directory = (uint64_t)(uintptr_t)directory - arena / ARENA * 8,
                                      .directory_entries = arena / ARENA + 1,
                                      .granule_shift = 4,
                                      .leaf_bits = LEAF_BITS,
                                      .has_chunk_sizes = true};
}

/* A block of another arena than the main one. */
static void add_block(uint64_t at) {
  uint64_t *block = (uint64_t *)(uintptr_t)(arena + at);
  block[-1] = 0x100 | 1 | 4;
  tags[at / 16] = 3;
}

/* The extents of [start, end) of the arena, as the mappings were listed. */
static struct extents extents_of(uint64_t start, uint64_t end) {
  struct mapping mapping = {.start = arena + start, .end = arena + end};
  struct extents extents = {.reach = 0};
  cr_assert_eq(extents_add(&snapshot, &mapping, &extents), 0);
  return extents;
}

static void expect(uint64_t start, uint64_t end, uint64_t heap_start, uint64_t heap_end) {
  struct extents extents = extents_of(start, end);
  cr_assert_eq(extents.count, 1);
  cr_expect_eq(extents.extents[0].start, arena + heap_start);
  cr_expect_eq(extents.extents[0].end, arena + heap_end);
  extents_free(&extents);
}

Test(extents, of_an_arena_are_as_long_as_it_says) {
  set_up(2 * MIB);
  expect(0, 2 * MIB, 0, 2 * MIB);
  add_block(MIB);
  expect(0, 2 * MIB, 0, 2 * MIB);
  expect(0, ARENA, 0, 2 * MIB);
}

Test(extents, of_an_arena_that_has_grown_meanwhile_end_where_it_does) {
  set_up(2 * MIB);
  add_block(4096);
  add_block(MIB + MIB / 2);
  expect(0, MIB, 4096, MIB);
  expect(MIB, ARENA, MIB, 2 * MIB);
}

Test(extents, of_an_arena_that_has_shrunk_meanwhile_are_the_pages_of_blocks) {
  set_up(2 * MIB);
  add_block(3 * MIB + 160);
  expect(MIB, ARENA, 3 * MIB, 3 * MIB + 4096);
}
