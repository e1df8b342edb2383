/*
 * herd.h: a store of creatures with memory and limits of its own, for tests.
 */
#ifndef RATION_TESTS_CREATURES_HERD_H
#define RATION_TESTS_CREATURES_HERD_H

#include <criterion/criterion.h>

#include "memory/limits.h"
#include "memory/memory.h"
#include "store/creatures.h"

struct herd {
  struct memory_root memory;
  struct ration_limits limits;
  struct creatures creatures;
};

static inline void herd_start(struct herd *herd, uint64_t budget, const char *limits, size_t expected) {
  const char *wrong = NULL;
  cr_assert_eq(memory_init(&herd->memory, budget), 0);
  cr_assert_eq(limits_fill(&herd->limits, NULL, expected, limits, &wrong), 0, "%s", wrong);
  cr_assert_eq(creatures_init(&herd->creatures, &herd->memory, &herd->limits, expected), 0);
}

/* Whatever is there, nothing is left. */
static inline void herd_end(struct herd *herd) {
  struct ration_allocator_figures figures;
  cr_expect(creatures_is_valid(&herd->creatures));
  creatures_done(&herd->creatures);
  ration_limits_done(&herd->limits);
  struct ration_pools *pools = ration_allocator_pools(&herd->memory.allocator);
  struct ration_pool_counts counts;
  cr_expect_eq(ration_pools_total(pools, &counts), 0);
  cr_expect_eq(counts.used, 0);
  cr_expect_eq(ration_pools_shrink_to_fit(pools), 0);
  cr_expect_eq(ration_allocator_stats(&herd->memory.allocator, RATION_ALLOCATOR_CREATURES, &figures), 0);
  ration_pools_done(pools);
  cr_expect_eq(ration_allocator_stats(&herd->memory.allocator, RATION_ALLOCATOR_CREATURES, &figures), 0);
  cr_expect_eq(figures.used, 0, "%zu bytes are left", figures.used);
  memory_done(&herd->memory);
}

static inline uint64_t herd_add(struct herd *herd) {
  uint64_t id = 0;
  cr_assert_eq(creatures_add(&herd->creatures, &id), 0);
  return id;
}

static inline struct cold *herd_cold(struct herd *herd, uint64_t id) {
  return creatures_cold(&herd->creatures, creatures_find(&herd->creatures, id));
}

static inline uint64_t herd_counted(const struct herd *herd, size_t limit, int is_refused) {
  struct ration_limit_figures figures = {.refused = 0};
  cr_assert_eq(ration_limits_stats(&herd->limits, limit, &figures), 0);
  return is_refused ? figures.refused : figures.dropped;
}

#endif
