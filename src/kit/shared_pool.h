/*
 * shared_pool.h: a thread's cache of a shared pool: shared_pool.c uses it, thread_caches.c makes, finds and
 * ends it.
 */
#ifndef RATION_SRC_KIT_SHARED_POOL_H
#define RATION_SRC_KIT_SHARED_POOL_H

#include <ration/kit/shared_pool.h>

#include "kit/pool.h"

/*
 * Its thread's own, but for the links and, where no thread uses the pool, all. takes and gives are read by
 * any thread. Two lists hold it: the pool's, changed with both locks, and its thread's, changed with that of
 * thread_caches.c, which is taken last.
 */
struct ration_shared_pool_cache {
  struct ration_shared_pool *pool;
  size_t count, batch;
  uint64_t takes, gives;
  uint64_t takes_due;                                                /* of takes: that many are to be shown */
  struct ration_shared_pool_cache *next, **link;                     /* of the pool's */
  struct ration_shared_pool_cache *next_of_thread, **link_of_thread; /* of the thread's */
  void *objects[RATION_SHARED_POOL_CACHED];
  uint8_t *states[RATION_SHARED_POOL_CACHED]; /* the byte of each: 0 */
};

uint64_t shared_pool_new_id(void);

/* The calling thread's cache, made where there is none; NULL: the pool has none, or there is no memory for
   it. */
struct ration_shared_pool_cache *shared_pool_cache(struct ration_shared_pool *pool);

/* Gives back the `some` objects that were longest in it. */
void shared_pool_give_back(struct ration_shared_pool_cache *cache, size_t some);

/* Ends the caches of all threads. */
void shared_pool_leave_all(struct ration_shared_pool *pool);

#endif
