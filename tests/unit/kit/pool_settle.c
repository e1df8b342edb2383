/*
 * pool_settle.c: tests of ration/kit/pool.h: room that is made beforehand, and objects that move to older blocks.
 */
#include <ration/kit/pool.h>

#include <criterion/criterion.h>
#include <errno.h>

#include "base/random.h"
#include "kit/failing_memory.h"

enum { MOST = 4096 };

static void mark(void *object, void *context) {
  ++*(int *)context;
  *(uint64_t *)object = 1;
}

static const struct ration_pool_type plain = RATION_POOL_TYPE(uint64_t),
                                     marked = {"marked", sizeof(uint64_t), sizeof(uint64_t), mark, mark};

static struct ration_pool_counts counts_of(const struct ration_pool *pool) {
  struct ration_pool_counts counts = {0};
  cr_assert_eq(ration_pool_stats(pool, &counts), 0);
  return counts;
}

static void start(struct ration_pool *pool, struct failing_memory *failing, int *calls) {
  struct ration_pool_settings settings = {.growth_factor = 1e-6,
                                          .maximum_capacity = MOST,
                                          .shrink_threshold = RATION_POOL_NEVER,
                                          .memory = &failing->memory,
                                          .context = calls};
  failing_memory_init(failing, SIZE_MAX);
  cr_assert_eq(ration_pool_init(pool, calls ? &marked : &plain, &settings), 0);
}

Test(kit_pool_settle, reserved_room_is_taken_without_growing) {
  struct failing_memory failing;
  struct ration_pool pool;
  start(&pool, &failing, NULL);
  cr_expect_eq(ration_pool_reserve(&pool, 2500), 0);
  cr_expect_eq(counts_of(&pool).capacity, 3072, "blocks of 1,024");
  cr_expect_eq(counts_of(&pool).takes, 0);
  failing.left = 0;
  for (int i = 0; i < 3072; i++) cr_assert_not_null(ration_pool_take(&pool));
  cr_expect_null(ration_pool_take(&pool));
  cr_expect_eq(ration_pool_reserve(&pool, 3072), 0);
  cr_expect_eq(ration_pool_reserve(&pool, 3073), -ENOMEM);
  cr_expect_eq(ration_pool_reserve(&pool, MOST + 1), -ENOSPC);
  cr_expect_eq(ration_pool_reserve(NULL, 1), -EINVAL);
  cr_expect(ration_pool_is_valid(&pool));
  ration_pool_done(&pool);
  cr_expect_eq(failing.blocks, 0);
}

Test(kit_pool_settle, objects_move_to_older_blocks_and_no_other) {
  struct failing_memory failing;
  struct ration_pool pool;
  static uint64_t *objects[3000];
  int calls = 0;
  start(&pool, &failing, &calls);
  for (uint64_t i = 0; i < 3000; i++) {
    objects[i] = ration_pool_take(&pool);
    *objects[i] = i;
  }
  cr_expect_eq(ration_pool_settle(&pool, objects[2999]), objects[2999], "no older one has room");
  for (int i = 0; i < 3000; i++)
    if (i % 2) cr_assert_eq(ration_pool_give(&pool, objects[i]), 0);
  int before = calls;
  for (uint64_t i = 0; i < 3000; i += 2) {
    uint64_t *place = ration_pool_settle(&pool, objects[i]);
    cr_assert_not_null(place);
    if (i < 1024) cr_expect_eq(place, objects[i]);
    objects[i] = place;
    cr_expect_eq(*place, i);
  }
  cr_expect_eq(calls, before, "neither init nor reset is called");
  cr_expect(ration_pool_is_valid(&pool));
  cr_expect_eq(ration_pool_shrink_to_fit(&pool), 0);
  cr_expect(counts_of(&pool).used == 1500 && counts_of(&pool).capacity == 2048);
  for (uint64_t i = 0; i < 3000; i += 2) cr_assert_eq(*objects[i], i);
  ration_pool_done(&pool);
}

Test(kit_pool_settle, refuses_what_is_no_taken_object) {
  struct failing_memory failing;
  struct ration_pool pool;
  start(&pool, &failing, NULL);
  uint64_t *object = ration_pool_take(&pool), local = 0;
  cr_assert_not_null(object);
  void *const wrong[] = {NULL, &local, object + 1, (char *)object + 1};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    cr_expect_null(ration_pool_settle(&pool, wrong[i]));
    cr_expect_eq(errno, EFAULT);
  }
  cr_expect_eq(ration_pool_give(&pool, object), 0);
  cr_expect_null(ration_pool_settle(&pool, object), "it is held back");
  cr_expect_null(ration_pool_settle(NULL, object));
  cr_expect_eq(errno, EINVAL);
  ration_pool_done(&pool);
}

Test(kit_pool_settle, agrees_with_a_plain_list) {
  struct failing_memory failing;
  struct ration_pool pool;
  struct random random = {.seed = 5};
  static uint64_t *objects[MOST];
  size_t count = 0;
  start(&pool, &failing, NULL);
  for (uint64_t round = 1; round < 20000; round++) {
    uint64_t choice = random_below(&random, 4);
    size_t index = count ? random_below(&random, count) : 0;
    if (choice < (round / 4000 % 2 ? 1 : 2)) {
      uint64_t *object = count < MOST ? ration_pool_take(&pool) : NULL;
      if (object) *object = (uint64_t)(uintptr_t)object, objects[count++] = object;
    } else if (count && choice == 2) {
      cr_assert_eq(ration_pool_give(&pool, objects[index]), 0);
      objects[index] = objects[--count];
    } else if (count) {
      uint64_t was = *objects[index];
      objects[index] = ration_pool_settle(&pool, objects[index]);
      cr_assert(objects[index] && *objects[index] == was);
      *objects[index] = (uint64_t)(uintptr_t)objects[index];
    }
    if (round % 500) continue;
    cr_assert_eq(ration_pool_shrink_to_fit(&pool), 0);
    cr_assert(ration_pool_is_valid(&pool) && counts_of(&pool).used == count);
    for (size_t i = 0; i < count; i++) cr_assert_eq(*objects[i], (uint64_t)(uintptr_t)objects[i]);
  }
  ration_pool_done(&pool);
}
