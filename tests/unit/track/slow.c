/*
 * slow.c: tests of src/track/track.h and slow.c: what is counted on allocation and free.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/random.h"
#include "os/pool.h"
#include "track/scope.h"
#include "track/tracked.h"

static void *ask(struct request request) {
  int error = 0;
  void *block = track_allocate(request, (struct asker){(uintptr_t)&tracked_start, NULL}, &error);
  cr_assert_eq(error, 0);
  cr_assert_not_null(block);
  return block;
}

Test(track, counts_each_kind_of_request_once) {
  static const struct {
    struct request request;
    size_t bytes, alignment;
  } cases[] = {
      {{.kind = REQUEST_MALLOC, .size = 100, .count = 1}, 100, 16},
      {{.kind = REQUEST_MALLOC, .size = 0, .count = 1}, 0, 1},
      {{.kind = REQUEST_CALLOC, .size = 10, .count = 30}, 300, 16},
      {{.kind = REQUEST_MEMALIGN, .size = 50, .count = 1, .alignment = 256}, 50, 256},
      {{.kind = REQUEST_ALIGNED_ALLOC, .size = 128, .count = 1, .alignment = 64}, 128, 64},
      {{.kind = REQUEST_POSIX_MEMALIGN, .size = 77, .count = 1, .alignment = 4096}, 77, 4096},
      {{.kind = REQUEST_VALLOC, .size = 10, .count = 1}, 10, 4096},
      {{.kind = REQUEST_PVALLOC, .size = 5000, .count = 1}, 5000, 4096},
  };
  tracked_start();
  uint32_t own = tracked_own();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct books before = books_sum(&segment, own);
    void *block = ask(cases[i].request);
    struct books held = books_sum(&segment, own);
    cr_expect_eq((uintptr_t)block % cases[i].alignment, 0, "case %zu", i);
    cr_expect_eq(held.allocations - before.allocations, 1, "case %zu", i);
    cr_expect_eq(held.requested_bytes - before.requested_bytes, cases[i].bytes, "case %zu", i);
    cr_expect_eq(held.allocated_bytes - before.allocated_bytes, heap_usable(block), "case %zu", i);
    cr_expect_eq(held.live_bytes - before.live_bytes, heap_usable(block), "case %zu", i);
    tracked_free(block);
    struct books after = books_sum(&segment, own);
    cr_expect_eq(after.frees - before.frees, 1, "case %zu", i);
    cr_expect_eq(after.live_bytes, before.live_bytes, "case %zu", i);
  }
  cr_assert(segment_is_valid(&segment));
}

Test(track, does_not_count_what_was_refused) {
  int error = 0;
  tracked_start();
  if (!next.is_libc) return; /* a sanitizer's own would end the process */
  tracked_free(tracked_malloc(1));
  struct books before = books_sum_subtree(&segment, RATION_CATEGORY_TOTAL);
  struct request aligned = {.kind = REQUEST_POSIX_MEMALIGN, .size = 10, .count = 1, .alignment = 3};
  cr_assert_null(track_allocate(aligned, (struct asker){(uintptr_t)&tracked_start, NULL}, &error));
  cr_assert_eq(error, EINVAL);
  struct books after = books_sum_subtree(&segment, RATION_CATEGORY_TOTAL);
  cr_assert_eq(memcmp(&before, &after, sizeof before), 0);
}

Test(track, keeps_errno) {
  tracked_start();
  errno = 77;
  for (size_t size = 1; size < 4000000; size *= 3) tracked_free(tracked_malloc(size));
  tracked_free(NULL);
  cr_assert_eq(errno, 77);
}

Test(track, passes_foreign_blocks_on_and_counts_them) {
  tracked_start();
  tracked_free(tracked_malloc(1));
  struct books before = books_sum_subtree(&segment, RATION_CATEGORY_TOTAL);
  uint64_t foreign = segment.header->foreign_frees;
  tracked_free(next.malloc(100));
  void *moved = tracked_realloc(next.malloc(100), 100000);
  cr_assert_eq(segment.header->foreign_frees - foreign, 2);
  struct books after = books_sum_subtree(&segment, RATION_CATEGORY_TOTAL);
  cr_assert_eq(memcmp(&before, &after, sizeof before), 0, "a foreign block stays foreign");
  tracked_free(moved);
}

static void free_by_name(void *block) {
  tracked_free(block);
}

/* As some allocators' operator delete does. */
Test(track, counts_one_end_of_a_block_that_comes_back_by_free_too) {
  struct release release = {.function = (void *)free_by_name};
  tracked_start();
  void *block = tracked_malloc(100);
  struct books before = books_sum(&segment, tracked_own());
  uint64_t foreign = segment.header->foreign_frees;
  track_free(block, release);
  struct books after = books_sum(&segment, tracked_own());
  cr_expect_eq(after.frees - before.frees, 1);
  cr_expect_eq(after.live_bytes, 0);
  cr_expect_eq(segment.header->foreign_frees - foreign, 0);
  track_free(next.malloc(100), release);
  cr_expect_eq(segment.header->foreign_frees - foreign, 1);
}

Test(track, serves_the_shims_own_requests_from_the_pool) {
  tracked_start();
  tracked_free(tracked_malloc(1));
  struct books before = books_sum_subtree(&segment, RATION_CATEGORY_TOTAL);
  struct record *record = thread_go_inside();
  void *block = tracked_malloc(100);
  thread_come_out(record);
  cr_assert(pool_has(block));
  cr_assert_geq(track_usable(block), 100);
  memset(block, 7, 100);
  unsigned char *moved = tracked_realloc(block, 200);
  cr_assert_not(pool_has(moved), "outside, it moves to the heap");
  cr_assert_eq(moved[99], 7);
  tracked_free(moved);
  struct books after = books_sum_subtree(&segment, RATION_CATEGORY_TOTAL);
  cr_assert_eq(after.live_bytes, before.live_bytes);
  cr_assert_eq(after.allocations - before.allocations, 1);
}

static void *free_all(void *blocks) {
  for (void **block = blocks; *block; block++) tracked_free(*block);
  return NULL;
}

Test(track, charges_a_free_to_the_blocks_category_whoever_frees) {
  void *blocks[101] = {NULL};
  pthread_t thief;
  tracked_start();
  uint32_t id = tracked_category("parts");
  scope_open(id, FRAME);
  for (int i = 0; i < 100; i++) blocks[i] = tracked_malloc(1000);
  scope_close(FRAME);
  cr_assert_eq(books_sum(&segment, id).live_blocks, 100);
  cr_assert_eq(pthread_create(&thief, NULL, free_all, blocks), 0);
  pthread_join(thief, NULL);
  struct books books = books_sum(&segment, id);
  cr_assert_eq(books.live_blocks, 0);
  cr_assert_eq(books.live_bytes, 0);
  cr_assert_eq(books.frees, 100);
  cr_assert(segment_is_valid(&segment));
}

#define THREADS    6
#define SLOTS      256
#define CATEGORIES 4

static void *slots[SLOTS];
static uint32_t categories[CATEGORIES];

/* One step: a new block into a slot, and what was there is resized or freed, whoever made it. */
static void *churn(void *seed) {
  struct random random = {.seed = (uintptr_t)seed};
  for (int i = 0; i < 15000; i++) {
    void *fresh = NULL;
    if (random_below(&random, 4)) {
      scope_open(categories[random_below(&random, CATEGORIES)], FRAME);
      fresh = tracked_malloc(random_size(&random, 100000));
      scope_close(FRAME);
    }
    void *old = __atomic_exchange_n(&slots[random_below(&random, SLOTS)], fresh, __ATOMIC_ACQ_REL);
    if (old && random_below(&random, 3) == 0) old = tracked_realloc(old, 1 + random_size(&random, 50000));
    tracked_free(old);
  }
  return NULL;
}

static void expect_books_equal_recount(void) {
  struct tracked_recount recount = tracked_recount();
  for (uint32_t id = 1; id <= category_count(&segment); id++) {
    struct books books = books_sum(&segment, id);
    cr_expect_eq(books.live_bytes, recount.bytes[id], "category %u", id);
    cr_expect_eq(books.live_blocks, recount.blocks[id], "category %u", id);
  }
  cr_expect(segment_is_valid(&segment));
}

static void run_churn(uintptr_t first_seed) {
  pthread_t threads[THREADS];
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, churn, (void *)(first_seed + i)), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

Test(track, books_equal_a_recount_after_threads_have_run, .timeout = 300) {
  static const char *const paths[CATEGORIES] = {"a", "a/b", "a/b/c", "d"};
  tracked_start();
  for (int i = 0; i < CATEGORIES; i++) categories[i] = tracked_category(paths[i]);
  for (uintptr_t round = 0; round < 3; round++) {
    if (round == 2) segment.slab_limit = segment.header->slab_count - 3; /* some must share slab 0 */
    run_churn(100 * round);
    expect_books_equal_recount();
  }
  for (int i = 0; i < SLOTS; i++) tracked_free(slots[i]);
  cr_assert_eq(books_sum_subtree(&segment, RATION_CATEGORY_TOTAL).live_bytes, 0);
  cr_assert_eq(segment.header->foreign_frees, 0);
  cr_assert_eq(segment.header->untracked_blocks, 0);
}
