/*
 * memories.c: tests of tools/creatures/store/memories.h.
 */
#include "creatures/herd.h"

#include <errno.h>

#include "base/random.h"
#include "store/memories.h"

#define BUDGET ((uint64_t)64 << 20)

/* The frames of all memories, from the oldest on; how many there are. */
static uint32_t frames_of(const struct cold *cold, uint32_t *ret_frames) {
  const struct memory_page *page = NULL;
  const struct memory *some;
  uint32_t count = 0, all = 0;
  while ((some = memories_next(cold, &page, &count)))
    for (uint32_t i = 0; i < count; i++) ret_frames[all++] = some[i].frame;
  return all;
}

static void expect_run(const struct cold *cold, uint32_t first, uint32_t count) {
  uint32_t frames[300];
  cr_assert_eq(cold->memories.count, count);
  cr_assert_eq(frames_of(cold, frames), count);
  for (uint32_t i = 0; i < count; i++) cr_assert_eq(frames[i], first + i, "%u is %u", i, frames[i]);
}

static int add(struct herd *herd, struct cold *cold, uint32_t frame) {
  return memories_add(&herd->creatures, cold, &(struct memory){.frame = frame});
}

static size_t pages_in_use(const struct herd *herd) {
  struct ration_pool_counts counts = {.used = 0};
  cr_assert_eq(ration_pool_stats(herd->creatures.memory_pages, &counts), 0);
  return counts.used;
}

Test(memories, of_one_more_than_the_limit_the_oldest_goes_whatever_the_limit) {
  static const char *const limits[] = {"memories=1",  "memories=7",  "memories=24", "memories=25",
                                       "memories=26", "memories=49", "memories=60", "memories=100"};
  static const uint32_t most[] = {1, 7, 24, 25, 26, 49, 60, 100};
  for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
    struct herd herd;
    herd_start(&herd, BUDGET, limits[i], 1);
    struct cold *cold = herd_cold(&herd, herd_add(&herd));
    for (uint32_t frame = 0; frame < 400; frame++) {
      cr_assert_eq(add(&herd, cold, frame), frame >= most[i]);
      uint32_t count = frame < most[i] ? frame + 1 : most[i];
      expect_run(cold, frame + 1 - count, count);
      cr_assert_leq(pages_in_use(&herd), (most[i] + 24) / 25, "as few pages as can be");
    }
    cr_expect_eq(herd_counted(&herd, RATION_LIMIT_MEMORIES, 0), 400 - most[i]);
    herd_end(&herd);
  }
}

Test(memories, without_a_page_the_oldest_makes_room) {
  struct herd herd;
  herd_start(&herd, BUDGET, "pooled_objects=2", 1);
  struct cold *cold = herd_cold(&herd, herd_add(&herd)), *other = herd_cold(&herd, herd_add(&herd));
  for (uint32_t frame = 0; frame < 50; frame++) cr_assert_eq(add(&herd, cold, frame), 0);
  for (uint32_t frame = 50; frame < 200; frame++) {
    cr_assert_eq(add(&herd, cold, frame), 1);
    expect_run(cold, frame - 49, 50);
  }
  cr_expect_eq(add(&herd, other, 0), -ENOMEM);
  cr_expect_eq(other->memories.count, 0);
  cr_expect_gt(herd_counted(&herd, RATION_LIMIT_POOLED_OBJECTS, 1), 0);
  cr_expect_gt(memories_keep(&herd.creatures, cold, 3), 0);
  cr_expect_eq(add(&herd, other, 0), 0);
  herd_end(&herd);
}

Test(memories, a_budget_that_refuses_is_not_asked_each_time) {
  struct herd herd;
  struct ration_allocator_figures figures;
  herd_start(&herd, 10 << 20, NULL, 1);
  struct cold *cold = herd_cold(&herd, herd_add(&herd));
  struct ration_memory *memory = memory_of(&herd.memory, RATION_ALLOCATOR_CREATURES);
  cr_assert_eq(ration_allocator_stats(&herd.memory.allocator, RATION_ALLOCATOR_CREATURES, &figures), 0);
  size_t rest = figures.limit - figures.used;
  void *all = ration_memory_allocate(memory, rest, 16);
  cr_assert_not_null(all);
  struct ration_pool *pages = herd.creatures.memory_pages;
  while (ration_pool_take(pages)) continue;
  for (uint32_t i = 0; i < 5000; i++) cr_assert_eq(add(&herd, cold, i), -ENOMEM);
  cr_assert_eq(ration_allocator_stats(&herd.memory.allocator, RATION_ALLOCATOR_CREATURES, &figures), 0);
  cr_expect(figures.refusals > 5 && figures.refusals < 50, "%lu", (unsigned long)figures.refusals);
  ration_memory_release(memory, all, rest, 16);
  int error = -ENOMEM;
  for (uint32_t i = 0; i < 1100 && error; i++) error = add(&herd, cold, i);
  cr_expect_eq(error, 0, "in the end it is");
  cr_expect_eq(ration_pool_clear(pages), 0);
  cold->memories = (struct memories){.count = 0};
  herd_end(&herd);
}

Test(memories, the_newest_are_kept_in_as_few_pages_as_hold_them) {
  for (uint32_t added = 1; added < 260; added += 3) {
    struct herd herd;
    herd_start(&herd, BUDGET, NULL, 1);
    struct cold *cold = herd_cold(&herd, herd_add(&herd));
    for (uint32_t frame = 0; frame < added; frame++) add(&herd, cold, frame);
    size_t before = pages_in_use(&herd);
    uint32_t kept = added < 10 ? added : 10;
    size_t bytes = memories_keep(&herd.creatures, cold, 10);
    expect_run(cold, added - kept, kept);
    cr_expect_eq(pages_in_use(&herd), 1);
    cr_expect_eq(bytes, (before - 1) * sizeof(struct memory_page));
    cr_expect_eq(add(&herd, cold, added), 0);
    expect_run(cold, added - kept, kept + 1);
    cr_expect(creatures_is_valid(&herd.creatures));
    cr_expect_geq(memories_keep(&herd.creatures, cold, 0), sizeof(struct memory_page));
    cr_expect_eq(pages_in_use(&herd), 0);
    herd_end(&herd);
  }
}

Test(memories, others_take_their_place_all_or_none) {
  struct herd herd;
  struct memory memories[130];
  for (uint32_t i = 0; i < 130; i++) memories[i] = (struct memory){.frame = i};
  herd_start(&herd, BUDGET, "pooled_objects=5", 1);
  struct cold *cold = herd_cold(&herd, herd_add(&herd)), *other = herd_cold(&herd, herd_add(&herd));
  cr_expect_eq(memories_set(&herd.creatures, cold, memories, 60), 0);
  expect_run(cold, 0, 60);
  cr_expect_eq(memories_set(&herd.creatures, other, memories, 60), -ENOSPC);
  expect_run(other, 0, 0);
  cr_expect_eq(memories_set(&herd.creatures, cold, memories, 130), 0);
  expect_run(cold, 30, 100);
  cr_expect_eq(memories_set(&herd.creatures, other, memories + 3, 20), 0);
  expect_run(other, 3, 20);
  cr_expect_eq(memories_set(&herd.creatures, other, memories, 30), -ENOSPC);
  expect_run(other, 3, 20);
  cr_expect_eq(memories_set(&herd.creatures, cold, NULL, 0), 0);
  cr_expect_eq(pages_in_use(&herd), 1);
  herd_end(&herd);
}
