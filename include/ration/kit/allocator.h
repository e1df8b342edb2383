/*
 * allocator.h: a program's memory as one object: the heap and the pools, by category, each category within a
 * budget, with handlers that free memory before the budget is at its end. It is a ration_memory, and yields
 * one for each category, so whatever of the toolkit takes a memory can be charged to a category.
 *
 *     struct ration_allocator allocator;
 *     ration_allocator_init(&allocator, NULL);               // the default table below, of 4 GiB
 *     struct ration_memory *world = ration_allocator_category(&allocator, RATION_ALLOCATOR_WORLD);
 *     void *tiles = ration_memory_allocate(world, 1 << 20, 64);
 *     struct creature *creature = ration_allocator_take(&allocator, &creature_type);
 *
 * Categories are paths. One that is listed below another ("creatures/components" below "creatures") is
 * charged to both; all are charged to the total, as is what is asked of the allocator's own `memory`, which
 * has no category. The default table has the eight categories of the design, and its budgets, in shares of
 * the total:
 *
 *     creatures 40 %, in which creatures/components and creatures/behaviors are, without budgets of their own
 *     world 20 %, rendering 20 %, ui 10 %, audio 5 %; temporary: no budget but the total
 *     reserve 5 %: not a category, but kept from all ordinary requests
 *
 * Budgets: a request that would take its category, one above it or the total over its limit fails with ENOMEM
 * and is counted under RATION_ALLOCATOR_REFUSE; under RATION_ALLOCATOR_NOTIFY it is served, and counted when
 * the limit is passed. The limit of the total is total - reserve. Critical requests, those asked of
 * ration_allocator_critical(), have each limit raised by the reserve. Bytes are as requested: what the heap
 * adds is not in them. Of a pool they are its blocks.
 *
 * Pressure: when all that is charged reaches 60, 80, 90 or 95 % of the total, the handlers that want that
 * level are called, by the thread whose request reached it, after that was served: by ascending priority,
 * until the use is under the level again. Nothing is locked meanwhile, and a handler may ask for memory and
 * give it back; pressure that this makes does not call handlers anew, but the levels are looked at once more
 * when they are through. A request that the total refuses calls the handlers of level critical first, and is
 * then tried once more; not while another thread calls handlers, which could wait for what it holds. A level
 * is over when use has fallen 1/64 of the total below it. Where a pool grows, handlers are called after the
 * take, not inside it: by ration_allocator_take(), else by the next request of any category; so they may give
 * objects to the pool. Of other things that are given a category's memory, a handler must leave alone the one
 * that is asking, and it must not wait for a lock that a thread may hold while it allocates.
 *
 * The books are the allocator's own and the same without the shim. Under it, blocks and pools are shown in
 * the same categories; its budgets are neither set nor read.
 *
 * Threads: all but init, done and is_valid from any thread at any time. Figures are exact when no thread is
 * in a call; a peak may have in it the bytes of a request that at that moment an outer budget was refusing to
 * another thread. Complexity: O(categories above) beyond that of the heap; no lock but where a level changes.
 */
#ifndef RATION_KIT_ALLOCATOR_H
#define RATION_KIT_ALLOCATOR_H

#include <ration/kit/pools.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATION_ALLOCATOR_HANDLERS   32
#define RATION_ALLOCATOR_TOTAL      SIZE_MAX /* the index of the total */
#define RATION_ALLOCATOR_NO_RESERVE (-1.0)   /* a reserve of nothing */

/* Indices of the default table. */
enum ration_allocator_default {
  RATION_ALLOCATOR_CREATURES,
  RATION_ALLOCATOR_COMPONENTS,
  RATION_ALLOCATOR_BEHAVIORS,
  RATION_ALLOCATOR_WORLD,
  RATION_ALLOCATOR_RENDERING,
  RATION_ALLOCATOR_UI,
  RATION_ALLOCATOR_AUDIO,
  RATION_ALLOCATOR_TEMPORARY,
  RATION_ALLOCATOR_DEFAULTS /* how many */
};

enum ration_allocator_policy { RATION_ALLOCATOR_REFUSE, RATION_ALLOCATOR_NOTIFY };

enum ration_allocator_level {
  RATION_ALLOCATOR_NONE,
  RATION_ALLOCATOR_LOW,
  RATION_ALLOCATOR_MEDIUM,
  RATION_ALLOCATOR_HIGH,
  RATION_ALLOCATOR_CRITICAL
};

struct ration_allocator_budget {
  const char *path; /* of the category; must outlive the allocator */
  double share;     /* of the total, 0 to 1; or */
  size_t bytes;     /* that many; both 0: no limit of its own */
  uint32_t policy;  /* enum ration_allocator_policy */
};

struct ration_allocator_settings {
  size_t total;          /* bytes; 0: 4 GiB */
  double reserve;        /* of the total, under 1; 0: 5 %; RATION_ALLOCATOR_NO_RESERVE */
  uint32_t total_policy; /* enum ration_allocator_policy */
  const struct ration_allocator_budget *budgets; /* NULL: the default table */
  size_t budget_count;
  double levels[4]; /* low to critical, ascending, above 0, to 1; all 0: 0.6, 0.8, 0.9, 0.95 */

  /* Of types without a choice of their own; their memory is the category's, whatever is said here. */
  struct ration_pool_settings pool;
  size_t pool_category; /* index */
  int are_pools_plain;  /* then take and give are for one thread at a time */

  struct ration_memory *memory; /* below all categories, thread-safe; NULL: the heap, in the category */
};

/* What is known of a category and those below it, or of the total. */
struct ration_allocator_figures {
  const char *path;  /* NULL: the total */
  size_t limit;      /* for ordinary requests; SIZE_MAX: none */
  size_t used, peak; /* bytes */
  uint64_t blocks;   /* live */
  uint64_t requests; /* served so far, a block that was moved or resized not again */
  uint64_t refusals; /* by this limit */
  uint64_t breaches; /* times that this limit was passed, under NOTIFY */
};

/* Frees what it can spare at this level, and says how many bytes. */
typedef size_t (*ration_allocator_handler)(enum ration_allocator_level level, void *context);

/* Private. */
struct ration_allocator_node {
  struct ration_memory memory, critical, quiet;
  struct ration_allocator *allocator;
  struct ration_allocator_node *parent; /* NULL: this is the total */
  const char *path;
  struct ration_memory *below;
  struct ration_system system;
  size_t limit;
  uint32_t policy;
  size_t used, peak;
  uint64_t requests, releases; /* of this category alone */
  uint64_t refusals, breaches;
  char apart[64]; /* the next one's counts are in no cache line of these */
};

struct ration_allocator_relief {
  ration_allocator_handler handler;
  void *context;
  uint32_t priority;
  uint32_t lowest;
};

/* Private, but for memory. Not to be moved. */
struct ration_allocator {
  struct ration_memory memory; /* first: charged to the total, without a category */
  size_t reserve;
  struct ration_allocator_node total;
  struct ration_allocator_node *nodes;
  size_t count;
  struct ration_memory *own; /* of nodes */
  struct ration_pools pools;

  size_t marks[5]; /* the bytes at which each level begins */
  size_t slack;    /* how far below it ends */
  size_t up, down; /* used >= up, used < down: the level is another */
  uint32_t level;
  uint32_t is_ready;
  pthread_mutex_t lock; /* of what is below; not held while handlers run */
  pthread_cond_t rested;
  int is_relieving;
  pthread_t reliever;
  uint64_t freed;
  size_t relief_count;
  struct ration_allocator_relief reliefs[RATION_ALLOCATOR_HANDLERS]; /* by priority */
};

/* settings NULL: the defaults. -EINVAL: allocator is NULL, no path or one twice, a share with bytes, or any
   number out of its range; -EOVERFLOW: a total over RATION_BYTES_MOST; -ENOSPC: more than 15 categories one
   below another; -ENOMEM, -EAGAIN. After a failure, allocator is all zero. */
int ration_allocator_init(struct ration_allocator *allocator,
                          const struct ration_allocator_settings *settings);

/* Ends the pools; blocks of the heap that are live stay, and must not be released through it any more. */
void ration_allocator_done(struct ration_allocator *allocator);

/* The category's memory, valid until done; also for blocks of the same category that the other yielded. NULL
   and EINVAL: allocator is NULL or not initialised; ENOENT: no such index or path. A release of more bytes
   than the category has in use is -EFAULT, and not done. */
struct ration_memory *ration_allocator_category(struct ration_allocator *allocator, size_t index);
struct ration_memory *ration_allocator_named(struct ration_allocator *allocator, const char *path);
struct ration_memory *ration_allocator_critical(struct ration_allocator *allocator, size_t index);

/* Another choice for this type's pool, in the category, before it is used first: as ration_pools_set().
   choice.pool.memory and choice.category mean nothing. -ENOENT: no such category. */
int ration_allocator_set(struct ration_allocator *allocator, const struct ration_pool_type *type,
                         size_t index, const struct ration_pools_choice *choice);

/* As ration_pools_take() and _give(). ENOMEM: also where the budget has no room for the pool to grow. */
void *ration_allocator_take(struct ration_allocator *allocator, const struct ration_pool_type *type);
int ration_allocator_give(struct ration_allocator *allocator, const struct ration_pool_type *type,
                          void *object);

/* The pools, for all else that pools.h can do with them. NULL as above. */
struct ration_pools *ration_allocator_pools(struct ration_allocator *allocator);

/* O(categories). index may be RATION_ALLOCATOR_TOTAL. -EINVAL, -ENOENT. */
int ration_allocator_stats(struct ration_allocator *allocator, size_t index,
                           struct ration_allocator_figures *ret_figures);

/* handler will be called at `lowest` and higher levels; of one priority, the first that was added first.
   -EINVAL: handler is NULL or lowest no level from LOW to CRITICAL; -ENOSPC: there are
   RATION_ALLOCATOR_HANDLERS. */
int ration_allocator_handle(struct ration_allocator *allocator, ration_allocator_handler handler,
                            void *context, uint32_t priority, enum ration_allocator_level lowest);

/* Not any more: when this returns, the handler is not running either, unless it is the caller; so not while
   holding what a handler may wait for. -EINVAL; -ENOENT: no such handler with that context. */
int ration_allocator_unhandle(struct ration_allocator *allocator, ration_allocator_handler handler,
                              void *context);

/* enum ration_allocator_level; -EINVAL. */
int ration_allocator_pressure(struct ration_allocator *allocator);

/* What handlers said that they have freed, all together. */
uint64_t ration_allocator_freed(struct ration_allocator *allocator);

/* 1 if all holds that must; for tests. */
int ration_allocator_is_valid(struct ration_allocator *allocator);

#ifdef __cplusplus
}
#endif
#endif
