/*
 * thread_caches.c: which caches of shared pools a thread has, and that they end with it, or with the pool.
 *
 * One lock for all lists, taken when a thread uses a pool first, when it ends, and when a pool is done: never
 * on the way of a take or give. Nothing is locked after it, and no memory is asked for or given back with it,
 * since that may be another shared pool's. So a pool that is done waits for threads that are just leaving it.
 * A thread finds its cache by a table of its own, in which an entry that is left over from a pool that is
 * done has an id which no pool has any more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "kit/shared_pool.h"

#define ENTRIES 64

struct entry {
  uint64_t id;
  struct ration_shared_pool_cache *cache;
};

/* On the heap, since a thread's own storage may end before the last pool is done, and is scarce. */
struct owner {
  struct ration_shared_pool_cache *caches;
  struct entry entries[ENTRIES];
};

static __thread STATIC_TLS struct owner *self;

static pthread_mutex_t lists = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_left = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int has_key;

static struct ration_shared_pool_cache *find_and_note(struct ration_shared_pool *pool);
static struct ration_shared_pool_cache *find(struct ration_shared_pool *pool);
static struct ration_shared_pool_cache *make(struct ration_shared_pool *pool, struct owner *owner);
static struct owner *owner_of_thread(void);
static void leave(struct ration_shared_pool_cache *cache, struct owner *owner);

struct ration_shared_pool_cache *shared_pool_cache(struct ration_shared_pool *pool) {
  struct entry *entry = self ? &self->entries[pool->id % ENTRIES] : NULL;
  if (LIKELY(entry && entry->id == pool->id)) return entry->cache;
  return pool->cached_most ? find_and_note(pool) : NULL;
}

static SLOW_PATH struct ration_shared_pool_cache *find_and_note(struct ration_shared_pool *pool) {
  int old_errno = errno;
  struct ration_shared_pool_cache *cache = find(pool);
  errno = old_errno;
  if (cache) self->entries[pool->id % ENTRIES] = (struct entry){pool->id, cache};
  return cache;
}

uint64_t shared_pool_new_id(void) {
  static uint64_t last;
  return add_relaxed(&last, 1) + 1; /* a number alone */
}

void shared_pool_give_back(struct ration_shared_pool_cache *cache, size_t some) {
  struct ration_shared_pool *pool = cache->pool;
  pthread_mutex_lock(&pool->lock);
  for (size_t i = 0; i < some; i++) ration_pool_give(&pool->pool, cache->objects[i]);
  pthread_mutex_unlock(&pool->lock);
  cache->count -= some;
  memmove(cache->objects, cache->objects + some, cache->count * sizeof *cache->objects);
  memmove(cache->states, cache->states + some, cache->count * sizeof *cache->states);
}

static void take_from_thread(struct ration_shared_pool_cache *cache) {
  *cache->link_of_thread = cache->next_of_thread;
  if (cache->next_of_thread) cache->next_of_thread->link_of_thread = cache->link_of_thread;
}

void shared_pool_leave_all(struct ration_shared_pool *pool) {
  struct ration_shared_pool_cache *cache;
  pthread_mutex_lock(&lists);
  while (pool->leaving) pthread_cond_wait(&has_left, &lists);
  for (cache = pool->caches; cache; cache = cache->next) take_from_thread(cache);
  pthread_mutex_unlock(&lists);
  while ((cache = pool->caches)) {
    pool->caches = cache->next;
    pool_release(&pool->pool, cache, sizeof *cache, 64);
  }
}

/* ---- when a thread comes ------------------------------------------------------------------------------- */

/* Among what the thread has: another pool may have had the entry in between. */
static struct ration_shared_pool_cache *find(struct ration_shared_pool *pool) {
  struct owner *owner = owner_of_thread();
  if (!owner) return NULL;
  pthread_mutex_lock(&lists);
  struct ration_shared_pool_cache *cache = owner->caches;
  while (cache && cache->pool != pool) cache = cache->next_of_thread;
  pthread_mutex_unlock(&lists);
  return cache ? cache : make(pool, owner);
}

static void link_in(struct ration_shared_pool_cache *cache, struct owner *owner) {
  struct ration_shared_pool *pool = cache->pool;
  cache->next = pool->caches;
  cache->link = &pool->caches;
  if (cache->next) cache->next->link = &cache->next;
  pool->caches = cache;
  cache->next_of_thread = owner->caches;
  cache->link_of_thread = &owner->caches;
  if (cache->next_of_thread) cache->next_of_thread->link_of_thread = &cache->next_of_thread;
  owner->caches = cache;
}

static struct ration_shared_pool_cache *make(struct ration_shared_pool *pool, struct owner *owner) {
  pthread_mutex_lock(&pool->lock);
  struct ration_shared_pool_cache *cache = pool_acquire(&pool->pool, sizeof *cache, 64);
  if (cache) {
    memset(cache, 0, sizeof *cache);
    cache->pool = pool;
    cache->batch = 1;
    pthread_mutex_lock(&lists);
    link_in(cache, owner);
    pthread_mutex_unlock(&lists);
  }
  pthread_mutex_unlock(&pool->lock);
  return cache;
}

/* ---- when it goes -------------------------------------------------------------------------------------- */

/* What is given back here may come to other shared pools, and so to new caches, which are left in their turn. A
   destructor that runs after this one and uses a pool makes all of it anew, and this one is called again. */
static void end_thread(void *argument) {
  struct owner *owner = argument;
  pthread_mutex_lock(&lists);
  for (struct ration_shared_pool_cache *cache; (cache = owner->caches);) {
    struct ration_shared_pool *pool = cache->pool;
    pool->leaving++;
    pthread_mutex_unlock(&lists);
    leave(cache, owner);
    pthread_mutex_lock(&lists);
    pool->leaving--;
    pthread_cond_broadcast(&has_left);
  }
  pthread_mutex_unlock(&lists);
  self = NULL;
  free(owner);
}

static void leave(struct ration_shared_pool_cache *cache, struct owner *owner) {
  struct ration_shared_pool *pool = cache->pool;
  struct entry *entry = &owner->entries[pool->id % ENTRIES];
  if (entry->cache == cache) *entry = (struct entry){0, NULL};
  shared_pool_give_back(cache, cache->count);
  pthread_mutex_lock(&pool->lock);
  pthread_mutex_lock(&lists);
  take_from_thread(cache);
  *cache->link = cache->next;
  if (cache->next) cache->next->link = cache->link;
  pthread_mutex_unlock(&lists);
  pool->past_takes += cache->takes;
  pool->past_gives += cache->gives;
  pool_release(&pool->pool, cache, sizeof *cache, 64);
  pthread_mutex_unlock(&pool->lock);
}

/* A child of fork(2) can use its pools, whatever other threads were at. */
static void lock_lists(void) {
  pthread_mutex_lock(&lists);
}

static void unlock_lists(void) {
  pthread_mutex_unlock(&lists);
}

static __attribute__((constructor)) void guard_forks(void) {
  pthread_atfork(lock_lists, unlock_lists, unlock_lists);
}

static void make_key(void) {
  has_key = !pthread_key_create(&key, end_thread);
}

/* The library may be unloaded before the threads end that have used it. */
static __attribute__((destructor)) void delete_key(void) {
  if (has_key) pthread_key_delete(key);
  has_key = 0;
}

static struct owner *owner_of_thread(void) {
  if (self) return self;
  pthread_once(&once, make_key);
  struct owner *owner = has_key ? calloc(1, sizeof *owner) : NULL;
  if (self || !owner || pthread_setspecific(key, owner)) { /* self: calloc has come here */
    free(owner);
    return self;
  }
  return self = owner;
}
