/*
 * pools.c: the table of pools by type, and what it tells the shim of each.
 *
 * A search takes no lock: an entry is complete before it is in the table, its pool before it says that it is
 * made, a table before it is the manager's; and none of them goes before all are done.
 */
#include <ration/kit/pools.h>
#include <ration/ration.h>
#include <ration/tag.h>

#include <errno.h>
#include <string.h>

#include "base/atomics.h"
#include "kit/fail.h"

#define SLOTS_LEAST 32

enum kind { UNMADE, PLAIN, SHARED, EITHER };

struct ration_pools_entry {
  const struct ration_pool_type *type;
  struct ration_pools *pools;
  uint32_t kind; /* what is in the union */
  int handle;    /* of the shim's; 0: it knows nothing of it. Changed once, with the lock, read without */
  uint32_t category;
  struct ration_pools_choice choice; /* its category is in `system` */
  struct ration_system system;
  union {
    struct ration_pool plain;
    struct ration_shared_pool shared;
  } pool;
};

/* count * 2 <= slots;  each entry is once among entries, and once in order */
struct ration_pools_table {
  size_t slots, count, bytes;
  struct ration_pools_table *older;
  struct ration_pools_entry **order; /* as they came */
  struct ration_pools_entry *entries[];
};

static struct ration_pools_table *new_table(struct ration_pools *pools, const struct ration_pools_table *old);
static struct ration_pools_entry *find(const struct ration_pools *pools, const struct ration_pool_type *type);
static struct ration_pools_entry *find_or_add(struct ration_pools *pools,
                                              const struct ration_pool_type *type);
static struct ration_pools_entry *made(struct ration_pools *pools, const struct ration_pool_type *type,
                                       enum kind wanted);
static int make(struct ration_pools_entry *entry);
static void show(const struct ration_pool_counts *counts, void *context);
static int register_pool(struct ration_pools_entry *entry);
static void watch(struct ration_pools_entry *entry);
static void count(struct ration_pools_entry *entry, struct ration_pool_counts *ret_counts);
static void publish(struct ration_pools_entry *entry);
static struct ration_pools_entry *at(struct ration_pools *pools, size_t *index);

int ration_pools_init(struct ration_pools *pools, const struct ration_pools_settings *settings) {
  static const struct ration_pools_settings defaults;
  if (!pools) return -EINVAL;
  memset(pools, 0, sizeof *pools);
  if (!settings) settings = &defaults;
  pools->memory = settings->memory;
  pools->hook = settings->hook;
  pools->hook_context = settings->hook_context;
  pools->defaults = (struct ration_pools_choice){.pool = settings->pool, .is_shared = settings->is_shared};
  ration_system_init(&pools->system, settings->category);
  int error = -pthread_mutex_init(&pools->lock, NULL);
  if (error) return error;
  pools->table = new_table(pools, NULL);
  if (!pools->table) {
    error = -errno;
    pthread_mutex_destroy(&pools->lock);
    return error;
  }
  pools->is_ready = 1;
  return 0;
}

void ration_pools_done(struct ration_pools *pools) {
  if (!pools || !pools->is_ready) return;
  for (size_t i = 0; i < pools->table->count; i++) {
    struct ration_pools_entry *entry = pools->table->order[i];
    publish(entry);
    if (entry->kind == PLAIN) ration_pool_done(&entry->pool.plain);
    if (entry->kind == SHARED) ration_shared_pool_done(&entry->pool.shared);
    if (entry->handle) ration_tag_pool_unregister(entry->handle);
    ration_memory_release(pools->memory, entry, sizeof *entry, 64);
  }
  for (struct ration_pools_table *table = pools->table, *older; table; table = older) {
    older = table->older;
    ration_memory_release(pools->memory, table, table->bytes, 64);
  }
  pthread_mutex_destroy(&pools->lock);
  memset(pools, 0, sizeof *pools);
}

int ration_pools_set(struct ration_pools *pools, const struct ration_pool_type *type,
                     const struct ration_pools_choice *choice) {
  if (!pools || !pools->is_ready || !type || !choice) return -EINVAL;
  int old_errno = errno;
  pthread_mutex_lock(&pools->lock);
  struct ration_pools_entry *entry = find_or_add(pools, type);
  int error = !entry ? -errno : entry->kind != UNMADE ? -EBUSY : 0;
  if (!error) {
    entry->choice = *choice;
    ration_system_init(&entry->system, choice->category);
  }
  pthread_mutex_unlock(&pools->lock);
  errno = old_errno;
  return error;
}

/* ---- one pool ------------------------------------------------------------------------------------------ */

struct ration_pool *ration_pools_pool(struct ration_pools *pools, const struct ration_pool_type *type) {
  struct ration_pools_entry *entry = made(pools, type, PLAIN);
  return entry ? &entry->pool.plain : NULL;
}

struct ration_shared_pool *ration_pools_shared_pool(struct ration_pools *pools,
                                                    const struct ration_pool_type *type) {
  struct ration_pools_entry *entry = made(pools, type, SHARED);
  return entry ? &entry->pool.shared : NULL;
}

void *ration_pools_take(struct ration_pools *pools, const struct ration_pool_type *type) {
  struct ration_pools_entry *entry = made(pools, type, EITHER);
  if (!entry) return NULL;
  return entry->kind == SHARED ? ration_shared_pool_take(&entry->pool.shared)
                               : ration_pool_take(&entry->pool.plain);
}

int ration_pools_give(struct ration_pools *pools, const struct ration_pool_type *type, void *object) {
  if (!pools || !pools->is_ready || !type || !object) return -EINVAL;
  struct ration_pools_entry *entry = find(pools, type);
  uint32_t kind = entry ? load_acquire(&entry->kind) : UNMADE; /* pairs with make() */
  if (kind == UNMADE) return -EFAULT;
  return kind == SHARED ? ration_shared_pool_give(&entry->pool.shared, object)
                        : ration_pool_give(&entry->pool.plain, object);
}

int ration_pools_stats(struct ration_pools *pools, const struct ration_pool_type *type,
                       struct ration_pool_counts *ret_counts) {
  if (!pools || !pools->is_ready || !type || !ret_counts) return -EINVAL;
  struct ration_pools_entry *entry = find(pools, type);
  if (!entry || load_acquire(&entry->kind) == UNMADE) return -ENOENT; /* pairs with make() */
  count(entry, ret_counts);
  return 0;
}

static void count(struct ration_pools_entry *entry, struct ration_pool_counts *ret_counts) {
  if (entry->kind == SHARED)
    ration_shared_pool_stats(&entry->pool.shared, ret_counts);
  else
    ration_pool_stats(&entry->pool.plain, ret_counts);
}

/* ---- the table ----------------------------------------------------------------------------------------- */

static size_t slot_of(const struct ration_pools_table *table, const struct ration_pool_type *type) {
  uint64_t hash = (uint64_t)(uintptr_t)type * UINT64_C(0x9e3779b97f4a7c15);
  return (size_t)(hash >> 32) & (table->slots - 1);
}

static struct ration_pools_entry *find(const struct ration_pools *pools,
                                       const struct ration_pool_type *type) {
  const struct ration_pools_table *table = load_acquire(&pools->table); /* pairs with find_or_add() */
  for (size_t s = slot_of(table, type);; s = (s + 1) & (table->slots - 1)) {
    struct ration_pools_entry *entry = load_acquire(&table->entries[s]); /* pairs with put() */
    if (!entry || entry->type == type) return entry;
  }
}

static void put(struct ration_pools_table *table, struct ration_pools_entry *entry) {
  size_t s = slot_of(table, entry->type);
  while (table->entries[s]) s = (s + 1) & (table->slots - 1);
  table->order[table->count++] = entry;
  store_release(&table->entries[s], entry); /* pairs with find() */
}

/* With the lock. */
static struct ration_pools_entry *find_or_add(struct ration_pools *pools,
                                              const struct ration_pool_type *type) {
  struct ration_pools_entry *entry = find(pools, type);
  if (entry) return entry;
  if ((pools->table->count + 1) * 2 > pools->table->slots) {
    struct ration_pools_table *table = new_table(pools, pools->table);
    if (!table) return NULL;
    store_release(&pools->table, table); /* pairs with find() */
  }
  entry = ration_memory_allocate(pools->memory, sizeof *entry, 64);
  if (!entry) return NULL;
  memset(entry, 0, sizeof *entry);
  entry->type = type;
  entry->pools = pools;
  entry->choice = pools->defaults;
  entry->system = pools->system;
  put(pools->table, entry);
  return entry;
}

static struct ration_pools_table *new_table(struct ration_pools *pools,
                                            const struct ration_pools_table *old) {
  size_t slots = old ? old->slots * 2 : SLOTS_LEAST;
  size_t bytes = sizeof(struct ration_pools_table) + (slots + slots / 2) * sizeof(void *);
  struct ration_pools_table *table = ration_memory_allocate(pools->memory, bytes, 64);
  if (!table) return NULL;
  memset(table, 0, bytes);
  table->slots = slots;
  table->bytes = bytes;
  table->order = &table->entries[slots];
  for (size_t i = 0; old && i < old->count; i++) put(table, old->order[i]);
  table->older = pools->table;
  return table;
}

/* Of what kind its pool is, or will be. */
static enum kind kind_of(const struct ration_pools_entry *entry) {
  return entry->choice.is_shared ? SHARED : PLAIN;
}

/* The entry of the type, its pool made; none is made of a kind that is not wanted. */
static struct ration_pools_entry *made(struct ration_pools *pools, const struct ration_pool_type *type,
                                       enum kind wanted) {
  if (!pools || !pools->is_ready || !type) return fail(-EINVAL);
  struct ration_pools_entry *entry = find(pools, type);
  uint32_t kind = entry ? load_acquire(&entry->kind) : UNMADE; /* pairs with make() */
  int error = 0;
  if (kind == UNMADE) {
    int old_errno = errno;
    pthread_mutex_lock(&pools->lock);
    entry = find_or_add(pools, type);
    if (!entry)
      error = -errno;
    else if (wanted == EITHER || wanted == kind_of(entry))
      error = entry->kind == UNMADE ? make(entry) : 0;
    kind = entry ? kind_of(entry) : UNMADE;
    pthread_mutex_unlock(&pools->lock);
    errno = old_errno;
  }
  if (!error && wanted != EITHER && wanted != kind) error = -EINVAL;
  return error ? fail(error) : entry;
}

static int make(struct ration_pools_entry *entry) {
  struct ration_pool_settings settings = entry->choice.pool;
  if (!settings.memory) settings.memory = &entry->system.memory;
  int error = entry->choice.is_shared ? ration_shared_pool_init(&entry->pool.shared, entry->type, &settings)
                                      : ration_pool_init(&entry->pool.plain, entry->type, &settings);
  if (error) return error;
  register_pool(entry);
  watch(entry);
  store_release(&entry->kind, (uint32_t)kind_of(entry)); /* pairs with made(), ration_pools_give() */
  return 0;
}

/* ---- what is shown ------------------------------------------------------------------------------------- */

/* Whether the shim knows it now, and did not before. */
static int register_pool(struct ration_pools_entry *entry) {
  if (entry->handle) return 0;
  const char *name = entry->type->name ? entry->type->name : "";
  int handle = ration_tag_pool_register(name, entry->system.category, entry->type->size);
  if (handle > 0) store_relaxed(&entry->handle, handle); /* a number alone */
  return handle > 0;
}

static void watch(struct ration_pools_entry *entry) {
  if (!entry->handle && !entry->pools->hook) return;
  if (entry->choice.is_shared)
    ration_shared_pool_watch(&entry->pool.shared, show, entry);
  else
    ration_pool_watch(&entry->pool.plain, show, entry);
}

static void show(const struct ration_pool_counts *counts, void *context) {
  const struct ration_pools_entry *entry = context;
  const struct ration_pool_figures figures = {.size = sizeof figures,
                                              .used = counts->used,
                                              .reserved = counts->capacity,
                                              .peak = counts->peak,
                                              .takes = counts->takes,
                                              .hits = counts->hits};
  int handle = load_relaxed(&entry->handle); /* a number alone */
  if (handle) ration_tag_pool_update(handle, &figures);
  if (entry->pools->hook) entry->pools->hook(entry->type, counts, entry->pools->hook_context);
}

/* ---- all pools ----------------------------------------------------------------------------------------- */

/* The first made entry from *index on, which is then its number in the order; NULL: there is no more. */
static struct ration_pools_entry *at(struct ration_pools *pools, size_t *index) {
  struct ration_pools_entry *found = NULL;
  if (!pools || !pools->is_ready) return NULL;
  pthread_mutex_lock(&pools->lock);
  for (; *index < pools->table->count && !found; ++*index)
    if (pools->table->order[*index]->kind != UNMADE) found = pools->table->order[*index];
  pthread_mutex_unlock(&pools->lock);
  return found;
}

int ration_pools_at(struct ration_pools *pools, size_t index, struct ration_pools_report *ret_report) {
  if (!pools || !pools->is_ready || !ret_report) return -EINVAL;
  struct ration_pools_entry *entry = NULL;
  size_t place = 0;
  for (size_t i = 0; i <= index; i++)
    if (!(entry = at(pools, &place))) return -ENOENT;
  struct ration_pools_report report = {.type = entry->type,
                                       .is_shared = entry->kind == SHARED,
                                       .is_shown = load_relaxed(&entry->handle) != 0}; /* of this moment */
  count(entry, &report.counts);
  *ret_report = report;
  return 0;
}

int ration_pools_total(struct ration_pools *pools, struct ration_pool_counts *ret_counts) {
  if (!pools || !pools->is_ready || !ret_counts) return -EINVAL;
  struct ration_pool_counts total = {0}, counts;
  struct ration_pools_entry *entry;
  for (size_t place = 0; (entry = at(pools, &place));) {
    count(entry, &counts);
    total.used += counts.used;
    total.capacity += counts.capacity;
    total.peak += counts.peak;
    total.takes += counts.takes;
    total.hits += counts.hits;
    total.grows += counts.grows;
    total.shrinks += counts.shrinks;
    total.bytes += counts.bytes;
  }
  *ret_counts = total;
  return 0;
}

int ration_pools_clear(struct ration_pools *pools) {
  if (!pools || !pools->is_ready) return -EINVAL;
  struct ration_pools_entry *entry;
  int error = 0;
  for (size_t place = 0; (entry = at(pools, &place));) {
    int one = entry->kind == SHARED ? ration_shared_pool_clear(&entry->pool.shared)
                                    : ration_pool_clear(&entry->pool.plain);
    if (!error) error = one;
  }
  return error;
}

int ration_pools_shrink_to_fit(struct ration_pools *pools) {
  if (!pools || !pools->is_ready) return -EINVAL;
  struct ration_pools_entry *entry;
  int error = 0;
  for (size_t place = 0; (entry = at(pools, &place));) {
    int one = entry->kind == SHARED ? ration_shared_pool_shrink_to_fit(&entry->pool.shared)
                                    : ration_pool_shrink_to_fit(&entry->pool.plain);
    if (!error) error = one;
  }
  return error;
}

int ration_pools_publish(struct ration_pools *pools) {
  if (!pools || !pools->is_ready) return -EINVAL;
  struct ration_pools_entry *entry;
  for (size_t place = 0; (entry = at(pools, &place));) {
    pthread_mutex_lock(&pools->lock);
    if (register_pool(entry)) watch(entry); /* the shim was just starting, before */
    pthread_mutex_unlock(&pools->lock);
    publish(entry);
  }
  return 0;
}

static void publish(struct ration_pools_entry *entry) {
  if (entry->kind == SHARED) ration_shared_pool_publish(&entry->pool.shared);
  if (entry->kind == PLAIN) ration_pool_publish(&entry->pool.plain);
}

int ration_pools_is_valid(struct ration_pools *pools) {
  if (!pools || !pools->is_ready || pools->table->count * 2 > pools->table->slots) return 0;
  for (size_t i = 0; i < pools->table->count; i++) {
    struct ration_pools_entry *entry = pools->table->order[i];
    if (find(pools, entry->type) != entry || entry->pools != pools) return 0;
    if (entry->kind == PLAIN && !ration_pool_is_valid(&entry->pool.plain)) return 0;
    if (entry->kind == SHARED && !ration_shared_pool_is_valid(&entry->pool.shared)) return 0;
    if (entry->kind != UNMADE && entry->kind != (uint32_t)kind_of(entry)) return 0;
  }
  return 1;
}
