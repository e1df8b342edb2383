/*
 * memories.c: a ring over pages. Where all are full and none is to be added, the newest go on in the oldest page, where
 * the oldest have gone:
 *
 *     oldest page: [0, wrapped) newest of all, [first, count) oldest of all;  wrapped <= first
 *     wrapped > 0 implies that each other page is full;  pages but the oldest and the newest are full
 *     count == sum of the pages' counts - first + wrapped
 */
#include "store/memories.h"

#include <errno.h>
#include <string.h>

#include "creature/fetch.h"
#include "store/pools.h"

static const struct memory_page end; /* of a walk, behind what wrapped */

static struct memory *make_place(struct creatures *creatures, struct cold *cold, int is_full);
static struct memory *wrap(struct memories *memories);
static struct memory_page *append_page(struct creatures *creatures, struct memories *memories);
static void drop_oldest(struct creatures *creatures, struct memories *memories);
static void leave_page(struct creatures *creatures, struct memories *memories);
static uint32_t pages_for(uint32_t count);
static void fetch_page(const struct memory_page *page);
static int fit_pages(struct creatures *creatures, struct memories *memories, uint32_t pages);
static void drop_from(struct creatures *creatures, struct memories *memories, uint32_t pages);

int memories_add(struct creatures *creatures, struct cold *cold, const struct memory *memory) {
  struct memories *memories = &cold->memories;
  int drop = ration_limits_add(creatures->limits, RATION_LIMIT_MEMORIES, memories->count), is_dropped = 0;
  if (!drop && memories->count >= creatures->memories_most) drop = 1;
  for (; drop > 0 && memories->count; drop--) {
    drop_oldest(creatures, memories);
    is_dropped = 1;
  }
  struct memory *place = make_place(creatures, cold, is_dropped);
  if (!place && memories->count) {
    drop_oldest(creatures, memories);
    is_dropped = 1;
    place = make_place(creatures, cold, 1);
  }
  if (!place) return -ENOMEM;
  *place = *memory;
  memories->count++;
  return is_dropped;
}

/* Behind the newest; NULL: there is none. is_full: no further page is wanted, where what has gone has left room. */
static struct memory *make_place(struct creatures *creatures, struct cold *cold, int is_full) {
  struct memories *memories = &cold->memories;
  struct memory_page *newest = memories->newest;
  int has_wrapped = newest && memories->oldest->wrapped;
  if (newest && !has_wrapped && newest->count < MEMORIES_A_PAGE) return &newest->memories[newest->count++];
  struct memory *place = is_full || has_wrapped ? wrap(memories) : NULL;
  if (place || has_wrapped) return place;
  newest = append_page(creatures, memories);
  return newest ? &newest->memories[newest->count++] : wrap(memories);
}

static struct memory *wrap(struct memories *memories) {
  struct memory_page *oldest = memories->oldest;
  return oldest && oldest->wrapped < memories->first ? &oldest->memories[oldest->wrapped++] : NULL;
}

static struct memory_page *append_page(struct creatures *creatures, struct memories *memories) {
  struct memory_page *page = pools_take(creatures, creatures->memory_pages);
  if (!page) return NULL;
  page->newer = NULL;
  page->count = page->wrapped = 0;
  if (memories->newest)
    memories->newest->newer = page;
  else
    memories->oldest = page;
  memories->newest = page;
  return page;
}

static void drop_oldest(struct creatures *creatures, struct memories *memories) {
  memories->count--;
  if (++memories->first == memories->oldest->count) leave_page(creatures, memories);
}

/* The oldest page has none of the oldest any more: it becomes the newest with what wrapped, or goes. */
static void leave_page(struct creatures *creatures, struct memories *memories) {
  struct memory_page *page = memories->oldest;
  memories->first = 0;
  if (!page->wrapped) {
    memories->oldest = page->newer;
    if (!memories->oldest) memories->newest = NULL;
    ration_pool_give(creatures->memory_pages, page);
    return;
  }
  page->count = page->wrapped;
  page->wrapped = 0;
  if (!page->newer) return;
  memories->oldest = page->newer;
  memories->newest->newer = page;
  memories->newest = page;
  page->newer = NULL;
}

/* ---- all of them ---- */

int memories_set(struct creatures *creatures, struct cold *cold, const struct memory *from, uint32_t count) {
  struct memories *memories = &cold->memories;
  uint32_t most = creatures->memories_most;
  if (count > most) from += count - most, count = most;
  int error = fit_pages(creatures, memories, pages_for(count));
  if (error) return error;
  memories->first = 0;
  memories->count = count;
  for (struct memory_page *page = memories->oldest; page; page = page->newer) {
    page->count = count < MEMORIES_A_PAGE ? count : MEMORIES_A_PAGE;
    page->wrapped = 0;
    memcpy(page->memories, from, page->count * sizeof *from);
    from += page->count;
    count -= page->count;
  }
  return 0;
}

static uint32_t pages_for(uint32_t count) {
  return (count + MEMORIES_A_PAGE - 1) / MEMORIES_A_PAGE;
}

/* That many; where they are not to be had, as many as before. */
static int fit_pages(struct creatures *creatures, struct memories *memories, uint32_t pages) {
  uint32_t had = 0;
  for (const struct memory_page *page = memories->oldest; page; page = page->newer) had++;
  for (uint32_t have = had; have < pages; have++) {
    if (append_page(creatures, memories)) continue;
    int error = -errno;
    drop_from(creatures, memories, had);
    return error;
  }
  drop_from(creatures, memories, pages);
  return 0;
}

/* The pages behind so many. */
static void drop_from(struct creatures *creatures, struct memories *memories, uint32_t pages) {
  struct memory_page **link = &memories->oldest, *last = NULL;
  for (; *link && pages; pages--) last = *link, link = &last->newer;
  struct memory_page *page = *link, *newer;
  *link = NULL;
  memories->newest = last;
  for (; page; page = newer) {
    newer = page->newer;
    ration_pool_give(creatures->memory_pages, page);
  }
}

size_t memories_keep(struct creatures *creatures, struct cold *cold, uint32_t keep) {
  struct memories *memories = &cold->memories;
  struct ration_pool_counts before, after;
  ration_pool_stats(creatures->memory_pages, &before);
  while (memories->count > keep) drop_oldest(creatures, memories);
  if (memories->count) {
    struct memory *kept = creatures->scratch;
    const struct memory_page *page = NULL;
    const struct memory *some;
    uint32_t count, all = 0;
    while ((some = memories_next(cold, &page, &count))) {
      memcpy(kept + all, some, count * sizeof *some);
      all += count;
    }
    memories_set(creatures, cold, kept, all); /* needs no page that it has not */
  }
  ration_pool_stats(creatures->memory_pages, &after);
  return (before.used - after.used) * sizeof(struct memory_page);
}

const struct memory *memories_next(const struct cold *cold, const struct memory_page **page,
                                   uint32_t *ret_count) {
  const struct memory_page *oldest = cold->memories.oldest, *last = *page;
  if (last == &end || !oldest) return NULL;
  const struct memory_page *next = last ? last->newer : oldest;
  *page = next ? next : &end;
  if (!next) {
    *ret_count = oldest->wrapped;
    return oldest->wrapped ? oldest->memories : NULL;
  }
  fetch_page(next->newer);
  uint32_t first = last ? 0 : cold->memories.first;
  *ret_count = next->count - first;
  return next->memories + first;
}

/* While the page before it is read: where it begins, and where it ends. */
static void fetch_page(const struct memory_page *page) {
  if (!page) return;
  fetch(page->memories);
  fetch(&page->newer);
}

void memories_settle(struct creatures *creatures, struct cold *cold) {
  struct memory_page *last = NULL;
  for (struct memory_page **link = &cold->memories.oldest; *link; link = &last->newer) {
    last = ration_pool_settle(creatures->memory_pages, *link);
    if (!last) return; /* not a page: see memories_are_valid */
    *link = last;
    cold->memories.newest = last;
  }
}

int memories_are_valid(const struct creatures *creatures, const struct cold *cold, size_t *ret_pages) {
  const struct memories *memories = &cold->memories;
  const struct memory_page *oldest = memories->oldest, *last = NULL;
  size_t pages = 0, count = 0;
  for (const struct memory_page *page = oldest; page; last = page, page = page->newer) {
    if (!ration_pool_has(creatures->memory_pages, page) || ++pages > pages_for(creatures->memories_most))
      return 0;
    if (!page->count || page->count > MEMORIES_A_PAGE || (page->wrapped && page != oldest)) return 0;
    if (page->count < MEMORIES_A_PAGE && page != oldest && (page->newer || oldest->wrapped)) return 0;
    count += page->count;
  }
  *ret_pages = pages;
  if (last != memories->newest) return 0;
  if (!oldest) return !memories->count && !memories->first;
  return oldest->wrapped <= memories->first && memories->first < oldest->count &&
         count - memories->first + oldest->wrapped == memories->count &&
         memories->count <= creatures->memories_most;
}
