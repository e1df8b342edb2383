/*
 * tag_map.c: tests of src/heap/tag_map.c.
 */
#include "heap/tag_map.h"

#include <criterion/criterion.h>
#include <pthread.h>

#include "base/random.h"

#define ADDRESS(number)  ((void *)(uintptr_t)UINT64_C(number))
#define LEAF_SPAN(shift) (UINT64_C(1) << (TAG_LEAF_BITS + (shift)))

static void expect_no_tag(const void *address) {
  cr_expect_null(tag_place(address), "%p", address);
  cr_expect_null(tag_place_made(address), "%p", address);
}

static void check_addresses(uint32_t shift) {
  cr_assert_eq(tag_map_prepare(shift), 0);
  uint64_t granule = UINT64_C(1) << shift, end = UINT64_C(1) << TAG_ADDRESS_BITS;
  unsigned char *place = tag_place_made(ADDRESS(0x7f0000001000));
  cr_assert_not_null(place);
  cr_expect_eq(tag_place(ADDRESS(0x7f0000001000)), place);
  cr_expect_eq(tag_place((void *)(uintptr_t)(0x7f0000001000 + granule)), place + 1);
  for (uint64_t odd = 1; odd < granule; odd++) expect_no_tag((void *)(uintptr_t)(0x7f0000001000 + odd));
  expect_no_tag((void *)(uintptr_t)end);
  expect_no_tag((void *)(uintptr_t)(end + 0x1000));
  expect_no_tag((void *)(uintptr_t)(0x7f0000001000 | UINT64_C(1) << 63));
  expect_no_tag((void *)UINTPTR_MAX);
  expect_no_tag((void *)(uintptr_t)(0 - granule));
  expect_no_tag(ADDRESS(0xdeadbeefdeadbeef));
  cr_expect_not_null(tag_place_made((void *)(uintptr_t)(end - granule)), "the last granule of all");
  cr_expect_null(tag_place(NULL), "no leaf: nothing was tagged there");
}

Test(tag_map, finds_places_by_granules_of_16) {
  check_addresses(4);
}

Test(tag_map, finds_places_by_granules_of_8) {
  check_addresses(3);
}

Test(tag_map, has_no_place_before_one_is_made) {
  cr_assert_eq(tag_map_prepare(4), 0);
  cr_assert_null(tag_place(ADDRESS(0x10000)));
  cr_assert_eq(*tag_place_made(ADDRESS(0x10000)), 0);
  cr_assert_not_null(tag_place(ADDRESS(0x10010)), "the same leaf");
  cr_assert_null(tag_place((void *)(uintptr_t)(0x10000 + LEAF_SPAN(4))), "the next one");
}

Test(tag_map, keeps_each_tag_by_itself) {
  enum { COUNT = 20000 };
  static unsigned char tags[COUNT];
  struct random random = {.seed = 5};
  uint64_t start = LEAF_SPAN(4) * 1000 - COUNT / 2 * 16; /* across two leaves */
  cr_assert_eq(tag_map_prepare(4), 0);
  for (int i = 0; i < 5 * COUNT; i++) {
    size_t at = random_below(&random, COUNT);
    tags[at] = (unsigned char)random_next(&random);
    *tag_place_made((void *)(uintptr_t)(start + 16 * at)) = tags[at];
  }
  for (size_t i = 0; i < COUNT; i++)
    cr_assert_eq(*tag_place_made((void *)(uintptr_t)(start + 16 * i)), tags[i], "%zu", i);
}

struct visits {
  unsigned count;
  uintptr_t address[8];
  unsigned char tag[8];
};

static void note_visit(void *context, void *address, unsigned char tag) {
  struct visits *visits = context;
  cr_assert_lt(visits->count, 8);
  visits->address[visits->count] = (uintptr_t)address;
  visits->tag[visits->count++] = tag;
}

Test(tag_map, visits_each_tag_once_in_order) {
  static const uintptr_t addresses[] = {0x10, 0x20, 0x4000000 - 16, 0x4000000, 0x7fffffff0000};
  struct visits visits = {0};
  cr_assert_eq(tag_map_prepare(4), 0);
  for (unsigned i = 5; i > 0; i--) *tag_place_made((void *)addresses[i - 1]) = (unsigned char)(200 + i);
  *tag_place_made(ADDRESS(0x30)) = 7;
  *tag_place_made(ADDRESS(0x30)) = 0;
  tag_map_visit(note_visit, &visits);
  cr_assert_eq(visits.count, 5);
  for (unsigned i = 0; i < 5; i++) {
    cr_expect_eq(visits.address[i], addresses[i]);
    cr_expect_eq(visits.tag[i], 201 + i);
  }
}

Test(tag_map, has_no_place_for_any_address_before_it_is_prepared) {
  int local;
  cr_assert_null(tag_place(NULL));
  cr_assert_null(tag_place(&local));
  cr_assert_null(tag_place((void *)UINTPTR_MAX));
  cr_assert_null(tag_place_made(&local));
}

Test(tag_map, visits_nothing_before_it_is_prepared) {
  struct visits visits = {0};
  tag_map_visit(note_visit, &visits);
  cr_assert_eq(visits.count, 0);
}

#define THREADS 4
#define LEAVES  40

/* Each thread tags its own granule of every leaf; all meet in making the leaves. */
static void *tag_every_leaf(void *number) {
  for (uint64_t leaf = 1; leaf <= LEAVES; leaf++) {
    uint64_t address = leaf * LEAF_SPAN(4) + 16 * (uintptr_t)number;
    unsigned char *place = tag_place_made((void *)(uintptr_t)address);
    if (place) store_relaxed(place, (unsigned char)(1 + (uintptr_t)number));
  }
  return NULL;
}

static void count_visit(void *count, void *address, unsigned char tag) {
  cr_assert_eq((uintptr_t)address / 16 % THREADS + 1, tag);
  ++*(unsigned *)count;
}

Test(tag_map, threads_that_make_the_same_leaf_share_it) {
  pthread_t threads[THREADS];
  unsigned count = 0;
  cr_assert_eq(tag_map_prepare(4), 0);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, tag_every_leaf, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  tag_map_visit(count_visit, &count);
  cr_assert_eq(count, THREADS * LEAVES);
}
