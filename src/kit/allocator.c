/*
 * allocator.c: the books of an allocator: what each category has in use, and whether a request has room in
 * it.
 *
 * Counts are relaxed atomics: each is exact by itself, and none says that something else has happened.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/atomics.h"
#include "kit/allocator.h"
#include "kit/fail.h"

#define DEPTH_MOST 16

static const struct ration_memory_type total_type, category_type, critical_type, quiet_type;

/* CRITICAL has each limit raised by the reserve; QUIET calls no handlers: a pool that grows is not to be used
   by them. */
enum manner { ORDINARY, CRITICAL, QUIET };

static const struct ration_allocator_budget default_budgets[RATION_ALLOCATOR_DEFAULTS] = {
    [RATION_ALLOCATOR_CREATURES] = {.path = "creatures", .share = 0.40},
    [RATION_ALLOCATOR_COMPONENTS] = {.path = "creatures/components"},
    [RATION_ALLOCATOR_BEHAVIORS] = {.path = "creatures/behaviors"},
    [RATION_ALLOCATOR_WORLD] = {.path = "world", .share = 0.20},
    [RATION_ALLOCATOR_RENDERING] = {.path = "rendering", .share = 0.20},
    [RATION_ALLOCATOR_UI] = {.path = "ui", .share = 0.10},
    [RATION_ALLOCATOR_AUDIO] = {.path = "audio", .share = 0.05},
    [RATION_ALLOCATOR_TEMPORARY] = {.path = "temporary"},
};
static const double default_levels[4] = {0.6, 0.8, 0.9, 0.95};

static int check(const struct ration_allocator_settings *settings);
static int check_budget(const struct ration_allocator_budget *budgets, size_t index);
static int make_nodes(struct ration_allocator *allocator, const struct ration_allocator_settings *settings);
static int make_pools(struct ration_allocator *allocator, const struct ration_allocator_settings *settings);
static int charge(struct ration_allocator_node *node, size_t size, enum manner manner);
static void record(struct ration_allocator_node *node, const size_t *reached);
static int discharge(struct ration_allocator_node *node, size_t size);

int ration_allocator_init(struct ration_allocator *allocator,
                          const struct ration_allocator_settings *settings) {
  if (!allocator) return -EINVAL;
  memset(allocator, 0, sizeof *allocator);
  struct ration_allocator_settings all = settings ? *settings : (struct ration_allocator_settings){0};
  if (!all.total) all.total = (size_t)4 << 30;
  if (!all.budgets) {
    all.budgets = default_budgets;
    all.budget_count = RATION_ALLOCATOR_DEFAULTS;
  }
  if (!all.reserve) all.reserve = 0.05;
  if (!all.levels[0] && !all.levels[1] && !all.levels[2] && !all.levels[3])
    memcpy(all.levels, default_levels, sizeof default_levels);
  int error = check(&all);
  if (error) return error;
  allocator->memory.type = &total_type;
  allocator->reserve = all.reserve > 0 ? (size_t)(all.reserve * (double)all.total) : 0;
  allocator_set_levels(allocator, all.total, all.levels);
  error = make_nodes(allocator, &all);
  if (!error) error = make_pools(allocator, &all);
  if (error) {
    ration_memory_release(allocator->own, allocator->nodes, all.budget_count * sizeof *allocator->nodes, 64);
    memset(allocator, 0, sizeof *allocator);
    return error;
  }
  allocator->is_ready = 1;
  return 0;
}

static int check(const struct ration_allocator_settings *settings) {
  if (settings->total > RATION_BYTES_MOST) return -EOVERFLOW;
  if (!(settings->reserve >= 0 && settings->reserve < 1) && settings->reserve != RATION_ALLOCATOR_NO_RESERVE)
    return -EINVAL;
  if (settings->total_policy > RATION_ALLOCATOR_NOTIFY || !settings->budget_count) return -EINVAL;
  if (settings->pool_category >= settings->budget_count) return -EINVAL;
  for (int i = 0; i < 4; i++)
    if (!(settings->levels[i] > (i ? settings->levels[i - 1] : 0) && settings->levels[i] <= 1))
      return -EINVAL;
  for (size_t i = 0; i < settings->budget_count; i++) {
    int error = check_budget(settings->budgets, i);
    if (error) return error;
  }
  return 0;
}

static int check_budget(const struct ration_allocator_budget *budgets, size_t index) {
  const struct ration_allocator_budget *budget = &budgets[index];
  if (!budget->path || !*budget->path || budget->policy > RATION_ALLOCATOR_NOTIFY) return -EINVAL;
  if (!(budget->share >= 0 && budget->share <= 1) || (budget->share > 0 && budget->bytes)) return -EINVAL;
  for (size_t i = 0; i < index; i++)
    if (!strcmp(budgets[i].path, budget->path)) return -EINVAL;
  return 0;
}

static void set_node(struct ration_allocator_node *node, struct ration_allocator *allocator, const char *path,
                     struct ration_memory *below) {
  memset(node, 0, sizeof *node);
  node->memory.type = &category_type;
  node->critical.type = &critical_type;
  node->quiet.type = &quiet_type;
  node->allocator = allocator;
  node->path = path;
  ration_system_init(&node->system, path);
  node->below = below ? below : &node->system.memory;
  node->limit = SIZE_MAX;
}

/* The listed category with the longest path that this one is below. */
static struct ration_allocator_node *parent_of(struct ration_allocator *allocator, const char *path) {
  struct ration_allocator_node *parent = &allocator->total;
  size_t longest = 0;
  for (size_t i = 0; i < allocator->count; i++) {
    size_t length = strlen(allocator->nodes[i].path);
    if (length <= longest || strncmp(path, allocator->nodes[i].path, length) != 0 || path[length] != '/')
      continue;
    parent = &allocator->nodes[i];
    longest = length;
  }
  return parent;
}

static int make_nodes(struct ration_allocator *allocator, const struct ration_allocator_settings *settings) {
  allocator->own = settings->memory;
  allocator->nodes =
      ration_memory_allocate_array(allocator->own, settings->budget_count, sizeof *allocator->nodes, 64);
  if (!allocator->nodes) return -errno;
  allocator->count = settings->budget_count;
  set_node(&allocator->total, allocator, NULL, settings->memory);
  allocator->total.limit = settings->total - allocator->reserve;
  allocator->total.policy = settings->total_policy;
  for (size_t i = 0; i < allocator->count; i++) {
    const struct ration_allocator_budget *budget = &settings->budgets[i];
    struct ration_allocator_node *node = &allocator->nodes[i];
    set_node(node, allocator, budget->path, settings->memory);
    node->policy = budget->policy;
    if (budget->share > 0) node->limit = (size_t)(budget->share * (double)settings->total);
    if (budget->bytes) node->limit = budget->bytes;
  }
  for (size_t i = 0; i < allocator->count; i++)
    allocator->nodes[i].parent = parent_of(allocator, allocator->nodes[i].path);
  for (size_t i = 0; i < allocator->count; i++) {
    size_t depth = 0;
    for (const struct ration_allocator_node *node = &allocator->nodes[i]; node; node = node->parent) depth++;
    if (depth > DEPTH_MOST) return -ENOSPC;
  }
  return 0;
}

static int make_pools(struct ration_allocator *allocator, const struct ration_allocator_settings *settings) {
  struct ration_allocator_node *node = &allocator->nodes[settings->pool_category];
  struct ration_pools_settings pools = {.pool = settings->pool,
                                        .category = node->path,
                                        .is_shared = !settings->are_pools_plain,
                                        .memory = allocator->own};
  pools.pool.memory = &node->quiet;
  int error = -pthread_mutex_init(&allocator->lock, NULL);
  if (error) return error;
  error = -pthread_cond_init(&allocator->rested, NULL);
  if (!error) {
    error = ration_pools_init(&allocator->pools, &pools);
    if (!error) return 0;
    pthread_cond_destroy(&allocator->rested);
  }
  pthread_mutex_destroy(&allocator->lock);
  return error;
}

void ration_allocator_done(struct ration_allocator *allocator) {
  if (!allocator || !allocator->is_ready) return;
  ration_pools_done(&allocator->pools);
  pthread_cond_destroy(&allocator->rested);
  pthread_mutex_destroy(&allocator->lock);
  ration_memory_release(allocator->own, allocator->nodes, allocator->count * sizeof *allocator->nodes, 64);
  memset(allocator, 0, sizeof *allocator);
}

/* ---- a category as a memory ---------------------------------------------------------------------------- */

/* Calls handlers where a level is reached; one comparison where none is. */
static void look_at_level(struct ration_allocator *allocator) {
  if (load_relaxed(&allocator->total.used) >= load_relaxed(&allocator->up))
    allocator_settle(allocator, ALLOCATOR_RAISE);
}

static void look_whether_over(struct ration_allocator *allocator) {
  if (load_relaxed(&allocator->total.used) < load_relaxed(&allocator->down))
    allocator_settle(allocator, ALLOCATOR_LOWER);
}

static void *allocate_in(struct ration_allocator_node *node, size_t size, size_t alignment,
                         enum manner manner) {
  int error = charge(node, size, manner);
  if (error) return fail(error);
  void *block = node->below->type->allocate(node->below, size, alignment);
  if (!block) {
    discharge(node, size);
    return NULL;
  }
  add_relaxed(&node->requests, 1);
  if (manner != QUIET) look_at_level(node->allocator);
  return block;
}

static int release_in(struct ration_allocator_node *node, void *block, size_t size, size_t alignment) {
  struct ration_allocator *allocator = node->allocator;
  int error = discharge(node, size);
  if (error) return error;
  error = node->below->type->release(node->below, block, size, alignment);
  if (error) {
    for (; node; node = node->parent) add_relaxed(&node->used, size); /* it is still there */
    return error;
  }
  add_relaxed(&node->releases, 1);
  look_whether_over(allocator);
  return 0;
}

static void *reallocate_in(struct ration_allocator_node *node, void *block, size_t size, size_t new_size,
                           size_t alignment, enum manner manner) {
  size_t more = new_size > size ? new_size - size : 0, less = size > new_size ? size - new_size : 0;
  if (load_relaxed(&node->used) < size) return fail(-EFAULT);
  int error = more ? charge(node, more, manner) : 0;
  if (error) return fail(error);
  void *moved = ration_memory_reallocate(node->below, block, size, new_size, alignment);
  if (!moved) {
    if (more) discharge(node, more);
    return NULL;
  }
  if (less) {
    discharge(node, less);
    look_whether_over(node->allocator);
  } else if (manner != QUIET) {
    look_at_level(node->allocator);
  }
  return moved;
}

/* ---- the books ----------------------------------------------------------------------------------------- */

/* 1 if `size` has room in this one; then it is in its books, and *ret_reached what they were at. */
static int charge_one(struct ration_allocator_node *node, size_t size, size_t extra, size_t *ret_reached) {
  size_t limit = node->limit > SIZE_MAX - extra ? SIZE_MAX : node->limit + extra;
  size_t used = load_relaxed(&node->used), reached;
  do {
    if (__builtin_add_overflow(used, size, &reached)) return 0;
    if (reached > limit && node->policy == RATION_ALLOCATOR_REFUSE) return 0;
  } while (!cas_relaxed(&node->used, &used, reached));
  if (used <= limit && reached > limit) add_relaxed(&node->breaches, 1);
  *ret_reached = reached;
  return 1;
}

/* The node that had no room, with nothing charged; or NULL, with all charged. */
static struct ration_allocator_node *try_charge(struct ration_allocator_node *node, size_t size,
                                                size_t extra) {
  size_t reached[DEPTH_MOST], depth = 0;
  for (struct ration_allocator_node *at = node; at; at = at->parent) {
    if (charge_one(at, size, extra, &reached[depth++])) continue;
    for (struct ration_allocator_node *undo = node; undo != at; undo = undo->parent)
      add_relaxed(&undo->used, (size_t)0 - size);
    return at;
  }
  record(node, reached);
  return NULL;
}

static int charge(struct ration_allocator_node *node, size_t size, enum manner manner) {
  struct ration_allocator *allocator = node->allocator;
  size_t extra = manner == CRITICAL ? allocator->reserve : 0;
  struct ration_allocator_node *full = try_charge(node, size, extra);
  if (full == &allocator->total && manner != QUIET && allocator_settle(allocator, ALLOCATOR_REFUSED))
    full = try_charge(node, size, extra);
  if (!full) return 0;
  add_relaxed(&full->refusals, 1);
  return -ENOMEM;
}

static void record(struct ration_allocator_node *node, const size_t *reached) {
  for (size_t depth = 0; node; node = node->parent, depth++) {
    size_t peak = load_relaxed(&node->peak);
    while (reached[depth] > peak && !cas_relaxed(&node->peak, &peak, reached[depth])) {
    }
  }
}

/* -EFAULT: so much was never asked for here. */
static int discharge(struct ration_allocator_node *node, size_t size) {
  size_t used = load_relaxed(&node->used);
  do {
    if (used < size) return -EFAULT;
  } while (!cas_relaxed(&node->used, &used, used - size));
  while ((node = node->parent)) add_relaxed(&node->used, (size_t)0 - size);
  return 0;
}

int ration_allocator_stats(struct ration_allocator *allocator, size_t index,
                           struct ration_allocator_figures *ret_figures) {
  if (!allocator || !allocator->is_ready || !ret_figures) return -EINVAL;
  if (index != RATION_ALLOCATOR_TOTAL && index >= allocator->count) return -ENOENT;
  struct ration_allocator_node *node =
      index == RATION_ALLOCATOR_TOTAL ? &allocator->total : &allocator->nodes[index];
  struct ration_allocator_figures figures = {.path = node->path,
                                             .limit = node->limit,
                                             .used = load_relaxed(&node->used),
                                             .peak = load_relaxed(&node->peak),
                                             .refusals = load_relaxed(&node->refusals),
                                             .breaches = load_relaxed(&node->breaches)};
  uint64_t releases = 0;
  for (size_t i = 0; i <= allocator->count; i++) {
    struct ration_allocator_node *inner = i < allocator->count ? &allocator->nodes[i] : &allocator->total,
                                 *at = inner;
    while (at && at != node) at = at->parent;
    if (!at) continue;
    releases += load_relaxed(&inner->releases);
    figures.requests += load_relaxed(&inner->requests);
  }
  figures.blocks = figures.requests > releases ? figures.requests - releases : 0;
  *ret_figures = figures;
  return 0;
}

/* ---- what there is ------------------------------------------------------------------------------------- */

static struct ration_allocator_node *node_at(struct ration_allocator *allocator, size_t index) {
  if (!allocator || !allocator->is_ready) return fail(-EINVAL);
  if (index == RATION_ALLOCATOR_TOTAL) return &allocator->total;
  return index < allocator->count ? &allocator->nodes[index] : fail(-ENOENT);
}

struct ration_memory *ration_allocator_category(struct ration_allocator *allocator, size_t index) {
  struct ration_allocator_node *node = node_at(allocator, index);
  return node ? &node->memory : NULL;
}

struct ration_memory *ration_allocator_critical(struct ration_allocator *allocator, size_t index) {
  struct ration_allocator_node *node = node_at(allocator, index);
  return node ? &node->critical : NULL;
}

struct ration_memory *ration_allocator_named(struct ration_allocator *allocator, const char *path) {
  if (!allocator || !allocator->is_ready || !path) return fail(-EINVAL);
  for (size_t i = 0; i < allocator->count; i++)
    if (!strcmp(allocator->nodes[i].path, path)) return &allocator->nodes[i].memory;
  return fail(-ENOENT);
}

int ration_allocator_set(struct ration_allocator *allocator, const struct ration_pool_type *type,
                         size_t index, const struct ration_pools_choice *choice) {
  if (!allocator || !allocator->is_ready || !type || !choice) return -EINVAL;
  if (index >= allocator->count) return -ENOENT;
  struct ration_pools_choice own = *choice;
  own.pool.memory = &allocator->nodes[index].quiet;
  own.category = allocator->nodes[index].path;
  return ration_pools_set(&allocator->pools, type, &own);
}

void *ration_allocator_take(struct ration_allocator *allocator, const struct ration_pool_type *type) {
  if (!allocator || !allocator->is_ready) return fail(-EINVAL);
  uint64_t refusals = load_relaxed(&allocator->total.refusals);
  void *object = ration_pools_take(&allocator->pools, type);
  if (!object && errno == ENOMEM && load_relaxed(&allocator->total.refusals) != refusals &&
      allocator_settle(allocator, ALLOCATOR_REFUSED))
    object = ration_pools_take(&allocator->pools, type);
  if (object) look_at_level(allocator);
  return object;
}

int ration_allocator_give(struct ration_allocator *allocator, const struct ration_pool_type *type,
                          void *object) {
  return allocator ? ration_pools_give(&allocator->pools, type, object) : -EINVAL;
}

struct ration_pools *ration_allocator_pools(struct ration_allocator *allocator) {
  return allocator && allocator->is_ready ? &allocator->pools : fail(-EINVAL);
}

/* With nothing else going on: what is below has no more in use than what is above, and no limit that refuses
   is passed. */
int ration_allocator_is_valid(struct ration_allocator *allocator) {
  if (!allocator || !allocator->is_ready) return 0;
  for (size_t i = 0; i <= allocator->count; i++) {
    const struct ration_allocator_node *node =
        i < allocator->count ? &allocator->nodes[i] : &allocator->total;
    size_t inner = 0;
    for (size_t j = 0; j < allocator->count; j++)
      if (allocator->nodes[j].parent == node) inner += allocator->nodes[j].used;
    if (inner > node->used || node->used > node->peak || node->releases > node->requests) return 0;
    if (node->policy == RATION_ALLOCATOR_REFUSE && node->limit < SIZE_MAX - allocator->reserve &&
        node->used > node->limit + allocator->reserve)
      return 0;
  }
  for (int i = 1; i < 4; i++)
    if (allocator->marks[i] > allocator->marks[i + 1]) return 0;
  return allocator->level <= RATION_ALLOCATOR_CRITICAL && ration_pools_is_valid(&allocator->pools);
}

/* ---- the four kinds of memory -------------------------------------------------------------------------- */

static struct ration_allocator_node *total_of(struct ration_memory *memory) {
  return &((struct ration_allocator *)(void *)memory)->total;
}

static struct ration_allocator_node *ordinary_of(struct ration_memory *memory) {
  return (struct ration_allocator_node *)(void *)memory;
}

static struct ration_allocator_node *node_around(struct ration_memory *memory, size_t offset) {
  return (struct ration_allocator_node *)(void *)((char *)memory - offset);
}

static struct ration_allocator_node *critical_of(struct ration_memory *memory) {
  return node_around(memory, offsetof(struct ration_allocator_node, critical));
}

static struct ration_allocator_node *quiet_of(struct ration_memory *memory) {
  return node_around(memory, offsetof(struct ration_allocator_node, quiet));
}

#define KIND(KIND_NAME, NODE_OF, MANNER)                                                                     \
  static void *KIND_NAME##_allocate(struct ration_memory *memory, size_t size, size_t alignment) {           \
    return allocate_in(NODE_OF(memory), size, alignment, MANNER);                                            \
  }                                                                                                          \
  static void *KIND_NAME##_reallocate(struct ration_memory *memory, void *block, size_t size,                \
                                      size_t new_size, size_t alignment) {                                   \
    return reallocate_in(NODE_OF(memory), block, size, new_size, alignment, MANNER);                         \
  }                                                                                                          \
  static int KIND_NAME##_release(struct ration_memory *memory, void *block, size_t size, size_t alignment) { \
    return release_in(NODE_OF(memory), block, size, alignment);                                              \
  }                                                                                                          \
  static const struct ration_memory_type KIND_NAME##_type = {.name = "allocator",                            \
                                                             .allocate = KIND_NAME##_allocate,               \
                                                             .reallocate = KIND_NAME##_reallocate,           \
                                                             .release = KIND_NAME##_release};

KIND(total, total_of, ORDINARY)
KIND(category, ordinary_of, ORDINARY)
KIND(critical, critical_of, CRITICAL)
KIND(quiet, quiet_of, QUIET)
