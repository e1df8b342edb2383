/*
 * category.c: tests of src/model/category.c.
 */
#include "model/category.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "model/fresh_segment.h"

#define SIXTY_THREE "123456789012345678901234567890123456789012345678901234567890123"

static int add(struct segment *segment, const char *path) {
  uint32_t id = 0;
  return category_add(segment, path, RATION_KIND_PROGRAM, &id);
}

static const char *name_of(const struct segment *segment, uint32_t id) {
  const struct ration_segment_category *row = segment_category(segment, id);
  cr_assert_not_null(row);
  return row ? row->name : "";
}

Test(category, fresh_tree_has_total_and_other) {
  struct segment segment = fresh_segment(1);
  cr_assert_eq(category_count(&segment), 2);
  cr_assert_str_eq(name_of(&segment, RATION_CATEGORY_TOTAL), "total");
  cr_assert_str_eq(name_of(&segment, RATION_CATEGORY_OTHER), "other");
  cr_assert_eq(segment_category(&segment, RATION_CATEGORY_TOTAL)->parent, 0);
  cr_assert_eq(segment_category(&segment, RATION_CATEGORY_OTHER)->parent, RATION_CATEGORY_TOTAL);
  cr_assert_null(segment_category(&segment, 3));
  cr_assert_null(segment_category(&segment, 0));
  cr_assert_null(segment_category(&segment, 1000));
}

Test(category, path_brings_its_ancestors) {
  struct segment segment = fresh_segment(1);
  uint32_t leaf = fresh_segment_add(&segment, "world/terrain/tiles");
  const struct ration_segment_category *row = segment_category(&segment, leaf);
  cr_assert_eq(leaf, 5);
  cr_assert_eq(row->depth, 3);
  cr_assert_eq(row->kind, RATION_KIND_PROGRAM);
  cr_assert_eq(row->name_bytes, 19);
  cr_assert_str_eq(row->name, "world/terrain/tiles");
  cr_assert_str_eq(name_of(&segment, row->parent), "world/terrain");
  cr_assert_str_eq(name_of(&segment, segment_category(&segment, row->parent)->parent), "world");
  cr_assert_eq(fresh_segment_add(&segment, "world/terrain"), row->parent, "known ones are found again");
  cr_assert_eq(fresh_segment_add(&segment, "world/water"), 6);
  cr_assert_eq(fresh_segment_add(&segment, "total"), RATION_CATEGORY_TOTAL);
  cr_assert_eq(fresh_segment_add(&segment, "other"), RATION_CATEGORY_OTHER);
  cr_assert_eq(segment_category(&segment, fresh_segment_add(&segment, "other/x"))->parent,
               RATION_CATEGORY_OTHER);
}

Test(category, takes_the_paths_that_are_paths) {
  static const char *const paths[] = {
      "a",
      "Z",
      "0",
      "_.+-~",
      "..",
      "a/b/c/d/e/f/g/h",
      "totally",
      "totals/x",
      "tota",
      SIXTY_THREE,
      SIXTY_THREE "/" SIXTY_THREE "/" SIXTY_THREE, /* 191 bytes */
  };
  struct segment segment = fresh_segment(1);
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    cr_expect_eq(add(&segment, paths[i]), 0, "%s", paths[i]);
  cr_assert_str_eq(name_of(&segment, category_count(&segment)), paths[10]);
}

Test(category, refuses_what_is_no_path) {
  static const char *const paths[] = {
      "",
      "/",
      "/a",
      "a/",
      "a//b",
      "a b",
      "a\n",
      "a:b",
      "\xc3\xa9",
      "a\\b",
      "total/",
      "total/a",
      "a/b/c/d/e/f/g/h/i",
      SIXTY_THREE "4",
      "a/" SIXTY_THREE "4/b",
      SIXTY_THREE "/" SIXTY_THREE "/" SIXTY_THREE "/",
      SIXTY_THREE "/" SIXTY_THREE "/" SIXTY_THREE "/a",
  };
  struct segment segment = fresh_segment(1);
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    cr_expect_eq(add(&segment, paths[i]), -EINVAL, "%s", paths[i]);
  cr_expect_eq(add(&segment, NULL), -EINVAL);
  cr_assert_eq(category_count(&segment), 2, "nothing of them is left");
}

Test(category, failure_leaves_the_answer_untouched) {
  struct segment segment = fresh_segment(1);
  uint32_t id = 77;
  category_add(&segment, "a//b", RATION_KIND_PROGRAM, &id);
  cr_assert_eq(id, 77);
}

static int add_numbered(struct segment *segment, const char *format, int number, uint8_t kind) {
  char path[64];
  uint32_t id = 0;
  snprintf(path, sizeof path, format, number);
  return category_add(segment, path, kind, &id);
}

Test(category, two_hundred_and_fifty_fit) {
  struct segment segment = fresh_segment(1);
  for (int i = 0; i < 250; i++)
    cr_assert_eq(add_numbered(&segment, "c%d", i, RATION_KIND_PROGRAM), 0, "%d", i);
  cr_assert_eq(category_count(&segment), RATION_CATEGORY_LAST);
  cr_assert_eq(add(&segment, "one_more"), -ENOSPC);
  cr_assert_eq(add(&segment, "c0/below"), -ENOSPC);
  cr_assert_eq(add(&segment, "c249"), 0, "those that are there are still found");
}

Test(category, automatic_ones_leave_room_for_the_programs) {
  struct segment segment = fresh_segment(1);
  int added = 0;
  while (add_numbered(&segment, "lib/l%d", added, RATION_KIND_AUTOMATIC) == 0) added++;
  cr_assert_eq(added, 149, "and lib itself");
  cr_assert_eq(add_numbered(&segment, "lib/l%d", 300, RATION_KIND_AUTOMATIC), -ENOSPC);
  cr_assert_eq(add_numbered(&segment, "lib/l%d", 0, RATION_KIND_AUTOMATIC), 0);
  for (int i = 0; i < 100; i++)
    cr_assert_eq(add_numbered(&segment, "c%d", i, RATION_KIND_PROGRAM), 0, "%d", i);
  cr_assert_eq(add(&segment, "one_more"), -ENOSPC);
}

static const char *module_name(struct segment *segment, const char *folder, const char *name,
                               uint64_t origin) {
  uint32_t id = 0;
  cr_assert_eq(category_add_module(segment, folder, name, origin, &id), 0);
  cr_assert_eq(segment_category(segment, id)->kind, RATION_KIND_AUTOMATIC);
  return name_of(segment, id);
}

Test(category, module_names_are_made_fit) {
  struct segment segment = fresh_segment(1);
  cr_expect_str_eq(module_name(&segment, "lib", "libssl.so.3", 1), "lib/libssl.so.3");
  cr_expect_str_eq(module_name(&segment, "bin", "my program~(1)", 2), "bin/my_program__1_");
  cr_expect_str_eq(module_name(&segment, "bin", "a/b", 3), "bin/a_b");
  cr_expect_str_eq(module_name(&segment, "bin", "", 4), "bin/_");
  cr_expect_str_eq(module_name(&segment, "bin", "\xff", 5), "bin/_~2", "it is not the one before");
}

/* "bin/" and 59 bytes are 63, the most that is left whole; of a longer one 54 are, in all. */
Test(category, long_module_names_are_cut_to_63_bytes) {
  struct segment segment = fresh_segment(1);
  char name[400], expected[64], longer[64];
  memset(name, 'x', sizeof name);
  name[59] = '\0';
  cr_expect_eq(strlen(module_name(&segment, "bin", name, 1)), 63);
  name[59] = 'x', name[60] = '\0';
  snprintf(expected, sizeof expected, "bin/%.50s~%08x", name, (unsigned)(hash_bytes(name, 60) & UINT32_MAX));
  cr_expect_str_eq(module_name(&segment, "bin", name, 2), expected);
  cr_expect_eq(strlen(expected), 63);
  name[60] = 'x', name[sizeof name - 1] = '\0';
  snprintf(longer, sizeof longer, "%s", module_name(&segment, "bin", name, 3));
  cr_expect_eq(strlen(longer), 63);
  cr_expect_str_neq(longer, expected, "the hash tells them apart");
}

Test(category, second_module_of_a_name_gets_a_number) {
  struct segment segment = fresh_segment(1);
  cr_expect_str_eq(module_name(&segment, "lib", "libx.so", 10), "lib/libx.so");
  cr_expect_str_eq(module_name(&segment, "lib", "libx.so", 20), "lib/libx.so~2");
  cr_expect_str_eq(module_name(&segment, "lib", "libx.so", 30), "lib/libx.so~3");
  cr_expect_str_eq(module_name(&segment, "lib", "libx.so", 20), "lib/libx.so~2");
  cr_expect_str_eq(module_name(&segment, "lib", "libx.so", 10), "lib/libx.so");
}

Test(category, programs_own_name_serves_a_module_too) {
  struct segment segment = fresh_segment(1);
  uint32_t own = fresh_segment_add(&segment, "lib/libx.so"), id = 0;
  cr_assert_eq(category_add_module(&segment, "lib", "libx.so", 10, &id), 0);
  cr_assert_eq(id, own);
}

Test(category, copies_keep_their_ids) {
  struct segment parents = fresh_segment(1), child = fresh_segment(1);
  fresh_segment_add(&parents, "a/b/c");
  module_name(&parents, "lib", "libx.so", 10);
  for (uint32_t id = RATION_CATEGORY_FIRST; id <= category_count(&parents); id++)
    cr_assert_eq(category_copy(&child, segment_category(&parents, id)), 0);
  cr_assert_eq(category_count(&child), category_count(&parents));
  for (uint32_t id = 1; id <= category_count(&parents); id++) {
    const struct ration_segment_category *copy = segment_category(&child, id),
                                         *original = segment_category(&parents, id);
    cr_expect_str_eq(copy->name, original->name);
    cr_expect_eq(copy->parent, original->parent);
    cr_expect_eq(copy->depth, original->depth);
    cr_expect_eq(copy->kind, original->kind);
    cr_expect_eq(copy->origin, original->origin);
  }
}

Test(category, charge_reaches_all_above) {
  struct segment segment = fresh_segment(1);
  uint32_t leaf = fresh_segment_add(&segment, "a/b");
  uint32_t middle = segment_category(&segment, leaf)->parent;
  cr_assert_eq(plain_charge(&segment, leaf, (struct charge_change){.bytes = 100}), 0);
  cr_assert_eq(plain_charge(&segment, middle, (struct charge_change){.bytes = 10}), 0);
  cr_expect_eq(segment_category(&segment, leaf)->own_charged, 100);
  cr_expect_eq(segment_category(&segment, leaf)->subtree_charged, 100);
  cr_expect_eq(segment_category(&segment, middle)->own_charged, 10);
  cr_expect_eq(segment_category(&segment, middle)->subtree_charged, 110);
  cr_expect_eq(segment_category(&segment, RATION_CATEGORY_TOTAL)->own_charged, 0);
  cr_expect_eq(segment_category(&segment, RATION_CATEGORY_TOTAL)->subtree_charged, 110);
  cr_expect_eq(segment_category(&segment, RATION_CATEGORY_OTHER)->subtree_charged, 0);
}

static int refused_pages;
static int refuse_pages(void *memory, size_t bytes) {
  cr_assert_eq((uintptr_t)memory % SEGMENT_PAGE, 0);
  cr_assert_eq(bytes, SEGMENT_PAGE);
  return ++refused_pages > 2 ? -ENOMEM : 0;
}

/* Three pages hold 16 rows each, of which row 0 is none's. */

Test(category, without_memory_for_its_row_is_refused) {
  struct segment segment = fresh_segment(1);
  segment.make_present = refuse_pages;
  for (uint32_t id = RATION_CATEGORY_FIRST; id < 3 * 16; id++) {
    char path[16];
    snprintf(path, sizeof path, "c%u", id);
    cr_assert_eq(add(&segment, path), 0);
  }
  cr_assert_eq(add(&segment, "c"), -ENOMEM);
  cr_assert_eq(add(&segment, "c3"), 0, "is there");
  cr_assert_eq(category_count(&segment), 3 * 16 - 1);
}

#define THREADS 8
#define PATHS   240

static struct segment shared;
static pthread_barrier_t together;
static uint32_t found[THREADS][PATHS];

/* Time for other threads to draw a row for the same path. */
static int make_present_slowly(void *memory, size_t bytes) {
  usleep(200);
  return memory && bytes ? 0 : -EINVAL;
}

/* All threads add each path at the same moment, so that most of them draw a row in vain. */
static void *add_all(void *thread) {
  for (uint32_t path = 0; path < PATHS; path++) {
    char name[32];
    snprintf(name, sizeof name, "path%u", path);
    for (size_t i = 0; i < SEGMENT_PAGES_MOST / 64; i++) store_relaxed(&shared.pages[i], 0);
    pthread_barrier_wait(&together);
    if (category_add(&shared, name, RATION_KIND_PROGRAM, &found[(uintptr_t)thread][path]) < 0)
      found[(uintptr_t)thread][path] = 0;
  }
  return NULL;
}

Test(category, threads_that_add_the_same_path_get_the_same_id) {
  pthread_t threads[THREADS];
  shared = fresh_segment(1);
  shared.make_present = make_present_slowly;
  pthread_barrier_init(&together, NULL, THREADS);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, add_all, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_assert_eq(category_count(&shared), 2 + PATHS, "each path once");
  for (uint32_t path = 0; path < PATHS; path++) {
    cr_expect_eq(found[0][path], RATION_CATEGORY_FIRST + path, "path %u", path);
    for (int i = 1; i < THREADS; i++) cr_expect_eq(found[i][path], found[0][path], "path %u", path);
  }
}

/* Each thread draws from the same paths, in its own order, some deep. */
static void *add_some(void *thread) {
  struct random random = {.seed = (uintptr_t)thread};
  for (int i = 0; i < 2000; i++) {
    char name[32];
    snprintf(name, sizeof name, "a%u/b%u", (unsigned)random_below(&random, 10),
             (unsigned)random_below(&random, 20));
    uint32_t id = 0;
    cr_assert_eq(category_add(&shared, name, RATION_KIND_PROGRAM, &id), 0);
    cr_assert_str_eq(name_of(&shared, id), name);
  }
  return NULL;
}

Test(category, no_path_is_published_twice) {
  pthread_t threads[THREADS];
  shared = fresh_segment(1);
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, add_some, (void *)i), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  uint32_t last = category_count(&shared);
  cr_assert_eq(last, 2 + 10 + 200);
  for (uint32_t a = 1; a <= last; a++) {
    cr_expect_lt(segment_category(&shared, a)->parent, a);
    for (uint32_t b = a + 1; b <= last; b++) cr_expect_str_neq(name_of(&shared, a), name_of(&shared, b));
  }
}
