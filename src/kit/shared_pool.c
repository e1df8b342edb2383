/*
 * shared_pool.c: a cache of each thread in front of an object pool with a lock; what becomes of caches when
 * threads end is in thread_caches.c.
 */
#include <errno.h>
#include <string.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "kit/fail.h"
#include "kit/shared_pool.h"

static const struct ration_memory_type memory_type;

/* The calls of `reset` that this thread is in, the innermost first: of no concern to others. */
struct resetting {
  const struct ration_shared_pool *pool;
  const struct resetting *outer;
};
static __thread STATIC_TLS const struct resetting *resetting;

static void reset(struct ration_shared_pool *pool, void *object);
static void reset_all(struct ration_shared_pool *pool);
static int refill(struct ration_shared_pool *pool, struct ration_shared_pool_cache *cache);
static void show_takes(struct ration_shared_pool *pool, struct ration_shared_pool_cache *cache);
static void *take_uncached(struct ration_shared_pool *pool);
static void give_uncached(struct ration_shared_pool *pool, void *object);
static void count(const struct ration_shared_pool *pool, struct ration_pool_counts *ret_counts);
static void show(const struct ration_pool_counts *counts, void *context);

int ration_shared_pool_init(struct ration_shared_pool *pool, const struct ration_pool_type *type,
                            const struct ration_pool_settings *settings) {
  if (!pool) return -EINVAL;
  memset(pool, 0, sizeof *pool);
  struct ration_pool_settings own = settings ? *settings : (struct ration_pool_settings){0};
  int error = pool_init_shared(&pool->pool, type, &own);
  if (error) return error;
  error = -pthread_mutex_init(&pool->lock, NULL);
  if (error) {
    ration_pool_done(&pool->pool);
    return error;
  }
  pool->memory.type = &memory_type;
  pool->size = type->size;
  size_t cached = pool->pool.maximum / 64;
  pool->cached_most = cached < 2                           ? 0
                      : cached < RATION_SHARED_POOL_CACHED ? cached
                                                           : RATION_SHARED_POOL_CACHED;
  pool->init = type->init;
  pool->reset = type->reset;
  pool->context = own.context;
  pool->id = shared_pool_new_id();
  return 0;
}

void ration_shared_pool_done(struct ration_shared_pool *pool) {
  if (!pool || !pool->id) return;
  shared_pool_leave_all(pool);
  pthread_mutex_destroy(&pool->lock);
  ration_pool_done(&pool->pool);
  memset(pool, 0, sizeof *pool);
}

/* ---- take and give ------------------------------------------------------------------------------------- */

void *ration_shared_pool_take(struct ration_shared_pool *pool) {
  void *object = ration_shared_pool_take_any(pool);
  if (!object) return NULL;
  if (pool->init)
    pool->init(object, pool->context);
  else
    ration_pool_zero(object, pool->size);
  return object;
}

void *ration_shared_pool_take_any(struct ration_shared_pool *pool) {
  if (!pool || !pool->id) return fail(-EINVAL);
  struct ration_shared_pool_cache *cache = shared_pool_cache(pool);
  if (!cache) return take_uncached(pool);
  if (!cache->count) {
    int error = refill(pool, cache);
    if (error) return fail(error);
  }
  size_t last = --cache->count;
  store_relaxed(cache->states[last], POOL_TAKEN); /* none but this thread has the object now */
  add_owned(&cache->takes, 1);
  if (UNLIKELY(cache->takes >= cache->takes_due)) show_takes(pool, cache);
  return cache->objects[last];
}

/* Those of a cache that is never filled are seen by no one else. */
static SLOW_PATH void show_takes(struct ration_shared_pool *pool, struct ration_shared_pool_cache *cache) {
  cache->takes_due = cache->takes + (cache->takes / 64 > 1 ? cache->takes / 64 : 1) + 1;
  ration_shared_pool_publish(pool);
}

int ration_shared_pool_give(struct ration_shared_pool *pool, void *object) {
  size_t number;
  if (!pool || !pool->id || !object) return -EINVAL;
  struct ration_pool_block *block = pool_index_find(&pool->pool, (uintptr_t)object, &number);
  if (!block) return -EFAULT;
  uint8_t *state = &block->states[number];
  if (!exchange_relaxed(state, 0))
    return -EALREADY; /* the object itself passes from thread to thread by the lock */
  if (pool->reset) reset(pool, object);
  struct ration_shared_pool_cache *cache = shared_pool_cache(pool);
  if (!cache) {
    give_uncached(pool, object);
    return 0;
  }
  if (cache->count == pool->cached_most) shared_pool_give_back(cache, (pool->cached_most + 1) / 2);
  cache->objects[cache->count] = object;
  cache->states[cache->count++] = state;
  add_owned(&cache->gives, 1);
  return 0;
}

static void reset(struct ration_shared_pool *pool, void *object) {
  struct resetting this = {pool, resetting};
  resetting = &this;
  pool->reset(object, pool->context);
  resetting = this.outer;
}

static int is_resetting(const struct ration_shared_pool *pool) {
  const struct resetting *at = resetting;
  while (at && at->pool != pool) at = at->outer;
  return at != NULL;
}

static SLOW_PATH int refill(struct ration_shared_pool *pool, struct ration_shared_pool_cache *cache) {
  size_t number, most = (pool->cached_most + 1) / 2;
  int old_errno = errno, error = 0;
  pthread_mutex_lock(&pool->lock);
  while (cache->count < cache->batch) {
    void *object = ration_pool_take_any(&pool->pool);
    if (!object) {
      error = -errno;
      break;
    }
    struct ration_pool_block *block = pool_index_find(&pool->pool, (uintptr_t)object, &number);
    cache->objects[cache->count] = object;
    cache->states[cache->count++] = &block->states[number];
  }
  pthread_mutex_unlock(&pool->lock);
  errno = old_errno;
  if (!cache->count) return error;
  cache->batch = cache->batch * 2 < most ? cache->batch * 2 : most;
  return 0;
}

static SLOW_PATH void *take_uncached(struct ration_shared_pool *pool) {
  size_t number;
  pthread_mutex_lock(&pool->lock);
  void *object = ration_pool_take_any(&pool->pool);
  if (object) {
    struct ration_pool_block *block = pool_index_find(&pool->pool, (uintptr_t)object, &number);
    store_relaxed(&block->states[number], POOL_TAKEN); /* as in take_any */
    pool->past_takes++;
  }
  pthread_mutex_unlock(&pool->lock);
  return object;
}

static SLOW_PATH void give_uncached(struct ration_shared_pool *pool, void *object) {
  pthread_mutex_lock(&pool->lock);
  ration_pool_give(&pool->pool, object);
  pool->past_gives++;
  pthread_mutex_unlock(&pool->lock);
}

/* ---- the pool as a whole ------------------------------------------------------------------------------- */

int ration_shared_pool_clear(struct ration_shared_pool *pool) {
  if (!pool || !pool->id) return -EINVAL;
  if (is_resetting(pool)) return -EBUSY;
  if (pool->reset) reset_all(pool);
  for (size_t slot = 0; slot < pool->pool.index->slots; slot++) {
    struct block *block = pool->pool.index->blocks[slot];
    if (block) memset(block->seen.states, 0, block->seen.count);
  }
  pthread_mutex_lock(&pool->lock);
  struct ration_pool_counts counts;
  count(pool, &counts);
  pool->past_gives += counts.used;
  for (struct ration_shared_pool_cache *cache = pool->caches; cache; cache = cache->next) cache->count = 0;
  ration_pool_clear(&pool->pool);
  pthread_mutex_unlock(&pool->lock);
  return 0;
}

/* Those that are taken now, each once, whatever `reset` takes and gives meanwhile. No other thread is here. */
static void reset_all(struct ration_shared_pool *pool) {
  for (size_t slot = 0; slot < pool->pool.index->slots; slot++) {
    struct block *block = pool->pool.index->blocks[slot];
    for (size_t number = 0; block && number < block->seen.count; number++)
      if (block->seen.states[number]) block->seen.states[number] = POOL_DUE;
  }
  for (size_t slot = 0; slot < pool->pool.index->slots; slot++) {
    struct block *block = pool->pool.index->blocks[slot];
    for (size_t number = 0; block && number < block->seen.count; number++) {
      if (block->seen.states[number] != POOL_DUE) continue;
      block->seen.states[number] = 0;
      reset(pool, block->objects + number * pool->pool.stride);
    }
  }
}

int ration_shared_pool_shrink_to_fit(struct ration_shared_pool *pool) {
  if (!pool || !pool->id) return -EINVAL;
  struct ration_shared_pool_cache *cache = shared_pool_cache(pool);
  if (cache) shared_pool_give_back(cache, cache->count);
  pthread_mutex_lock(&pool->lock);
  ration_pool_shrink_to_fit(&pool->pool);
  pthread_mutex_unlock(&pool->lock);
  return 0;
}

int ration_shared_pool_stats(struct ration_shared_pool *pool, struct ration_pool_counts *ret_counts) {
  if (!pool || !ret_counts) return -EINVAL;
  if (!pool->id) {
    memset(ret_counts, 0, sizeof *ret_counts);
    return 0;
  }
  pthread_mutex_lock(&pool->lock);
  count(pool, ret_counts);
  pthread_mutex_unlock(&pool->lock);
  return 0;
}

/* With the lock. Each thread's counts are read once, while it may go on: gives first, so that none is missing
   a take. */
static void count(const struct ration_shared_pool *pool, struct ration_pool_counts *ret_counts) {
  uint64_t takes = pool->past_takes, gives = pool->past_gives;
  for (struct ration_shared_pool_cache *cache = pool->caches; cache; cache = cache->next)
    gives += load_relaxed(&cache->gives);
  for (struct ration_shared_pool_cache *cache = pool->caches; cache; cache = cache->next)
    takes += load_relaxed(&cache->takes);
  ration_pool_stats(&pool->pool, ret_counts);
  size_t most = ret_counts->used;
  ret_counts->used = takes > gives ? (size_t)(takes - gives) : 0;
  if (ret_counts->used > most) ret_counts->used = most;
  if (ret_counts->peak > takes) ret_counts->peak = (size_t)takes; /* the rest was cached */
  ret_counts->takes = takes;
  ret_counts->hits = takes > pool->pool.misses ? takes - pool->pool.misses : 0;
}

int ration_shared_pool_has(const struct ration_shared_pool *pool, const void *object) {
  size_t number;
  if (!pool || !pool->id || !object) return 0;
  struct ration_pool_block *block = pool_index_find(&pool->pool, (uintptr_t)object, &number);
  return block && load_relaxed(&block->states[number]); /* of this moment */
}

int ration_shared_pool_watch(struct ration_shared_pool *pool, ration_pool_hook hook, void *context) {
  if (!pool || !pool->id) return -EINVAL;
  pthread_mutex_lock(&pool->lock);
  pool->hook = hook;
  pool->hook_context = context;
  ration_pool_watch(&pool->pool, hook ? show : NULL, pool);
  pthread_mutex_unlock(&pool->lock);
  return 0;
}

void ration_shared_pool_publish(struct ration_shared_pool *pool) {
  if (!pool || !pool->id) return;
  pthread_mutex_lock(&pool->lock);
  ration_pool_publish(&pool->pool);
  pthread_mutex_unlock(&pool->lock);
}

static void show(const struct ration_pool_counts *inner, void *context) {
  const struct ration_shared_pool *pool = context;
  struct ration_pool_counts counts;
  (void)inner; /* has what is cached among the used */
  count(pool, &counts);
  pool->hook(&counts, pool->hook_context);
}

/* With nothing else going on:  used == objects whose byte is 1;  inner used == used + cached;  what is cached
   is not used */
int ration_shared_pool_is_valid(struct ration_shared_pool *pool) {
  if (!pool || !pool->id || !ration_pool_is_valid(&pool->pool)) return 0;
  size_t used = 0, cached = 0;
  const struct ration_pool_index *index = pool->pool.index;
  for (size_t slot = 0; slot < index->slots; slot++)
    for (size_t i = 0; index->blocks[slot] && i < index->blocks[slot]->seen.count; i++)
      used += load_relaxed(&index->blocks[slot]->seen.states[i]); /* nobody else is here */
  for (struct ration_shared_pool_cache *cache = pool->caches; cache; cache = cache->next) {
    if (cache->count > pool->cached_most || cache->pool != pool) return 0;
    for (size_t i = 0; i < cache->count; i++)
      if (!ration_pool_has(&pool->pool, cache->objects[i]) || *cache->states[i]) return 0;
    cached += cache->count;
  }
  struct ration_pool_counts outer, inner;
  ration_pool_stats(&pool->pool, &inner);
  count(pool, &outer);
  return outer.used == used && inner.used == used + cached;
}

/* ---- the pool as a memory ------------------------------------------------------------------------------ */

struct ration_memory *ration_shared_pool_memory(struct ration_shared_pool *pool) {
  return pool ? &pool->memory : NULL;
}

static struct ration_shared_pool *pool_of(struct ration_memory *memory) {
  return (struct ration_shared_pool *)(void *)memory;
}

static void *allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  struct ration_shared_pool *pool = pool_of(memory);
  if (size > pool->size) return fail(-ENOSPC);
  return alignment > pool->pool.alignment ? fail(-EINVAL) : ration_shared_pool_take(pool);
}

static void *reallocate(struct ration_memory *memory, void *block, size_t size, size_t new_size,
                        size_t alignment) {
  struct ration_shared_pool *pool = pool_of(memory);
  (void)size;
  if (!ration_shared_pool_has(pool, block)) return fail(-EFAULT);
  if (new_size > pool->size) return fail(-ENOSPC);
  return alignment > pool->pool.alignment ? fail(-EINVAL) : block;
}

static int release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  (void)size, (void)alignment;
  return ration_shared_pool_give(pool_of(memory), block);
}

static const struct ration_memory_type memory_type = {
    .name = "shared pool", .allocate = allocate, .reallocate = reallocate, .release = release};
