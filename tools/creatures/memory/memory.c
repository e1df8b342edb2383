/*
 * memory.c: the allocator and its pools, the frame arena, and the shim's budgets, which are the allocator's.
 */
#include "memory/memory.h"

#include <errno.h>
#include <string.h>

/* Pools grow by blocks of the least size, so that they can go back one by one; that is asked for, and never happens by
   itself in the middle of a frame. */
#define POOL_GROWTH 1e-6

static int make(struct memory_root *memory);
static int set_budgets(struct memory_root *memory);
static int set_budget(ration_category_id category, uint64_t limit, uint64_t reserve);
static size_t left_for(struct memory_root *memory, enum ration_allocator_default index);
static size_t left_of(struct memory_root *memory, size_t index);

int memory_init(struct memory_root *memory, uint64_t budget) {
  memset(memory, 0, sizeof *memory);
  if (!budget || budget > RATION_BYTES_MOST) return -EINVAL;
  memory->budget = budget;
  int error = make(memory);
  if (!error) error = set_budgets(memory);
  if (error) memory_done(memory);
  return error;
}

static int make(struct memory_root *memory) {
  struct ration_allocator_settings settings = {
      .total = memory->budget,
      .pool = {.growth_factor = POOL_GROWTH, .shrink_threshold = RATION_POOL_NEVER},
      .are_pools_plain = 1};
  int error = ration_allocator_init(&memory->allocator, &settings);
  if (error) return error;
  return ration_frame_arena_init(&memory->frames, memory_of(memory, RATION_ALLOCATOR_TEMPORARY), NULL);
}

/* The same in the shim, so that it shows them, and `ration set` may change them. */
static int set_budgets(struct memory_root *memory) {
  struct ration_allocator_figures figures;
  int error = 0;
  for (size_t i = 0; i < RATION_ALLOCATOR_DEFAULTS && !error; i++) {
    error = ration_allocator_stats(&memory->allocator, i, &figures);
    if (error) break;
    memory->ids[i] = ration_category(figures.path);
    if (figures.limit != SIZE_MAX) error = set_budget(memory->ids[i], figures.limit, 0);
  }
  if (!error) error = ration_allocator_stats(&memory->allocator, RATION_ALLOCATOR_TOTAL, &figures);
  if (error) return error;
  return set_budget(RATION_TOTAL, memory->budget, memory->budget - figures.limit);
}

static int set_budget(ration_category_id category, uint64_t limit, uint64_t reserve) {
  struct ration_budget budget = {
      .size = sizeof budget, .limit_bytes = limit, .reserve_bytes = reserve, .policy = RATION_POLICY_REFUSE};
  if (!limit) return -EINVAL; /* which the shim takes for no budget at all */
  int error = ration_budget_set(category, &budget);
  return error == -ENOTSUP ? 0 : error;
}

/* The shim's budgets stay: the report at the end shows them. */
void memory_done(struct memory_root *memory) {
  ration_frame_arena_done(&memory->frames);
  ration_allocator_done(&memory->allocator);
  memset(memory, 0, sizeof *memory);
}

struct ration_memory *memory_of(struct memory_root *memory, enum ration_allocator_default index) {
  return ration_allocator_category(&memory->allocator, index);
}

struct ration_pool *memory_pool(struct memory_root *memory, const struct ration_pool_type *type,
                                enum ration_allocator_default index, size_t initial, size_t most) {
  struct ration_pools_choice choice = {.pool = {.maximum_capacity = most,
                                                .growth_factor = POOL_GROWTH,
                                                .shrink_threshold = RATION_POOL_NEVER}};
  int error = ration_allocator_set(&memory->allocator, type, index, &choice);
  if (error) {
    errno = -error;
    return NULL;
  }
  struct ration_pool *pool = ration_pools_pool(ration_allocator_pools(&memory->allocator), type);
  size_t share = left_for(memory, index) / 2 / type->size;
  if (initial > share) initial = share;
  if (most && initial > most) initial = most;
  if (pool) ration_pool_reserve(pool, initial);
  return pool;
}

/* Bytes, under its budget and those above it, here and in the shim. */
static size_t left_for(struct memory_root *memory, enum ration_allocator_default index) {
  uint64_t shim = ration_available(memory->ids[index]);
  size_t own = left_of(memory, index), total = left_of(memory, RATION_ALLOCATOR_TOTAL), left = SIZE_MAX;
  if (index == RATION_ALLOCATOR_COMPONENTS || index == RATION_ALLOCATOR_BEHAVIORS)
    left = left_of(memory, RATION_ALLOCATOR_CREATURES);
  if (own < left) left = own;
  if (total < left) left = total;
  return shim < left ? (size_t)shim : left;
}

static size_t left_of(struct memory_root *memory, size_t index) {
  struct ration_allocator_figures figures;
  if (ration_allocator_stats(&memory->allocator, index, &figures)) return 0;
  return figures.limit > figures.used ? figures.limit - figures.used : 0;
}
