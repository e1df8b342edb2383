/*
 * records_packed.c: tests of ration/kit/records.h: demoted records that are packed, dropped and moved ones.
 */
#include <ration/kit/compress.h>
#include <ration/kit/debug.h>
#include <ration/kit/pool.h>
#include <ration/kit/records.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/random.h"
#include "kit/failing_memory.h"

struct hot {
  uint32_t number;
};
struct warm {
  uint64_t words[32];
};
struct cold {
  uint32_t number;
};

RATION_RECORDS(things, struct hot, struct warm, struct cold);

static const struct ration_pool_type warm_type = RATION_POOL_TYPE(struct warm);

static void expect_null(const void *record, int error) {
  cr_expect_null(record);
  cr_expect_eq(errno, error, "errno %d, not %d", errno, error);
}

static struct ration_records_figures figures_of(const struct things *things) {
  struct ration_records_figures figures;
  cr_assert_eq(ration_records_stats(&things->records, &figures), 0);
  return figures;
}

static void start(struct things *things, struct failing_memory *warm, struct failing_memory *cold) {
  struct ration_records_settings settings = {.compression = ration_compression_lz4()};
  failing_memory_init(warm, SIZE_MAX);
  failing_memory_init(cold, SIZE_MAX);
  cr_assert_eq(things_init(things, NULL, &warm->memory, &cold->memory, &settings), 0);
}

/* One whose words are all the same, or all different. */
static uint64_t add(struct things *things, uint64_t word, int is_random) {
  uint64_t id = 0;
  struct random random = {.seed = word};
  cr_assert_eq(things_add(things, &id), 0);
  for (int i = 0; i < 32; i++)
    things_warm(things, id)->words[i] = is_random ? random_below(&random, UINT64_MAX) : word;
  return id;
}

static struct ration_records_slot *slot_of(const struct things *things, uint64_t id) {
  return ration_records_slot_of(&things->records, id);
}

Test(kit_records_packed, takes_as_many_bytes_as_it_needs_and_comes_back) {
  struct failing_memory warm, cold;
  struct things things;
  start(&things, &warm, &cold);
  uint64_t id = add(&things, 7, 0), other = add(&things, 8, 0);
  struct warm before = *things_warm(&things, id), copy;
  cr_expect_eq(things_demote(&things, id), 0);
  cr_expect_eq(things_demote(&things, id), -EALREADY);
  cr_expect_eq(warm.bytes, sizeof(struct warm));
  cr_expect(cold.blocks == 1 && cold.bytes < 64 && cold.bytes == slot_of(&things, id)->packed_bytes);
  struct ration_records_figures figures = figures_of(&things);
  cr_expect(figures.warm_count == 1 && figures.demoted_count == 1 && figures.demoted_bytes == cold.bytes);
  cr_expect_null(things_warm_at(&things, 0));
  cr_expect_eq(things_warm_at(&things, 1), things_warm(&things, other));
  cr_expect_eq(things_read_warm(&things, id, &copy), 0);
  cr_expect_eq(memcmp(&copy, &before, sizeof copy), 0);
  cr_expect_eq(things_is_demoted(&things, id), 1, "a copy leaves it where it is");
  cr_expect(ration_records_is_valid(&things.records));
  cr_expect_eq(memcmp(things_warm(&things, id), &before, sizeof before), 0);
  cr_expect(cold.blocks == 0 && warm.blocks == 2);
  cr_expect_eq(figures_of(&things).demoted_bytes, 0);
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
  cr_expect_eq(warm.blocks + warm.bytes + cold.blocks + cold.bytes, 0);
}

Test(kit_records_packed, is_stored_as_it_is_where_packing_makes_it_no_smaller) {
  struct failing_memory warm, cold;
  struct things things;
  start(&things, &warm, &cold);
  uint64_t id = add(&things, 7, 1);
  struct warm before = *things_warm(&things, id);
  cr_expect_eq(things_demote(&things, id), 0);
  cr_expect_eq(cold.bytes, sizeof(struct warm));
  cr_expect_eq(slot_of(&things, id)->packed_bytes, 0);
  cr_expect_eq(figures_of(&things).demoted_bytes, sizeof(struct warm));
  cr_expect(ration_records_is_valid(&things.records));
  cr_expect_eq(memcmp(things_warm(&things, id), &before, sizeof before), 0);
  things_done(&things);
}

Test(kit_records_packed, corrupt_bytes_are_told_and_stay) {
  struct failing_memory warm, cold;
  struct things things;
  start(&things, &warm, &cold);
  uint64_t id = add(&things, 7, 0);
  struct warm copy;
  cr_assert_eq(things_demote(&things, id), 0);
  unsigned char *packed = slot_of(&things, id)->warm;
  uint32_t bytes = slot_of(&things, id)->packed_bytes;
  for (uint32_t i = 0; i < bytes; i++) {
    packed[i] ^= 0x10;
    expect_null(things_warm(&things, id), EBADMSG);
    cr_expect_eq(things_read_warm(&things, id, &copy), -EBADMSG);
    cr_expect_eq(things_is_demoted(&things, id), 1);
    packed[i] ^= 0x10;
  }
  cr_expect(warm.blocks == 0 && cold.blocks == 1);
  cr_expect_eq(things_warm(&things, id)->words[31], 7);
  cr_assert_eq(things_demote(&things, id), 0);
  memset(slot_of(&things, id)->warm, 0xff, 8);
  cr_expect_eq(things_drop_warm(&things, id), 0);
  cr_expect_eq(things_warm(&things, id)->words[0], 0, "a new one");
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
  cr_expect_eq(warm.blocks + warm.bytes + cold.blocks + cold.bytes, 0);
}

Test(kit_records_packed, is_as_before_where_a_memory_refuses) {
  struct failing_memory warm, cold;
  struct things things;
  start(&things, &warm, &cold);
  uint64_t id = add(&things, 7, 0), other = add(&things, 9, 0);
  cold.left = 0;
  cr_expect_eq(things_demote(&things, id), -ENOMEM);
  cr_expect_eq(things_is_demoted(&things, id), 0);
  cold.left = 1;
  cr_expect_eq(things_demote(&things, id), 0);
  warm.left = 0;
  expect_null(things_warm(&things, id), ENOMEM);
  cr_expect_eq(things_is_demoted(&things, id), 1);
  cr_expect_eq(things_drop_warm(&things, other), 0);
  expect_null(things_warm(&things, other), ENOMEM);
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
  struct ration_records_settings settings = {.compression = ration_compression_lz4()};
  warm.left = 0;
  cr_expect_eq(things_init(&things, &warm.memory, NULL, NULL, &settings), -ENOMEM, "no room to pack in");
  settings.compression = &(struct ration_compression){.name = "none"};
  cr_expect_eq(things_init(&things, NULL, NULL, NULL, &settings), -EINVAL);
  cr_expect_eq(warm.blocks + cold.blocks, 0);
}

/* debug.h knows how large each block is, and counts those that are given back otherwise. */
Test(kit_records_packed, gives_back_what_it_asked_for) {
  struct ration_debug debug;
  struct ration_records_settings settings = {.compression = ration_compression_lz4()};
  struct ration_debug_figures figures;
  struct things things;
  uint64_t ids[12];
  cr_assert_eq(ration_debug_init(&debug, NULL, NULL), 0);
  struct ration_memory *memory = &debug.memory;
  cr_assert_eq(things_init(&things, memory, memory, memory, &settings), 0);
  for (uint64_t i = 0; i < 12; i++) ids[i] = add(&things, i + 1, i % 2);
  for (int i = 0; i < 12; i++) cr_expect_eq(things_demote(&things, ids[i]), 0);
  for (int i = 0; i < 4; i++) cr_expect_eq(things_remove(&things, ids[i]), 0);
  for (int i = 4; i < 6; i++) cr_expect_eq(things_drop_warm(&things, ids[i]), 0);
  for (int i = 6; i < 9; i++) cr_expect_not_null(things_warm(&things, ids[i]));
  cr_expect(ration_records_is_valid(&things.records));
  things_done(&things);
  cr_assert_eq(ration_debug_stats(&debug, &figures), 0);
  cr_expect_eq(figures.live_blocks, 0);
  cr_expect_eq(ration_debug_check(&debug, NULL), 0);
  cr_expect_eq(figures.faults, 0);
  ration_debug_done(&debug);
}

Test(kit_records_packed, a_dropped_record_is_made_anew_when_asked_for) {
  struct things things;
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, NULL), 0);
  uint64_t id = add(&things, 7, 0);
  struct warm copy;
  cr_expect_eq(things_drop_warm(&things, id), 0);
  cr_expect_eq(things_drop_warm(&things, id), -ENOENT);
  cr_expect_eq(things_demote(&things, id), -ENOENT);
  cr_expect_eq(things_read_warm(&things, id, &copy), -ENOENT);
  cr_expect_eq(things_read_warm(&things, id, NULL), -EINVAL);
  cr_expect_eq(things_drop_warm(&things, id + 1), -ENOENT);
  cr_expect_eq(figures_of(&things).warm_count, 0);
  cr_expect(ration_records_is_valid(&things.records));
  cr_expect_eq(things_warm(&things, id)->words[0], 0);
  cr_expect_eq(figures_of(&things).warm_count, 1);
  cr_expect_eq(things_remove(&things, id), 0);
  cr_expect_eq(ration_records_drop_warm(NULL, id), -EINVAL);
  things_done(&things);
}

Test(kit_records_packed, shows_by_position_what_is_there) {
  struct things things;
  cr_assert_eq(things_init(&things, NULL, NULL, NULL, NULL), 0);
  uint64_t one = add(&things, 1, 0), two = add(&things, 2, 0);
  cr_expect_null(things_cold_at(&things, 1));
  cr_expect_eq(things_cold(&things, two), things_cold_at(&things, 1));
  cr_expect_eq(ration_records_place_at(&things.records, 1), (uint32_t)two);
  cr_expect_eq(things_remove(&things, one), 0);
  cr_expect_eq(ration_records_place_at(&things.records, 0), (uint32_t)two);
  cr_expect_eq(ration_records_place_at(&things.records, 1), UINT32_MAX);
  cr_expect_null(things_warm_at(&things, 1));
  cr_expect_null(things_cold_at(&things, 1));
  cr_expect_null(ration_records_warm_at(NULL, 0));
  things_done(&things);
}

static void *settle(void *pool, void *warm) {
  return ration_pool_settle(pool, warm);
}

Test(kit_records_packed, moved_records_leave_the_newest_blocks_of_a_pool) {
  struct ration_pool pool;
  struct things things;
  static uint64_t ids[3000];
  cr_assert_eq(ration_pool_init(&pool, &warm_type, &(struct ration_pool_settings){.growth_factor = 1e-6}), 0);
  cr_assert_eq(things_init(&things, NULL, ration_pool_memory(&pool), NULL, NULL), 0);
  for (uint64_t i = 0; i < 3000; i++) ids[i] = add(&things, i, 0);
  for (int i = 0; i < 3000; i++)
    if (i % 3) cr_assert_eq(things_demote(&things, ids[i]), 0);
  cr_expect_gt(things_move_warm(&things, settle, &pool), 0);
  cr_expect_eq(things_move_warm(&things, settle, &pool), 0, "they lie in order");
  cr_expect_eq(things_move_warm(&things, NULL, &pool), 0);
  cr_assert_eq(ration_pool_shrink_to_fit(&pool), 0);
  struct ration_pool_counts counts;
  cr_assert_eq(ration_pool_stats(&pool, &counts), 0);
  cr_expect(counts.used == 1000 && counts.capacity == 1024);
  for (uint64_t i = 0; i < 3000; i++) cr_expect_eq(things_warm(&things, ids[i])->words[9], i);
  cr_expect(ration_records_is_valid(&things.records) && ration_pool_is_valid(&pool));
  things_done(&things);
  ration_pool_done(&pool);
}
