/*
 * shared_pool.h: an object pool (pool.h) that threads share: each takes and gives from where it is, also what
 * another took, and mostly meets no lock.
 *
 *     RATION_SHARED_POOL(messages, struct message);
 *     struct messages pool;
 *     messages_init(&pool, NULL);
 *     struct message *message = messages_take(&pool); // in one thread
 *     messages_give(&pool, message);                  // in any other
 *
 * How: a thread keeps some objects of each pool that it uses to itself (magazines: Bonwick and Adams,
 * "Magazines and Vmem", 2001): RATION_SHARED_POOL_CACHED at most, and a 64th of the maximum, where that is
 * less; none under 2. Its cache is found by a thread-local table, and filled and emptied by half under the
 * pool's lock. The batch begins with one object and doubles, so that a thread which needs few holds back few.
 * A thread that ends gives its caches back.
 *
 * A byte for each object says whether it is taken: stored by who takes, exchanged atomically by who gives, so
 * of two threads that give one object at once one is told -EALREADY; and what lies in a cache counts as
 * given. An address is found without a lock, while another thread makes the pool grow.
 *
 * It grows and shrinks as pool.h says, where what lies in caches counts as used, but in blocks of 1,024
 * objects at most. Of a block that goes, the objects' memory is given back; its bits and bytes stay until a
 * block of as many objects needs them, or the pool is done, since another thread could be looking. The memory
 * is asked under the pool's lock: it need not be thread-safe where nothing else uses it.
 *
 * Threads: init, done, clear, watch and is_valid while no other thread uses the pool; all others from any
 * thread at any time. What one thread wrote into an object before it gave it happens before another takes it.
 * `init` and `reset` run without a lock, and may use the pool. After fork(2) the child has the pool as it
 * was, if no other thread was in a call of it, or ending; what those had cached lies idle in the child until it clears
 * the pool or is done with it.
 *
 * Complexity: take and give O(1), the lock one time in 16 to 32 once a thread is warm. Overhead: 9 bits for
 * each object, and 1.1 KiB for each thread and pool. More than 64 pools at once work, more slowly.
 */
#ifndef RATION_KIT_SHARED_POOL_H
#define RATION_KIT_SHARED_POOL_H

#include <ration/kit/pool.h>

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATION_SHARED_POOL_CACHED 64

struct ration_shared_pool_cache;

/* Private, all of it. */
struct ration_shared_pool {
  struct ration_memory memory; /* the pool as one */
  uint64_t id;                 /* of no other pool of this process, ever; 0: not initialised */
  size_t size, cached_most;
  void (*init)(void *object, void *context);
  void (*reset)(void *object, void *context);
  void *context;
  char apart[64]; /* what all read is in no cache line that some write */

  pthread_mutex_t lock;    /* of all below */
  struct ration_pool pool; /* whence caches are filled: what they hold counts as taken there */
  struct ration_shared_pool_cache *caches;
  uint64_t past_takes, past_gives; /* without a cache, or by threads that have ended */
  ration_pool_hook hook;
  void *hook_context;
  uint32_t leaving; /* threads that are just giving their cache back; with the lock of all lists */
};

/* As ration_pool_init(). Also -ENOMEM, -EAGAIN: no lock is to be had. */
int ration_shared_pool_init(struct ration_shared_pool *pool, const struct ration_pool_type *type,
                            const struct ration_pool_settings *settings);

/* As ration_pool_done(); also while threads live that have cached some of it. */
void ration_shared_pool_done(struct ration_shared_pool *pool);

/* As ration_pool_take() and _take_any(). ENOSPC: the maximum is reached; other threads may have free ones
   cached. */
void *ration_shared_pool_take(struct ration_shared_pool *pool);
void *ration_shared_pool_take_any(struct ration_shared_pool *pool);

/* As ration_pool_give(), exact also where several give the same. */
int ration_shared_pool_give(struct ration_shared_pool *pool, void *object);

/* As ration_pool_clear(); caches are emptied too. */
int ration_shared_pool_clear(struct ration_shared_pool *pool);

/* As ration_pool_shrink_to_fit(). What the calling thread has cached is given back first; a block of which
   another thread has cached an object stays. */
int ration_shared_pool_shrink_to_fit(struct ration_shared_pool *pool);

/* As ration_pool_stats(), O(threads). Exact when no thread is in a call, but for the peak: that counts what
   lies in caches too, so it may be over by what threads had cached, though not over all takes; it is never
   under. */
int ration_shared_pool_stats(struct ration_shared_pool *pool, struct ration_pool_counts *ret_counts);

/* As ration_pool_has(), of this moment. */
int ration_shared_pool_has(const struct ration_shared_pool *pool, const void *object);

/* As ration_pool_memory(), thread-safe. */
struct ration_memory *ration_shared_pool_memory(struct ration_shared_pool *pool);

/* As ration_pool_watch(), where use counts what threads have cached, and takes differ so in each thread. The
   hook is called by one thread at a time, with the pool's lock, and must not use the pool. */
int ration_shared_pool_watch(struct ration_shared_pool *pool, ration_pool_hook hook, void *context);

/* Calls the hook now, if there is one. */
void ration_shared_pool_publish(struct ration_shared_pool *pool);

/* 1 if all holds that must; for tests. */
int ration_shared_pool_is_valid(struct ration_shared_pool *pool);

/* As RATION_POOL and RATION_POOL_OF: functions NAME_init, _done, _take, _take_any, _give, _clear, _has and
   _pool. */
#define RATION_SHARED_POOL(NAME, TYPE)                                                                       \
  static const struct ration_pool_type NAME##_type = RATION_POOL_TYPE(TYPE);                                 \
  RATION_SHARED_POOL_OF(NAME, TYPE, NAME##_type)

#define RATION_SHARED_POOL_OF(NAME, TYPE, DESCRIPTOR)                                                        \
  struct NAME {                                                                                              \
    struct ration_shared_pool pool;                                                                          \
  };                                                                                                         \
  static __inline__ __attribute__((unused)) int NAME##_init(struct NAME *pool,                               \
                                                            const struct ration_pool_settings *settings) {   \
    if ((DESCRIPTOR).size != sizeof(TYPE)) return -EINVAL;                                                   \
    return ration_shared_pool_init(&pool->pool, &(DESCRIPTOR), settings);                                    \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) void NAME##_done(struct NAME *pool) {                            \
    ration_shared_pool_done(&pool->pool);                                                                    \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) TYPE *NAME##_take(struct NAME *pool) {                           \
    return (TYPE *)ration_shared_pool_take(&pool->pool);                                                     \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) TYPE *NAME##_take_any(struct NAME *pool) {                       \
    return (TYPE *)ration_shared_pool_take_any(&pool->pool);                                                 \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) int NAME##_give(struct NAME *pool, TYPE *object) {               \
    return ration_shared_pool_give(&pool->pool, object);                                                     \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) int NAME##_clear(struct NAME *pool) {                            \
    return ration_shared_pool_clear(&pool->pool);                                                            \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) int NAME##_has(const struct NAME *pool, TYPE const *object) {    \
    return ration_shared_pool_has(&pool->pool, object);                                                      \
  }                                                                                                          \
  static __inline__ __attribute__((unused)) struct ration_shared_pool *NAME##_pool(struct NAME *pool) {      \
    return &pool->pool;                                                                                      \
  }                                                                                                          \
  struct NAME

#ifdef __cplusplus
}
#endif
#endif
