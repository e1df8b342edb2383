/*
 * tally.c: tests of src/model/tally.c.
 */
#include "model/tally.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "base/random.h"
#include "model/books.h"
#include "model/fresh_segment.h"

#define BYTES_MOST ((UINT64_C(1) << 47) - 1)

static uint64_t own_bytes(const struct segment *segment, uint32_t id) {
  return RATION_CHARGE_BYTES(segment_category(segment, id)->own_charged);
}

/* The same order of things as src/track/track.h. */
static int allocate(struct segment *segment, uint32_t slab, uint32_t id, uint64_t bytes) {
  struct ration_segment_tally *tally = segment_tally(segment, slab, id);
  if (!tally_may_take(tally, bytes) && plain_take(segment, id, tally, bytes) < 0) return -ENOMEM;
  tally_count_allocation(tally, bytes, bytes / 2);
  return 0;
}

static void release(struct segment *segment, uint32_t slab, uint32_t id, uint64_t bytes) {
  struct ration_segment_tally *tally = segment_tally(segment, slab, id);
  add_owned(&tally->frees, 1);
  if (!tally_may_give(tally, bytes)) plain_give(segment, id, tally, bytes);
}

Test(tally, pays_small_blocks_out_of_one_batch) {
  struct segment segment = fresh_segment(2);
  fresh_segment_use_slabs(&segment, 2);
  struct ration_segment_tally *tally = segment_tally(&segment, 1, RATION_CATEGORY_OTHER);
  cr_assert_not(tally_may_take(tally, 16), "there is no credit to begin with");
  cr_assert_eq(allocate(&segment, 1, RATION_CATEGORY_OTHER, 16), 0);
  uint64_t charged = own_bytes(&segment, RATION_CATEGORY_OTHER);
  cr_assert_eq(charged, 16 + 4096, "the block and the least batch");
  cr_assert_eq(tally->allowance, 8192);
  for (int i = 0; i < 4096 / 16; i++) cr_assert(tally_may_take(tally, 16));
  cr_assert_eq(own_bytes(&segment, RATION_CATEGORY_OTHER), charged);
  cr_assert_eq(tally->credit, 0);
  cr_assert(tally_may_take(tally, 0), "a block of no bytes costs none");
}

Test(tally, keeps_credit_up_to_its_allowance_then_gives_back_half) {
  struct segment segment = fresh_segment(2);
  fresh_segment_use_slabs(&segment, 2);
  struct ration_segment_tally *tally = segment_tally(&segment, 1, RATION_CATEGORY_OTHER);
  cr_assert_eq(allocate(&segment, 1, RATION_CATEGORY_OTHER, 10000), 0);
  cr_assert_not(tally_may_give(tally, 10000));
  cr_assert_eq(tally->credit, 4096, "what does not fit changes nothing");
  release(&segment, 1, RATION_CATEGORY_OTHER, 4096);
  cr_assert_eq(tally->credit, 8192);
  release(&segment, 1, RATION_CATEGORY_OTHER, 1);
  cr_assert_eq(tally->credit, 4096);
  cr_assert_eq(own_bytes(&segment, RATION_CATEGORY_OTHER), 10000 - 4097 + 4096);
  cr_assert(segment_is_valid(&segment));
}

Test(tally, batch_grows_with_the_charge_within_its_bounds) {
  struct segment segment = fresh_segment(2);
  fresh_segment_use_slabs(&segment, 2);
  struct ration_segment_tally *tally = segment_tally(&segment, 1, RATION_CATEGORY_OTHER);
  static const struct {
    uint64_t bytes, batch;
  } steps[] = {
      {64 * 8192, 4096}, /* of the charge before it */
      {1, 0},            /* out of credit */
      {64 * 4096, 8192},
      {UINT64_C(1) << 30, 12288},
      {UINT64_C(1) << 30, 65536},
      {UINT64_C(1) << 40, 65536},
  };
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    cr_assert_eq(allocate(&segment, 1, RATION_CATEGORY_OTHER, steps[i].bytes), 0);
    if (steps[i].batch) cr_expect_eq(tally->credit, steps[i].batch, "step %zu: %lu", i, tally->credit);
    if (steps[i].batch) cr_expect_eq(tally->allowance, 2 * steps[i].batch, "step %zu", i);
    cr_assert(segment_is_valid(&segment));
  }
}

/* Up to the peak that was, and not beyond: what is held ahead of need makes no new one. */
Test(tally, batch_is_larger_below_the_peak) {
  struct segment segment = fresh_segment(2);
  fresh_segment_use_slabs(&segment, 2);
  struct ration_segment_tally *tally = segment_tally(&segment, 1, RATION_CATEGORY_OTHER);
  const struct ration_segment_category *own = segment_category(&segment, RATION_CATEGORY_OTHER);
  cr_assert_eq(allocate(&segment, 1, RATION_CATEGORY_OTHER, 1 << 20), 0);
  uint64_t peak = RATION_CHARGE_BYTES(own->own_peak), live = 1 << 19;
  release(&segment, 1, RATION_CATEGORY_OTHER, 1 << 19);
  cr_assert_eq(tally->allowance, 2 * 65536, "an eighth of what is charged, rather than a sixty-fourth");
  while (live < (1 << 20) + (1 << 17)) {
    cr_assert_eq(allocate(&segment, 1, RATION_CATEGORY_OTHER, 1 << 12), 0);
    live += 1 << 12;
    uint64_t now = RATION_CHARGE_BYTES(own->own_peak);
    cr_assert(now == peak || now <= live + (1 << 15), "%lu is the peak, %lu are live", now, live);
    cr_assert(segment_is_valid(&segment));
  }
  cr_assert_leq(tally->allowance, 2 << 15, "as sharp as before, where there may be a new peak");
  cr_assert_gt(RATION_CHARGE_BYTES(own->own_peak), peak);
}

Test(tally, close_gives_all_credit_back) {
  struct segment segment = fresh_segment(2);
  fresh_segment_use_slabs(&segment, 2);
  cr_assert_eq(allocate(&segment, 1, RATION_CATEGORY_OTHER, 100), 0);
  plain_close(&segment, RATION_CATEGORY_OTHER, segment_tally(&segment, 1, RATION_CATEGORY_OTHER));
  cr_assert_eq(segment_category(&segment, RATION_CATEGORY_OTHER)->own_charged, 100);
  cr_assert_eq(segment_category(&segment, RATION_CATEGORY_TOTAL)->subtree_charged, 100);
  cr_assert_eq(books_sum(&segment, RATION_CATEGORY_OTHER).allocations, 1, "the counts stay");
  cr_assert(segment_is_valid(&segment));
}

Test(tally, charges_the_block_alone_where_no_batch_fits) {
  struct segment segment = fresh_segment(2);
  fresh_segment_use_slabs(&segment, 2);
  struct ration_segment_tally *tally = segment_tally(&segment, 1, RATION_CATEGORY_OTHER);
  cr_assert_eq(allocate(&segment, 1, RATION_CATEGORY_OTHER, BYTES_MOST - 100), 0);
  cr_assert_eq(tally->credit, 0);
  cr_assert_eq(tally->allowance, 0);
  cr_assert_eq(allocate(&segment, 1, RATION_CATEGORY_OTHER, 100), 0);
  cr_assert_eq(own_bytes(&segment, RATION_CATEGORY_OTHER), BYTES_MOST);
  cr_assert_eq(allocate(&segment, 1, RATION_CATEGORY_OTHER, 1), -ENOMEM);
  cr_assert_eq(tally->allocations, 2, "what was refused is not counted");
  cr_assert(segment_is_valid(&segment));
  release(&segment, 1, RATION_CATEGORY_OTHER, BYTES_MOST - 100);
  release(&segment, 1, RATION_CATEGORY_OTHER, 100);
  cr_assert_eq(own_bytes(&segment, RATION_CATEGORY_OTHER), tally->credit);
  cr_assert(segment_is_valid(&segment));
}

Test(tally, refused_above_leaves_the_category_below_as_it_was) {
  struct segment segment = fresh_segment(2);
  fresh_segment_use_slabs(&segment, 2);
  uint32_t left = fresh_segment_add(&segment, "left/leaf"), right = fresh_segment_add(&segment, "right/leaf");
  cr_assert_eq(allocate(&segment, 1, left, BYTES_MOST / 4 * 3), 0);
  uint64_t own = own_bytes(&segment, right);
  cr_assert_eq(allocate(&segment, 1, right, BYTES_MOST / 2), -ENOMEM);
  cr_assert_eq(own_bytes(&segment, right), own);
  cr_assert_eq(segment_category(&segment, segment_category(&segment, right)->parent)->subtree_charged, 0);
  cr_assert(segment_is_valid(&segment));
}

/* Allowances run out long before bytes do: 2^17 - 1 units. */
Test(tally, does_without_allowance_where_none_is_left) {
  struct segment segment = fresh_segment(2);
  fresh_segment_use_slabs(&segment, 2);
  struct charge_change rest = {.bytes = 1 << 20,
                               .allowance = ((INT64_C(1) << 17) - 1) * (int64_t)RATION_CHARGE_UNIT};
  cr_assert_eq(plain_charge(&segment, RATION_CATEGORY_OTHER, rest), 0);
  cr_assert_eq(allocate(&segment, 1, RATION_CATEGORY_OTHER, 5000), 0);
  struct ration_segment_tally *tally = segment_tally(&segment, 1, RATION_CATEGORY_OTHER);
  cr_assert_eq(tally->credit, 0);
  cr_assert_eq(tally->allowance, 0);
  release(&segment, 1, RATION_CATEGORY_OTHER, 5000);
  cr_assert_eq(own_bytes(&segment, RATION_CATEGORY_OTHER), 1 << 20);
}

#define SLABS      4
#define CATEGORIES 6
#define BLOCKS     400

struct reference {
  uint64_t live, blocks, allocations, frees, highest;
};

static void expect_books(struct segment *segment, uint32_t id, struct reference expected) {
  struct books books = books_sum(segment, id);
  const struct ration_segment_category *category = segment_category(segment, id);
  cr_assert_eq(books.live_bytes, expected.live);
  cr_assert_eq(books.live_blocks, expected.blocks);
  cr_assert_eq(books.allocations, expected.allocations);
  cr_assert_eq(books.frees, expected.frees);
  cr_assert_geq(RATION_CHARGE_BYTES(category->own_peak), expected.highest);
  cr_assert_leq(RATION_CHARGE_BYTES(category->own_peak),
                expected.highest + RATION_CHARGE_ALLOWANCE(category->own_peak));
}

Test(tally, books_follow_a_plain_reference_at_random) {
  struct random random = {.seed = 2};
  struct segment segment = fresh_segment(SLABS + 1);
  fresh_segment_use_slabs(&segment, SLABS + 1);
  uint32_t ids[CATEGORIES] = {RATION_CATEGORY_OTHER};
  static const char *const paths[] = {"", "a", "a/b", "a/b/c", "a/d", "e"};
  for (int i = 1; i < CATEGORIES; i++) ids[i] = fresh_segment_add(&segment, paths[i]);
  struct reference references[CATEGORIES] = {0}, whole = {0};
  struct {
    uint64_t bytes;
    int category; /* -1: none */
  } blocks[BLOCKS];
  for (int i = 0; i < BLOCKS; i++) blocks[i].category = -1;
  for (int step = 0; step < 100000; step++) {
    size_t at = random_below(&random, BLOCKS);
    uint32_t slab = 1 + (uint32_t)random_below(&random, SLABS);
    int category = blocks[at].category;
    if (category < 0) {
      category = (int)random_below(&random, CATEGORIES);
      blocks[at].category = category;
      blocks[at].bytes = random_size(&random, 1 << 20);
      cr_assert_eq(allocate(&segment, slab, ids[category], blocks[at].bytes), 0);
      references[category].live += blocks[at].bytes, whole.live += blocks[at].bytes;
      references[category].blocks++, references[category].allocations++;
    } else {
      release(&segment, slab, ids[category], blocks[at].bytes);
      references[category].live -= blocks[at].bytes, whole.live -= blocks[at].bytes;
      references[category].blocks--, references[category].frees++;
      blocks[at].category = -1;
    }
    if (references[category].live > references[category].highest)
      references[category].highest = references[category].live;
    if (whole.live > whole.highest) whole.highest = whole.live;
    if (random_below(&random, 1000) == 0)
      plain_close(&segment, ids[category], segment_tally(&segment, slab, ids[category]));
    expect_books(&segment, ids[category], references[category]);
    if (step % 100 == 0) cr_assert(segment_is_valid(&segment), "step %d", step);
  }
  uint64_t subtree_peak = segment_category(&segment, RATION_CATEGORY_TOTAL)->subtree_peak;
  cr_assert_eq(books_sum_subtree(&segment, RATION_CATEGORY_TOTAL).live_bytes, whole.live);
  cr_assert_geq(RATION_CHARGE_BYTES(subtree_peak), whole.highest);
  cr_assert_leq(RATION_CHARGE_BYTES(subtree_peak), whole.highest + RATION_CHARGE_ALLOWANCE(subtree_peak));
}

static struct segment shared;

/* Some slabs are owned, one is shared. */
static void *count_in(void *slab) {
  uint32_t number = (uint32_t)(uintptr_t)slab;
  struct random random = {.seed = number};
  for (int i = 0; i < 20000; i++) {
    uint64_t bytes = random_size(&random, 20000);
    struct tally_shared_change up = {.bytes = (int64_t)bytes, .allocations = 1, .allocated_bytes = bytes};
    struct tally_shared_change down = {.bytes = -(int64_t)bytes, .frees = 1};
    if (number)
      allocate(&shared, number, RATION_CATEGORY_OTHER, bytes);
    else
      plain_shared(&shared, RATION_CATEGORY_OTHER, up);
    if (i % 100 == 0) continue; /* kept */
    if (number)
      release(&shared, number, RATION_CATEGORY_OTHER, bytes);
    else
      plain_shared(&shared, RATION_CATEGORY_OTHER, down);
  }
  return NULL;
}

static uint64_t kept_bytes(uint32_t slab) {
  struct random random = {.seed = slab};
  uint64_t kept = 0;
  for (int i = 0; i < 20000; i++) {
    uint64_t bytes = random_size(&random, 20000);
    if (i % 100 == 0) kept += bytes;
  }
  return kept;
}

Test(tally, threads_lose_nothing_in_slabs_of_their_own_and_in_the_shared_one) {
  pthread_t threads[6];
  shared = fresh_segment(5);
  fresh_segment_use_slabs(&shared, 5);
  for (uintptr_t i = 0; i < 6; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, count_in, (void *)(i < 4 ? i + 1 : 0)), 0);
  for (int i = 0; i < 6; i++) pthread_join(threads[i], NULL);
  uint64_t kept = 2 * kept_bytes(0);
  for (uint32_t slab = 1; slab <= 4; slab++) kept += kept_bytes(slab);
  struct books books = books_sum(&shared, RATION_CATEGORY_OTHER);
  cr_assert_eq(books.live_bytes, kept);
  cr_assert_eq(books.live_blocks, 6 * 200);
  cr_assert_eq(books.allocations, 6 * 20000);
  cr_assert(segment_is_valid(&shared));
}

Test(tally, that_holds_more_than_it_may_is_not_valid) {
  struct ration_segment_tally tally = {.credit = 1};
  cr_assert_not(tally_is_valid(&tally));
  tally.allowance = 1;
  cr_assert_not(tally_is_valid(&tally), "allowances are whole units");
  tally.allowance = RATION_CHARGE_UNIT;
  cr_assert(tally_is_valid(&tally));
}
