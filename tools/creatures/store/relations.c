/*
 * relations.c: one page a creature, searched from its begin, in the order in which it came to know the others.
 */
#include "store/relations.h"

#include <errno.h>
#include <string.h>

#include "store/archive.h"
#include "store/pools.h"

static int make_page(struct creatures *creatures, struct cold *cold);
static float clamp(float liking);

struct relation *relations_find(const struct cold *cold, uint64_t other_id) {
  struct relation_page *page = cold->relations;
  for (uint32_t i = 0; page && i < page->count; i++)
    if (page->relations[i].other_id == other_id) return &page->relations[i];
  return NULL;
}

int relations_change(struct creatures *creatures, struct cold *cold, uint64_t other_id, float more,
                     uint32_t frame) {
  struct relation *known = relations_find(cold, other_id);
  if (known) {
    known->liking = clamp(known->liking + more);
    known->met_at = frame;
    return 0;
  }
  if (cold->archive && cold->archive->relations) return -EAGAIN;
  int error = ration_limits_add(creatures->limits, RATION_LIMIT_RELATIONSHIPS, relations_count(cold));
  if (error < 0 || relations_count(cold) >= creatures->relations_most) return -ENOSPC;
  if (!cold->relations) error = make_page(creatures, cold);
  if (error) return error;
  struct relation_page *page = cold->relations;
  page->relations[page->count++] = (struct relation){other_id, clamp(more), frame};
  return 0;
}

static int make_page(struct creatures *creatures, struct cold *cold) {
  cold->relations = pools_take(creatures, creatures->relation_pages);
  if (!cold->relations) return -ENOMEM;
  *cold->relations = (struct relation_page){.count = 0};
  return 0;
}

static float clamp(float liking) {
  return liking < -1 ? -1 : liking > 1 ? 1 : liking;
}

void relations_forget(struct creatures *creatures, struct cold *cold) {
  struct relation_page *page = cold->relations;
  uint32_t kept = 0;
  if (!page) return;
  for (uint32_t i = 0; i < page->count; i++)
    if (creatures_find(creatures, page->relations[i].other_id) != NOTHING)
      page->relations[kept++] = page->relations[i];
  page->count = kept;
  if (!kept) relations_set(creatures, cold, NULL, 0);
}

int relations_set(struct creatures *creatures, struct cold *cold, const struct relation *relations,
                  uint32_t count) {
  if (count > creatures->relations_most) return -ENOSPC;
  if (count && !cold->relations && make_page(creatures, cold)) return -ENOMEM;
  if (count) {
    cold->relations->count = count;
    memcpy(cold->relations->relations, relations, count * sizeof *relations);
  } else if (cold->relations) {
    ration_pool_give(creatures->relation_pages, cold->relations);
    cold->relations = NULL;
  }
  return 0;
}
