/*
 * sizes.c: tests of src/model/sizes.c.
 */
#include "model/sizes.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "model/fresh_segment.h"

/* The edges that the segment's header has, from both sides of each. */
Test(sizes, have_the_classes_of_the_segment) {
  cr_expect_eq(sizes_class(0), 0);
  cr_expect_eq(sizes_class(1), 0);
  for (uint32_t c = 0; c + 1 < RATION_SIZE_CLASSES; c++) {
    cr_expect_eq(sizes_class(RATION_SIZE_UP_TO(c)), c, "up to %lu", RATION_SIZE_UP_TO(c));
    cr_expect_eq(sizes_class(RATION_SIZE_UP_TO(c) + 1), c + 1, "more than %lu", RATION_SIZE_UP_TO(c));
    if (c > 0) cr_expect_lt(RATION_SIZE_UP_TO(c - 1), RATION_SIZE_UP_TO(c));
    if (c >= 4) cr_expect_eq(RATION_SIZE_UP_TO(c), 2 * RATION_SIZE_UP_TO(c - 4));
  }
  cr_expect_eq(sizes_class(UINT64_C(1) << 40), RATION_SIZE_CLASSES - 1);
  cr_expect_eq(sizes_class(UINT64_MAX), RATION_SIZE_CLASSES - 1);
}

#define OWNER 1 /* slab */

Test(sizes, are_sums_of_what_samples_stand_for) {
  struct segment segment = fresh_segment(SEGMENT_SLABS_MOST);
  uint32_t id = fresh_segment_add(&segment, "a");
  const struct ration_segment_size_class *classes = segment.sizes[id].classes;
  sizes_count(&segment, id, 100, RATION_WEIGHT_ONE, OWNER);
  sizes_count(&segment, id, 112, 5 * RATION_WEIGHT_ONE / 2, OWNER);
  sizes_count(&segment, id, 100, RATION_WEIGHT_ONE, OWNER + 1);
  sizes_count(&segment, id, 100, RATION_WEIGHT_ONE, 0);
  sizes_count(&segment, id, 113, 3 * RATION_WEIGHT_ONE, 0);
  sizes_count(&segment, RATION_CATEGORY_LAST, UINT64_C(1) << 46, RATION_WEIGHT_ONE, OWNER);
  uint32_t size_class = sizes_class(100);
  cr_expect_eq(classes[size_class].owner, OWNER);
  cr_expect_eq(classes[size_class].own_blocks, 7 * RATION_WEIGHT_ONE / 2);
  cr_expect_eq(classes[size_class].own_bytes, 100 + 280);
  cr_expect_eq(classes[size_class].blocks, 2 * RATION_WEIGHT_ONE);
  cr_expect_eq(classes[size_class].bytes, 200);
  cr_expect_eq(classes[size_class + 1].blocks, 3 * RATION_WEIGHT_ONE);
  cr_expect_eq(classes[size_class + 1].bytes, 339);
  cr_expect_eq(segment.sizes[RATION_CATEGORY_LAST].classes[RATION_SIZE_CLASSES - 1].own_bytes, UINT64_C(1)
                                                                                                   << 46);
  cr_expect_eq(segment.process->sizes_lost, 0);
}

static size_t present_bytes;

static int make_present(void *memory, size_t bytes) {
  (void)memory;
  present_bytes += bytes;
  return present_bytes > (1 << 20) ? -ENOMEM : 0;
}

/* Only the page of the class; and where that cannot be had it is counted. */
Test(sizes, make_present_what_they_need) {
  struct segment segment = fresh_segment(SEGMENT_SLABS_MOST);
  segment.make_present = make_present;
  sizes_count(&segment, 200, 100, RATION_WEIGHT_ONE, OWNER);
  sizes_count(&segment, 200, 100, RATION_WEIGHT_ONE, OWNER);
  cr_expect_eq(present_bytes, SEGMENT_PAGE);
  present_bytes = 1 << 20;
  sizes_count(&segment, 100, 100, RATION_WEIGHT_ONE, OWNER);
  cr_expect_eq(segment.process->sizes_lost, 1);
  cr_expect_eq(segment.sizes[100].classes[sizes_class(100)].own_blocks, 0);
}

Test(sizes, are_not_kept_in_a_small_segment) {
  struct segment segment = fresh_segment(2);
  cr_assert_null(segment.sizes);
  sizes_count(&segment, RATION_CATEGORY_OTHER, 100, RATION_WEIGHT_ONE, OWNER);
  cr_expect_eq(segment.process->sizes_lost, 0);
}

#define THREADS 4
#define COUNTS  50000

static void *count_many(void *context) {
  struct segment *segment = context;
  static uint32_t slabs;
  uint32_t slab = add_relaxed(&slabs, 1);
  for (int i = 0; i < COUNTS; i++) sizes_count(segment, RATION_CATEGORY_OTHER, 64, RATION_WEIGHT_ONE, slab);
  return NULL;
}

Test(sizes, are_counted_by_threads_at_once) {
  struct segment segment = fresh_segment(SEGMENT_SLABS_MOST);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, count_many, &segment);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  const struct ration_segment_size_class *sums =
      &segment.sizes[RATION_CATEGORY_OTHER].classes[sizes_class(64)];
  cr_expect_eq(sums->own_blocks, (uint64_t)COUNTS * RATION_WEIGHT_ONE);
  cr_expect_eq(sums->blocks, (uint64_t)(THREADS - 1) * COUNTS * RATION_WEIGHT_ONE);
  cr_expect_eq(sums->own_bytes + sums->bytes, (uint64_t)THREADS * COUNTS * 64);
}
