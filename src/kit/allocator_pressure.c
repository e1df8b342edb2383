/*
 * allocator_pressure.c: how full an allocator is, and who is asked to free something.
 *
 * One thread at a time settles; others go on. The level, and the two marks that every request compares use
 * with, are written by that thread alone.
 */
#include <errno.h>

#include "base/atomics.h"
#include "kit/allocator.h"

#define ROUNDS_MOST 8 /* of levels that change while handlers run */

static void set_level(struct ration_allocator *allocator, uint32_t level);
static size_t call_handlers(struct ration_allocator *allocator, uint32_t level, int is_refused);

void allocator_set_levels(struct ration_allocator *allocator, size_t total, const double *levels) {
  for (int i = 0; i < 4; i++) allocator->marks[i + 1] = (size_t)(levels[i] * (double)total);
  allocator->slack = total / 64;
  set_level(allocator, RATION_ALLOCATOR_NONE);
}

/* Use below which the level is over. */
static size_t end_of(const struct ration_allocator *allocator, uint32_t level) {
  size_t mark = allocator->marks[level];
  return mark > allocator->slack ? mark - allocator->slack : level != RATION_ALLOCATOR_NONE;
}

static void set_level(struct ration_allocator *allocator, uint32_t level) {
  size_t up = level < RATION_ALLOCATOR_CRITICAL ? allocator->marks[level + 1] : SIZE_MAX;
  /* Hints for others: who misses a change sees it at the next request. */
  store_relaxed(&allocator->level, level);
  store_relaxed(&allocator->up, up);
  store_relaxed(&allocator->down, end_of(allocator, level));
}

static uint32_t level_of(const struct ration_allocator *allocator, size_t used) {
  uint32_t level = allocator->level;
  while (level < RATION_ALLOCATOR_CRITICAL && used >= allocator->marks[level + 1]) level++;
  while (used < end_of(allocator, level)) level--;
  return level;
}

static int begin(struct ration_allocator *allocator) {
  pthread_mutex_lock(&allocator->lock);
  int is_mine = !allocator->is_relieving;
  if (is_mine) {
    allocator->is_relieving = 1;
    allocator->reliever = pthread_self();
  }
  pthread_mutex_unlock(&allocator->lock);
  return is_mine;
}

static void end(struct ration_allocator *allocator, size_t freed) {
  pthread_mutex_lock(&allocator->lock);
  allocator->is_relieving = 0;
  allocator->freed += freed;
  pthread_cond_broadcast(&allocator->rested);
  pthread_mutex_unlock(&allocator->lock);
}

int allocator_settle(struct ration_allocator *allocator, enum allocator_due due) {
  int old_errno = errno;
  if (!begin(allocator)) return 0;
  size_t freed = 0;
  if (due == ALLOCATOR_REFUSED) freed += call_handlers(allocator, RATION_ALLOCATOR_CRITICAL, 1);
  for (int round = 0; round < ROUNDS_MOST; round++) {
    uint32_t old = allocator->level,
             level = level_of(allocator, load_relaxed(&allocator->total.used)); /* a moment's */
    if (level == old || (level > old && due == ALLOCATOR_LOWER)) break;
    set_level(allocator, level);
    if (level > old && due == ALLOCATOR_RAISE) freed += call_handlers(allocator, level, 0);
  }
  end(allocator, freed);
  errno = old_errno;
  return freed != 0;
}

/* With the lock: the place of this handler, or of none. */
static size_t place_of(const struct ration_allocator *allocator, ration_allocator_handler handler,
                       const void *context) {
  size_t place = 0;
  while (place < allocator->relief_count &&
         (allocator->reliefs[place].handler != handler || allocator->reliefs[place].context != context))
    place++;
  return place;
}

/* By a copy, since handlers may add and take away others; none that is gone meanwhile is called. */
static size_t call_handlers(struct ration_allocator *allocator, uint32_t level, int is_refused) {
  struct ration_allocator_relief reliefs[RATION_ALLOCATOR_HANDLERS];
  pthread_mutex_lock(&allocator->lock);
  size_t count = allocator->relief_count, freed = 0;
  for (size_t i = 0; i < count; i++) reliefs[i] = allocator->reliefs[i];
  pthread_mutex_unlock(&allocator->lock);
  for (size_t i = 0; i < count; i++) {
    if (reliefs[i].lowest > level) continue;
    pthread_mutex_lock(&allocator->lock);
    int is_there = place_of(allocator, reliefs[i].handler, reliefs[i].context) < allocator->relief_count;
    pthread_mutex_unlock(&allocator->lock);
    if (!is_there) continue;
    freed += reliefs[i].handler((enum ration_allocator_level)level, reliefs[i].context);
    if (!is_refused && load_relaxed(&allocator->total.used) < allocator->marks[level])
      break; /* a moment's use */
  }
  return freed;
}

int ration_allocator_handle(struct ration_allocator *allocator, ration_allocator_handler handler,
                            void *context, uint32_t priority, enum ration_allocator_level lowest) {
  if (!allocator || !allocator->is_ready || !handler) return -EINVAL;
  if (lowest < RATION_ALLOCATOR_LOW || lowest > RATION_ALLOCATOR_CRITICAL) return -EINVAL;
  pthread_mutex_lock(&allocator->lock);
  size_t place = allocator->relief_count;
  int error = place == RATION_ALLOCATOR_HANDLERS ? -ENOSPC : 0;
  if (!error) {
    for (; place && allocator->reliefs[place - 1].priority > priority; place--)
      allocator->reliefs[place] = allocator->reliefs[place - 1];
    allocator->reliefs[place] = (struct ration_allocator_relief){handler, context, priority, lowest};
    allocator->relief_count++;
  }
  pthread_mutex_unlock(&allocator->lock);
  return error;
}

int ration_allocator_unhandle(struct ration_allocator *allocator, ration_allocator_handler handler,
                              void *context) {
  if (!allocator || !allocator->is_ready || !handler) return -EINVAL;
  pthread_mutex_lock(&allocator->lock);
  size_t place = place_of(allocator, handler, context);
  int error = place == allocator->relief_count ? -ENOENT : 0;
  if (!error) {
    allocator->relief_count--;
    for (; place < allocator->relief_count; place++)
      allocator->reliefs[place] = allocator->reliefs[place + 1];
    while (allocator->is_relieving && !pthread_equal(allocator->reliever, pthread_self()))
      pthread_cond_wait(&allocator->rested, &allocator->lock);
  }
  pthread_mutex_unlock(&allocator->lock);
  return error;
}

int ration_allocator_pressure(struct ration_allocator *allocator) {
  if (!allocator || !allocator->is_ready) return -EINVAL;
  return (int)load_relaxed(&allocator->level); /* a moment's */
}

uint64_t ration_allocator_freed(struct ration_allocator *allocator) {
  if (!allocator || !allocator->is_ready) return 0;
  pthread_mutex_lock(&allocator->lock);
  uint64_t freed = allocator->freed;
  pthread_mutex_unlock(&allocator->lock);
  return freed;
}
