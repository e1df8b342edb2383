/*
 * charging.c: tests of src/track/charging.c, by way of allocation, free and realloc under budgets.
 */
#include "track/charging.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <string.h>

#include "base/random.h"
#include "track/budgets.h"
#include "track/scope.h"
#include "track/tracked.h"

#define LIMIT (UINT64_C(1) << 20)

static void set(uint32_t category, uint64_t limit, uint64_t reserve, uint32_t policy) {
  struct budget_spec spec = {.category = category,
                             .policy = policy,
                             .limit = {limit ? LIMIT_BYTES : LIMIT_NONE, limit},
                             .reserve = {reserve ? LIMIT_BYTES : LIMIT_NONE, reserve},
                             .said = BUDGET_SAID_GRACE};
  const char *why = budgets_change_one(&spec);
  cr_assert_null(why, "%s", why);
}

static void refuse_at(uint32_t category, uint64_t limit) {
  set(category, limit, 0, RATION_POLICY_REFUSE);
}

static uint64_t live(uint32_t category) {
  return books_sum_subtree(&segment, category).live_bytes;
}

static uint64_t used(uint32_t category) {
  return budget_used(&segment, category);
}

#define BLOCKS 20000
static void *blocks[BLOCKS];
static size_t count;

/* Until nothing more fits; each refusal is one of too many bytes. Returns what is held. */
static uint64_t fill(uint32_t category, uint32_t budget, uint64_t most) {
  static const size_t sizes[] = {60000, 7000, 900, 100, 24};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    uint64_t before = live(budget);
    while (count < BLOCKS && (before = live(budget), blocks[count] = tracked_hold(category, sizes[i])))
      count++;
    void *other = tracked_hold(RATION_CATEGORY_OTHER, sizes[i]);
    cr_assert_gt(before + heap_usable(other), most, "%zu bytes would have fitted at %lu of %lu", sizes[i],
                 (unsigned long)before, (unsigned long)most);
    tracked_free(other);
    cr_assert_leq(live(budget), most);
  }
  return live(budget);
}

static void empty(void) {
  while (count) tracked_free(blocks[--count]);
}

Test(charging, refuses_to_the_byte) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("a/b");
  refuse_at(a, LIMIT);
  errno = 0;
  fill(b, a, LIMIT);
  cr_expect_eq(errno, ENOMEM);
  cr_expect_gt(segment.budgets[a].refused, 0);
  cr_expect_eq(books_sum(&segment, b).refused, segment.budgets[a].refused);
  cr_expect_leq(RATION_CHARGE_BYTES(segment_category(&segment, a)->subtree_peak), LIMIT);
  empty();
  cr_expect_eq(live(a), 0);
  cr_expect(segment_is_valid(&segment));
}

/* A thread's credit below an outer budget goes back, too, where an inner one was met first. */
Test(charging, refuses_to_the_byte_under_budgets_within_budgets) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("a/b"), c = tracked_category("a/b/c");
  uint32_t d = tracked_category("a/d");
  tracked_free(tracked_malloc(1)); /* a process's first block is always the system heap's */
  void *like = tracked_hold(RATION_CATEGORY_OTHER, 20000),
       *large[] = {tracked_hold(b, 4 << 20), tracked_hold(d, 4 << 20)};
  refuse_at(a, live(a) + heap_usable(like));
  refuse_at(b, live(b) + heap_usable(like));
  tracked_free(tracked_hold(c, 24));
  tracked_free(tracked_hold(d, 24));
  cr_assert_gt(segment_tally(&segment, thread.record->slab, c)->credit, 0);
  cr_assert_gt(segment_tally(&segment, thread.record->slab, d)->credit, 0);
  void *block = tracked_hold(b, 20000);
  cr_expect_not_null(block, "used %lu and %lu, live %lu and %lu", (unsigned long)used(b),
                     (unsigned long)used(a), (unsigned long)live(b), (unsigned long)live(a));
  cr_expect_null(tracked_hold(b, 1));
  tracked_free(block);
  tracked_free(like);
  for (int i = 0; i < 2; i++) tracked_free(large[i]);
}

Test(charging, keeps_the_reserve_for_critical_scopes) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, LIMIT, 100000, RATION_POLICY_REFUSE);
  fill(a, a, LIMIT - 100000);
  thread.critical++;
  fill(a, a, LIMIT);
  thread.critical--;
  cr_expect_gt(live(a), LIMIT - 64);
  cr_expect_null(tracked_hold(a, 24));
  empty();
}

Test(charging, only_notes_under_notify) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, LIMIT, 0, RATION_POLICY_NOTIFY);
  void *block = tracked_hold(a, LIMIT + 1), *more = tracked_hold(a, LIMIT);
  cr_expect_not_null(block);
  cr_expect_not_null(more);
  cr_expect_eq(segment.budgets[a].breaches, 1);
  cr_expect_eq(segment.budgets[a].refused, 0);
  tracked_free(block);
  tracked_free(more);
}

/* What a thread holds as credit from before a budget is no reason to grant more than it. */
Test(charging, grants_nothing_of_credit_from_before_a_budget) {
  tracked_start();
  uint32_t a = tracked_category("a");
  void *large = tracked_hold(a, 8 << 20);
  tracked_free(tracked_hold(a, 1000));
  cr_assert_gt(segment_tally(&segment, thread.record->slab, a)->credit, 1000);
  refuse_at(a, live(a));
  cr_expect_null(tracked_hold(a, 100), "live %lu", (unsigned long)live(a));
  refuse_at(a, live(a) - 1);
  cr_expect_null(tracked_hold(a, 1));
  tracked_free(large);
}

static uint32_t shared_category, shared_step;

static void wait_for_step(uint32_t step) {
  while (load_acquire(&shared_step) != step) usleep(1000); /* pairs with the other thread's store */
}

static void *allocate_later(void *unused) {
  (void)unused;
  void *kept = tracked_hold(shared_category, 100);
  store_release(&shared_step, 1); /* pairs with wait_for_step */
  wait_for_step(2);
  void *more = tracked_hold(shared_category, 100);
  tracked_free(kept);
  return more;
}

Test(charging, grants_nothing_of_other_threads_credit_from_before_a_budget) {
  pthread_t other;
  void *more;
  tracked_start();
  shared_category = tracked_category("a");
  void *large = tracked_hold(shared_category, 8 << 20);
  cr_assert_eq(pthread_create(&other, NULL, allocate_later, NULL), 0);
  wait_for_step(1);
  refuse_at(shared_category, live(shared_category));
  store_release(&shared_step, 2); /* pairs with wait_for_step */
  pthread_join(other, &more);
  cr_expect_null(more);
  tracked_free(large);
}

Test(charging, injects_faults_from_now_on) {
  tracked_start();
  uint32_t a = tracked_category("a");
  tracked_free(tracked_hold(a, 1000));
  struct budget_spec spec = {.category = a, .said = BUDGET_SAID_FAIL, .fail = {.every = 2}};
  cr_assert_null(budgets_change_one(&spec));
  int refused = 0;
  for (int i = 0; i < 100; i++) {
    void *block = tracked_hold(a, 24);
    refused += block == NULL;
    tracked_free(block);
  }
  cr_expect_eq(refused, 50, "%d", refused);
  cr_expect_eq(segment.process->faults_injected, 50);
}

Test(charging, sets_bytes_aside) {
  tracked_start();
  uint32_t a = tracked_category("a");
  refuse_at(a, LIMIT);
  cr_expect_eq(charging_set_aside(a, LIMIT + 1), -EDQUOT);
  cr_expect_eq(charging_set_aside(a, UINT64_MAX), -ENOMEM);
  cr_expect_eq(charging_set_aside(a, LIMIT), 0);
  cr_expect_eq(used(a), LIMIT);
  cr_expect_eq(live(a), 0);
  void *block = tracked_hold(a, 500000);
  cr_expect_not_null(block);
  cr_expect_null(tracked_hold(a, LIMIT - 499000));
  cr_expect_eq(used(a), LIMIT);
  cr_expect_eq(charging_drop_aside(a, 1000), 1000);
  cr_expect_eq(charging_drop_aside(a, UINT64_MAX), LIMIT - 1000 - heap_usable(block));
  cr_expect_eq(charging_drop_aside(a, 1), 0);
  tracked_free(block);
  cr_expect_eq(live(a), 0);
}

/* ---- realloc -------------------------------------------------------------------------------------------- */

static void expect_books_equal_recount(void);

/* At a limit with ever less room, a block grows: it is refused, or counted, but never lost. */
Test(charging, loses_no_block_that_is_resized) {
  tracked_start();
  uint32_t a = tracked_category("a");
  if (heap_is_libc()) mallopt(M_MMAP_THRESHOLD, 128 << 10);
  for (size_t from = 1000; from < 400000; from += from / 3)
    for (size_t room = 0; room < 9000; room += 1 + room / 3) {
      set(a, 0, 0, 0);
      unsigned char *block = tracked_hold(a, from), *moved;
      size_t usable = heap_usable(block);
      memset(block, 7, usable);
      for (int i = 0; i < 3; i++) {
        size_t wanted = i == 0 ? usable : i == 1 ? usable + room : usable + 2 * room + 5000;
        refuse_at(a, usable + room);
        moved = tracked_realloc(block, wanted);
        if (moved) block = moved;
        cr_assert(moved || wanted > usable, "%zu bytes to as many are refused", usable);
        cr_assert_eq(live(a), heap_usable(block), "%zu to %zu: %lu, not %zu", usable, wanted,
                     (unsigned long)live(a), heap_usable(block));
        cr_assert_leq(live(a), usable + room);
        cr_assert(block[0] == 7 && block[usable - 1] == 7);
        usable = heap_usable(block);
        memset(block, 7, usable);
      }
      tracked_free(block);
      cr_assert_eq(live(a), 0);
    }
  cr_expect_eq(segment.header->untracked_blocks, 0);
  cr_expect_eq(segment.header->foreign_frees, 0);
  expect_books_equal_recount();
}

/* ---- threads -------------------------------------------------------------------------------------------- */

static void expect_books_equal_recount(void) {
  struct tracked_recount recount = tracked_recount();
  for (uint32_t id = 1; id <= category_count(&segment); id++) {
    uint64_t bytes = books_sum(&segment, id).live_bytes;
    cr_expect_eq(bytes, recount.bytes[id], "category %u: %lu, not %lu", id, (unsigned long)bytes,
                 (unsigned long)recount.bytes[id]);
  }
  cr_expect(segment_is_valid(&segment));
}

#define THREADS 8
#define SLOTS   64

static uint32_t categories[4], is_over;
static uint64_t held_bytes, refused_requests;

/* The usable bytes of each block are added after it was given, and taken off before it goes back. */
static void *churn(void *number) {
  struct random random = {.seed = (uintptr_t)number};
  void *own[SLOTS] = {NULL};
  for (int i = 0; i < 12000 && !load_relaxed(&is_over); i++) {
    void **slot = &own[random_below(&random, SLOTS)];
    if (*slot && random_below(&random, 4) == 0) {
      add_relaxed(&held_bytes, -heap_usable(*slot));
      void *moved = tracked_realloc(*slot, 1 + random_size(&random, 200000));
      if (moved) *slot = moved;
      add_relaxed(&held_bytes, heap_usable(*slot));
      continue;
    }
    if (*slot) add_relaxed(&held_bytes, -heap_usable(*slot));
    tracked_free(*slot);
    *slot = tracked_hold(categories[random_below(&random, 4)], 1 + random_size(&random, 100000));
    if (*slot)
      add_relaxed(&held_bytes, heap_usable(*slot));
    else
      add_relaxed(&refused_requests, 1);
  }
  for (int i = 0; i < SLOTS; i++) {
    if (own[i]) add_relaxed(&held_bytes, -heap_usable(own[i]));
    tracked_free(own[i]);
  }
  return NULL;
}

static void start_churn(pthread_t threads[THREADS]) {
  categories[0] = tracked_category("a/b");
  categories[1] = tracked_category("a/c");
  categories[2] = tracked_category("a/c/d");
  categories[3] = tracked_category("a");
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, churn, (void *)(i + 1)), 0);
}

static void end_churn(pthread_t threads[THREADS]) {
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_expect_eq(live(categories[3]), 0);
  cr_expect_eq(used(categories[3]), 0, "credit comes home: %lu", (unsigned long)used(categories[3]));
  cr_expect_eq(segment.header->untracked_blocks, 0);
  cr_expect_eq(segment.header->foreign_frees, 0);
  expect_books_equal_recount();
}

static void hold_threads_to_a_budget(void) {
  pthread_t threads[THREADS];
  uint32_t a = tracked_category("a"), c = tracked_category("a/c");
  refuse_at(a, 2 * LIMIT);
  refuse_at(c, LIMIT);
  start_churn(threads);
  for (int i = 0; i < 300; i++) {
    cr_assert_leq(load_relaxed(&held_bytes), 2 * LIMIT);
    cr_assert_leq(used(a), 2 * LIMIT);
    cr_assert_leq(used(c), LIMIT);
    usleep(1000);
  }
  store_relaxed(&is_over, 1);
  end_churn(threads);
  cr_expect_gt(refused_requests, 0);
  cr_expect_eq(segment.budgets[a].refused + segment.budgets[c].refused,
               books_sum_subtree(&segment, a).refused);
}

Test(charging, holds_threads_to_a_budget, .timeout = 120) {
  tracked_start();
  hold_threads_to_a_budget();
}

Test(charging, holds_threads_without_slabs_to_a_budget, .timeout = 120) {
  tracked_start();
  tracked_free(tracked_malloc(1));
  segment.slab_limit = segment.header->slab_count + 2;
  hold_threads_to_a_budget();
}

Test(charging, keeps_the_books_while_budgets_change, .timeout = 120) {
  pthread_t threads[THREADS];
  struct random random = {.seed = 9};
  tracked_start();
  uint32_t ids[] = {tracked_category("a"), tracked_category("a/c"), RATION_CATEGORY_TOTAL};
  start_churn(threads);
  for (int i = 0; i < 300; i++) {
    uint64_t limit = random_below(&random, 4) ? 1 + random_below(&random, 4 * LIMIT) : 0;
    set(ids[random_below(&random, 3)], limit, limit / 10, 1 + (uint32_t)random_below(&random, 2));
    usleep(1000);
  }
  for (int i = 0; i < 3; i++) set(ids[i], 0, 0, 0);
  store_relaxed(&is_over, 1);
  end_churn(threads);
}
