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

static const struct ration_pool_type warm_type = RATION_POOL_TYPE(struct warm);
static const struct ration_pool_type cold_type = RATION_POOL_TYPE(struct cold);
static const struct ration_pool_type memory_type = RATION_POOL_TYPE(struct memory_page);
static struct ration_pool_type relation_type = RATION_POOL_TYPE(struct relation_page);
static struct ration_pool_type behaviour_type = RATION_POOL_TYPE(struct behaviour_page);

int pools_init(struct creatures *creatures, size_t expected) {
  struct memory_root *memory = creatures->memory;
  size_t most = limits_maximum(creatures->limits, RATION_LIMIT_POOLED_OBJECTS);
  size_t room = expected + expected / 8; /* births come before deaths */
  size_t pages = room * ((creatures->memories_most - 1) / MEMORIES_A_PAGE + 1);
  relation_type.size = relations_page_bytes(creatures);
  behaviour_type.size = behaviours_page_bytes(creatures);
  struct {
    struct ration_pool **pool;
    const struct ration_pool_type *type;
    enum ration_allocator_default category;
    size_t initial;
  } wanted[] = {{&creatures->warm_pool, &warm_type, RATION_ALLOCATOR_COMPONENTS, room},
                {&creatures->cold_pool, &cold_type, RATION_ALLOCATOR_CREATURES, room},
                {&creatures->memory_pages, &memory_type, RATION_ALLOCATOR_CREATURES, pages},
                {&creatures->relation_pages, &relation_type, RATION_ALLOCATOR_CREATURES, room},
                {&creatures->behaviour_pages, &behaviour_type, RATION_ALLOCATOR_BEHAVIORS, room}};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    *wanted[i].pool = memory_pool(memory, wanted[i].type, wanted[i].category, wanted[i].initial, most);
    if (!*wanted[i].pool) return -errno;
  }
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
  if (!error) return ration_pool_take_any(pool);
  errno = -error;
  return NULL;
}

void pools_shrink(struct creatures *creatures) {
  ration_pool_shrink_to_fit(creatures->warm_pool);
  ration_pool_shrink_to_fit(creatures->cold_pool);
  ration_pool_shrink_to_fit(creatures->memory_pages);
  ration_pool_shrink_to_fit(creatures->relation_pages);
  ration_pool_shrink_to_fit(creatures->behaviour_pages);
}
