/*
 * One thread at the limits of its budgets. Expected: a request is refused exactly if its usable bytes do not fit what
 * it may use: the limit less the reserve; all of it in a critical scope, or for small ones under the grace. What was
 * refused leaves everything as it was: NULL and ENOMEM, posix_memalign by its result alone, a realloc with its block.
 * Bytes that were reserved are used up before new ones are charged. The budget of an ancestor holds as well.
 */
#include <malloc.h>

#include "victim.h"

#define LIMIT   ((uint64_t)1 << 20)
#define RESERVE ((uint64_t)100000)

static ration_category_id outer, inner, elsewhere;

static struct ration_budget budget_now(ration_category_id category) {
  struct ration_budget budget = {.size = sizeof budget};
  CHECK_EQUAL(SHIM(ration_budget_get)(category, &budget), 0);
  return budget;
}

/* What is charged: with what this thread holds as credit, and what is reserved. */
static uint64_t charged(void) {
  return budget_now(outer).used_bytes;
}

static uint64_t used(void) {
  return books_by_id(outer).subtree_live_bytes;
}

static void set(ration_category_id category, uint64_t limit, uint64_t reserve, uint64_t grace) {
  struct ration_budget budget = {.size = sizeof budget,
                                 .limit_bytes = limit,
                                 .reserve_bytes = reserve,
                                 .grace_bytes = grace,
                                 .policy = RATION_POLICY_REFUSE};
  CHECK_EQUAL(SHIM(ration_budget_set)(category, &budget), 0);
}

/* What a block of so many bytes comes to. */
static size_t usable_of(size_t bytes) {
  ration_tag_enter(elsewhere);
  void *block = malloc(bytes);
  size_t usable = malloc_usable_size(block);
  free(block);
  ration_tag_leave();
  return usable;
}

/* One request in `inner`: NULL exactly if it does not fit `most`. */
static void *request(size_t bytes, uint64_t most) {
  size_t usable = usable_of(bytes);
  uint64_t before = used();
  ration_tag_enter(inner);
  errno = 0;
  void *block = malloc(bytes);
  int error = errno;
  ration_tag_leave();
  CHECK_EQUAL(block == NULL, before + usable > most);
  CHECK_EQUAL(error, block ? 0 : ENOMEM);
  CHECK_EQUAL(used(), before + malloc_usable_size(block));
  return block;
}

static void *blocks[100000];
static size_t count;

static void fill_by(uint64_t most, uint64_t small_most) {
  static const size_t sizes[] = {30000, 5000, 1000, 100, 24};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    while ((blocks[count] = request(sizes[i], sizes[i] < 64 ? small_most : most))) count++;
}

static void fill(uint64_t most) {
  fill_by(most, most);
}

static void empty(void) {
  while (count) free(blocks[--count]);
  CHECK_EQUAL(used(), 0);
}

static void check_other_entry_points(void) {
  void *block = &block;
  ration_tag_enter(inner);
  errno = 77;
  CHECK_EQUAL(posix_memalign(&block, 64, 100000), ENOMEM);
  CHECK_EQUAL(errno, 77);
  CHECK(block == &block);
  CHECK(calloc(1000, 100) == NULL && errno == ENOMEM);
  CHECK(aligned_alloc(64, 128000) == NULL && errno == ENOMEM);
  unsigned char *last = blocks[0];
  size_t usable = malloc_usable_size(last);
  memset(last, 42, usable);
  errno = 0;
  CHECK(realloc(last, usable + 100000) == NULL && errno == ENOMEM);
  CHECK_EQUAL(malloc_usable_size(last), usable);
  for (size_t i = 0; i < usable; i++) CHECK_EQUAL(last[i], 42);
  ration_tag_leave();
}

static void check_reserve(void) {
  set(outer, LIMIT, RESERVE, 0);
  fill(LIMIT - RESERVE);
  SHIM(ration_critical_enter)();
  fill(LIMIT);
  CHECK(used() > LIMIT - 64);
  SHIM(ration_critical_leave)();
  CHECK(request(24, LIMIT - RESERVE) == NULL);
  free(blocks[--count]); /* of the reserve's: it is not an ordinary request's now */
  CHECK(request(24, LIMIT - RESERVE) == NULL);
  empty();
  set(outer, LIMIT, RESERVE, 64);
  fill_by(LIMIT - RESERVE, LIMIT);
  CHECK(used() > LIMIT - 64);
  empty();
}

static void check_reserved_bytes(void) {
  int (*reserve)(ration_category_id, uint64_t) = SHIM(ration_reserve);
  set(outer, LIMIT, 0, 0);
  CHECK_EQUAL(reserve(inner, LIMIT + 1), -ENOMEM);
  CHECK_EQUAL(charged(), 0);
  CHECK_EQUAL(reserve(inner, LIMIT), 0);
  CHECK_EQUAL(charged(), LIMIT);
  CHECK_EQUAL(books_by_id(outer).subtree_live_bytes, 0);
  ration_tag_enter(outer);
  CHECK(malloc(1000) == NULL);
  ration_tag_leave();
  ration_tag_enter(inner);
  void *block = malloc(500000);
  CHECK(block != NULL);
  ration_tag_leave();
  CHECK_EQUAL(charged(), LIMIT);
  CHECK_EQUAL(SHIM(ration_available)(inner), LIMIT - malloc_usable_size(block));
  CHECK_EQUAL(SHIM(ration_unreserve)(inner, UINT64_MAX), LIMIT - malloc_usable_size(block));
  CHECK_EQUAL(used(), malloc_usable_size(block));
  free(block);
  CHECK_EQUAL(SHIM(ration_unreserve)(inner, 1), 0);
}

/* Lowered below what is used: legal, and nothing more until it fits. */
static void check_lowered(void) {
  set(outer, LIMIT, 0, 0);
  fill(LIMIT);
  set(outer, LIMIT / 2, 0, 0);
  CHECK_EQUAL(budget_now(outer).level, RATION_LEVEL_CRITICAL);
  CHECK(request(24, LIMIT / 2) == NULL);
  while (used() > LIMIT / 2) free(blocks[--count]);
  fill(LIMIT / 2);
  empty();
  struct ration_budget budget = {.size = sizeof budget, .limit_bytes = 10, .policy = RATION_POLICY_ABORT};
  ration_tag_enter(inner);
  void *block = malloc(100);
  ration_tag_leave();
  CHECK_EQUAL(SHIM(ration_budget_set)(outer, &budget), -EINVAL);
  CHECK_EQUAL(budget_now(outer).limit_bytes, LIMIT / 2);
  free(block);
}

int main(void) {
  CHECK(is_tracked());
  outer = ration_tag_category("outer");
  inner = ration_tag_category("outer/inner");
  elsewhere = ration_tag_category("elsewhere");
  set(outer, LIMIT, 0, 0);
  fill(LIMIT);
  CHECK(used() > LIMIT - 64);
  check_other_entry_points();
  empty();
  check_reserve();
  check_reserved_bytes();
  check_lowered();
  struct ration_budget budget = budget_now(outer);
  budget.size = sizeof budget, budget.limit_bytes = 0;
  CHECK_EQUAL(SHIM(ration_budget_set)(outer, &budget), 0);
  CHECK_EQUAL(SHIM(ration_available)(inner), UINT64_MAX);
  puts("held");
  return 0;
}
