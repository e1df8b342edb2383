/*
 * pools.h: the pools of a program in one place: one for each type, made when it is first asked for, with the
 * settings that were given for it; what is in them is told together, and shown by `ration report --pools`.
 *
 *     struct ration_pools pools;
 *     ration_pools_init(&pools, &(struct ration_pools_settings){.category = "creatures/pools"});
 *     struct creature *creature = ration_pools_take(&pools, &creature_type);
 *     ration_pools_give(&pools, &creature_type, creature);
 *
 * A type is the address of its descriptor (pool.h), and found by it in O(1); who takes often asks for the
 * pool once, and uses that. A type's pool is plain, or shared (shared_pool.h), as the settings say; a plain
 * one is used by one thread at a time, like any.
 *
 * Under the shim each pool is registered with its name, its category and the size of its objects. What is
 * shown of it follows: it differs from the truth by at most 1 object or 1/64 of those in use, and by 1 take
 * or 1/64 of them; of a shared pool also by what threads have cached, and by 1 take for each thread.
 * ration_pools_publish() makes all exact, and ration_pools_done() leaves it so. Without the shim, or where
 * 256 pools are registered already, nothing is shown and nothing else is different.
 *
 * Threads: ration_pools_pool, _shared_pool, _set, _take, _give and _stats from any at any time, as far
 * as the pool itself may be used there; init, done and what works on all pools, while no other thread uses a
 * plain one of them, nor, for init, done, clear and shrink_to_fit, any.
 */
#ifndef RATION_KIT_POOLS_H
#define RATION_KIT_POOLS_H

#include <ration/kit/shared_pool.h>
#include <ration/kit/system.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Is told what the shim is told. Must not use the pools. */
typedef void (*ration_pools_hook)(const struct ration_pool_type *type,
                                  const struct ration_pool_counts *counts, void *context);

/* For one type. */
struct ration_pools_choice {
  struct ration_pool_settings pool; /* where pool.memory is NULL: the heap, in the category */
  const char *category;             /* a path, as for ration_system_init(); NULL: none */
  int is_shared;
};

struct ration_pools_settings {
  struct ration_pool_settings pool; /* these three for each type that is not set */
  const char *category;
  int is_shared;
  struct ration_memory *memory; /* for the manager's own tables */
  ration_pools_hook hook;       /* may be NULL */
  void *hook_context;
};

struct ration_pools_table;
struct ration_pools_entry;

/* Private. Not to be moved. */
struct ration_pools {
  pthread_mutex_t lock; /* of changes; searches take none */
  struct ration_pools_table *table;
  struct ration_pools_choice defaults;
  struct ration_system system; /* of the defaults */
  struct ration_memory *memory;
  ration_pools_hook hook;
  void *hook_context;
  int is_ready;
};

/* What is known of one pool. */
struct ration_pools_report {
  const struct ration_pool_type *type;
  int is_shared;
  int is_shown; /* the shim knows it */
  struct ration_pool_counts counts;
};

/* settings NULL: the defaults. -EINVAL: pools is NULL; -ENOMEM, -EAGAIN. What is wrong in settings.pool is
   told when a pool is made. The category's path need not outlive the call. */
int ration_pools_init(struct ration_pools *pools, const struct ration_pools_settings *settings);

/* With all pools, whatever is taken from them. */
void ration_pools_done(struct ration_pools *pools);

/* Another choice for this type, before its pool is used first. -EINVAL: an argument is NULL, or pools not
   initialised; -EBUSY: its pool is made already; -ENOMEM. */
int ration_pools_set(struct ration_pools *pools, const struct ration_pool_type *type,
                     const struct ration_pools_choice *choice);

/* The type's pool, made where there is none; valid until done. NULL and EINVAL: an argument is NULL, pools
   not initialised, the pool is of the other kind, or its settings are wrong; else what ration_pool_init()
   says. */
struct ration_pool *ration_pools_pool(struct ration_pools *pools, const struct ration_pool_type *type);
struct ration_shared_pool *ration_pools_shared_pool(struct ration_pools *pools,
                                                    const struct ration_pool_type *type);

/* Take and give of the type's pool, of either kind; errors also as above. A give makes no pool: -EFAULT. */
void *ration_pools_take(struct ration_pools *pools, const struct ration_pool_type *type);
int ration_pools_give(struct ration_pools *pools, const struct ration_pool_type *type, void *object);

/* -EINVAL: as above; -ENOENT: the type's pool was not made. */
int ration_pools_stats(struct ration_pools *pools, const struct ration_pool_type *type,
                       struct ration_pool_counts *ret_counts);

/* Of each pool that is made, in the order in which types were first set or asked for: for (i = 0;
   !ration_pools_at(&pools, i, &report); i++). O(types). -EINVAL; -ENOENT: there is none of that index. */
int ration_pools_at(struct ration_pools *pools, size_t index, struct ration_pools_report *ret_report);

/* The sums over all pools; the peak is the sum of peaks. -EINVAL. */
int ration_pools_total(struct ration_pools *pools, struct ration_pool_counts *ret_counts);

/* Of each pool, also where one cannot: -EINVAL; -EBUSY: a `reset` calls it. */
int ration_pools_clear(struct ration_pools *pools);
int ration_pools_shrink_to_fit(struct ration_pools *pools);
int ration_pools_publish(struct ration_pools *pools);

/* 1 if all holds that must; for tests. */
int ration_pools_is_valid(struct ration_pools *pools);

#ifdef __cplusplus
}
#endif
#endif
