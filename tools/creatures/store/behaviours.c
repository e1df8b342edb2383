/*
 * behaviours.c: one page a creature: a few short ones, in the order in which they were learned.
 */
#include "store/behaviours.h"

#include <errno.h>
#include <string.h>

#include "store/archive.h"
#include "store/pools.h"

static struct behaviour *find(const struct cold *cold, enum stimulus stimulus, uint32_t action);
static int make_page(struct creatures *creatures, struct cold *cold);
static float clamp(float weight);

float behaviours_weight(const struct cold *cold, enum stimulus stimulus, uint32_t action) {
  const struct behaviour *learned = find(cold, stimulus, action);
  return learned ? learned->weight : 0;
}

static struct behaviour *find(const struct cold *cold, enum stimulus stimulus, uint32_t action) {
  struct behaviour_page *page = cold->behaviours;
  for (uint32_t i = 0; page && i < page->count; i++)
    if (page->behaviours[i].stimulus == stimulus && page->behaviours[i].action == action)
      return &page->behaviours[i];
  return NULL;
}

int behaviours_learn(struct creatures *creatures, struct cold *cold, enum stimulus stimulus, uint32_t action,
                     float more, uint32_t frame) {
  struct behaviour *learned = find(cold, stimulus, action);
  if (learned) {
    learned->weight = clamp(learned->weight + more);
    learned->learned_at = frame;
    return 0;
  }
  if (cold->archive && cold->archive->behaviours) return -EAGAIN;
  int error = ration_limits_add(creatures->limits, RATION_LIMIT_LEARNED_BEHAVIOURS, behaviours_count(cold));
  if (error < 0 || behaviours_count(cold) >= creatures->behaviours_most) return -ENOSPC;
  if (!cold->behaviours) error = make_page(creatures, cold);
  if (error) return error;
  struct behaviour_page *page = cold->behaviours;
  page->behaviours[page->count++] = (struct behaviour){
      .stimulus = (uint16_t)stimulus, .action = (uint16_t)action, .weight = clamp(more), .learned_at = frame};
  return 0;
}

static int make_page(struct creatures *creatures, struct cold *cold) {
  cold->behaviours = pools_take(creatures, creatures->behaviour_pages);
  if (!cold->behaviours) return -ENOMEM;
  cold->behaviours->count = 0;
  return 0;
}

static float clamp(float weight) {
  return weight < -1 ? -1 : weight > 1 ? 1 : weight;
}

int behaviours_set(struct creatures *creatures, struct cold *cold, const struct behaviour *behaviours,
                   uint32_t count) {
  if (count > creatures->behaviours_most) return -ENOSPC;
  if (count && !cold->behaviours && make_page(creatures, cold)) return -ENOMEM;
  if (count) {
    cold->behaviours->count = count;
    memcpy(cold->behaviours->behaviours, behaviours, count * sizeof *behaviours);
  } else if (cold->behaviours) {
    ration_pool_give(creatures->behaviour_pages, cold->behaviours);
    cold->behaviours = NULL;
  }
  return 0;
}
