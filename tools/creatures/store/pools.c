/*
 * pools.c: makes them. Of pages the size is known when the limits are, so that their descriptors are filled in then.
 */
#include "store/pools.h"

#include <errno.h>

#include "memory/limits.h"
#include "store/behaviours.h"
#include "store/memories.h"
#include "store/relations.h"

_Static_assert(MEMORIES_A_PAGE == LIMITS_MEMORIES_A_PAGE,
               "so many pages the limit of pooled objects has in mind");

#define WAIT_MOST   1000u
#define BLOCK_LEAST 1024u /* objects that a pool grows by: ration/kit/pool.h */

static const struct ration_pool_type warm_type = RATION_POOL_TYPE(struct warm);
static const struct ration_pool_type cold_type = RATION_POOL_TYPE(struct cold);
static const struct ration_pool_type memory_type = RATION_POOL_TYPE(struct memory_page);
static struct ration_pool_type relation_type = RATION_POOL_TYPE(struct relation_page);
static struct ration_pool_type behaviour_type = RATION_POOL_TYPE(struct behaviour_page);

static int make(struct creatures *creatures, const struct ration_pool_type *type,
                enum ration_allocator_default category, size_t initial, struct ration_pool **ret_pool);

static struct pool_wait *wait_of(struct creatures *creatures, const struct ration_pool *pool);
static int is_full(const struct ration_pool *pool);

/* Births come before deaths, and in the long run there are up to 1.4 times as many as at first: no frame is to ask for more. */
static size_t room_for(size_t expected) {
  return expected + expected / 2;
}

int pools_init_records(struct creatures *creatures, size_t expected) {
  size_t room = room_for(expected);
  int error = make(creatures, &warm_type, RATION_ALLOCATOR_COMPONENTS, room, &creatures->warm_pool);
  return error ? error : make(creatures, &cold_type, RATION_ALLOCATOR_CREATURES, room, &creatures->cold_pool);
}

int pools_init_pages(struct creatures *creatures, size_t expected) {
  size_t room = room_for(expected), pages = (creatures->memories_most - 1) / MEMORIES_A_PAGE + 1;
  relation_type.size = relations_page_bytes(creatures);
  behaviour_type.size = behaviours_page_bytes(creatures);
  int error =
      make(creatures, &memory_type, RATION_ALLOCATOR_CREATURES, room * pages, &creatures->memory_pages);
  if (!error)
    error = make(creatures, &relation_type, RATION_ALLOCATOR_CREATURES, room, &creatures->relation_pages);
  if (!error)
    error = make(creatures, &behaviour_type, RATION_ALLOCATOR_BEHAVIORS, room, &creatures->behaviour_pages);
  return error;
}

static int make(struct creatures *creatures, const struct ration_pool_type *type,
                enum ration_allocator_default category, size_t initial, struct ration_pool **ret_pool) {
  size_t most = limits_maximum(creatures->limits, RATION_LIMIT_POOLED_OBJECTS);
  struct ration_pool *pool = memory_pool(creatures->memory, type, category, initial, most);
  if (!pool) return -errno;
  *ret_pool = pool;
  return 0;
}

int pools_ask(struct creatures *creatures, struct ration_pool *pool) {
  struct ration_pool_counts counts;
  int answer = ration_pool_stats(pool, &counts);
  if (!answer) answer = ration_limits_add(creatures->limits, RATION_LIMIT_POOLED_OBJECTS, counts.used);
  return answer < 0 ? answer : 0;
}

void *pools_take(struct creatures *creatures, struct ration_pool *pool) {
  int error = pools_ask(creatures, pool);
  struct pool_wait *wait = wait_of(creatures, pool);
  if (!error && is_full(pool) && wait->left) {
    wait->left--;
    error = -ENOMEM;
  }
  if (error) {
    errno = -error;
    return NULL;
  }
  void *object = ration_pool_take_any(pool);
  wait->next = object ? 0 : wait->next < WAIT_MOST ? 2 * wait->next + 1 : wait->next;
  wait->left = wait->next;
  return object;
}

static struct pool_wait *wait_of(struct creatures *creatures, const struct ration_pool *pool) {
  return &creatures->waits[pool == creatures->memory_pages ? 0 : pool == creatures->relation_pages ? 1 : 2];
}

static int is_full(const struct ration_pool *pool) {
  struct ration_pool_counts counts;
  return !ration_pool_stats(pool, &counts) && counts.used == counts.capacity;
}

int pools_is_loose(const struct ration_pool *pool) {
  struct ration_pool_counts counts;
  return !ration_pool_stats(pool, &counts) && counts.capacity - counts.used >= BLOCK_LEAST;
}

void pools_shrink(struct creatures *creatures) {
  ration_pool_shrink_to_fit(creatures->warm_pool);
  ration_pool_shrink_to_fit(creatures->cold_pool);
  ration_pool_shrink_to_fit(creatures->memory_pages);
  ration_pool_shrink_to_fit(creatures->relation_pages);
  ration_pool_shrink_to_fit(creatures->behaviour_pages);
}
