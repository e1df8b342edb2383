/*
 * check.c: what must hold of the store as a whole: nothing is lost, and nothing is held by no one.
 *
 *     count + died == born;  the columns are as long as the records, and say the same
 *     a creature has a warm record, plain or demoted, or is simplified
 *     of each pool the objects in use are those that creatures have
 */
#include "store/archive.h"
#include "store/behaviours.h"
#include "store/creatures.h"
#include "store/memories.h"
#include "store/relations.h"

struct found {
  size_t warm, memory_pages, relation_pages, behaviour_pages;
};

static int are_columns_valid(const struct creatures *creatures);
static int is_one_valid(const struct creatures *creatures, size_t position, struct found *found);
static int are_pages_valid(const struct creatures *creatures, const struct cold *cold, struct found *found);
static int has_in_use(const struct ration_pool *pool, size_t count);

int creatures_is_valid(const struct creatures *creatures) {
  struct found found = {.warm = 0};
  if (!ration_records_is_valid(&creatures->records.records) || !are_columns_valid(creatures)) return 0;
  for (size_t i = 0; i < creatures_count(creatures); i++)
    if (!is_one_valid(creatures, i, &found)) return 0;
  return has_in_use(creatures->warm_pool, found.warm) &&
         has_in_use(creatures->cold_pool, creatures_count(creatures)) &&
         has_in_use(creatures->memory_pages, found.memory_pages) &&
         has_in_use(creatures->relation_pages, found.relation_pages) &&
         has_in_use(creatures->behaviour_pages, found.behaviour_pages);
}

static int are_columns_valid(const struct creatures *creatures) {
  size_t count = creatures_count(creatures);
  return count + creatures->died == creatures->born && positions_count(&creatures->positions) == count &&
         ration_vector_count(&creatures->warm) == count && ration_vector_count(&creatures->looks) == count &&
         ration_vector_is_valid(&creatures->warm) && ration_vector_is_valid(&creatures->looks);
}

static int is_one_valid(const struct creatures *creatures, size_t position, struct found *found) {
  const struct ration_records_slot *slot = ration_records_slot_at(&creatures->records.records, position);
  const struct warm *warm = creature_records_warm_at(&creatures->records, position);
  const struct cold *cold = creatures_cold(creatures, position);
  int is_simplified = (creatures_hot(creatures)[position].flags & FLAG_SIMPLIFIED) != 0;
  if (creatures_find(creatures, creatures_id_at(creatures, position)) != position) return 0;
  if (creatures_warm(creatures)[position] != warm || (slot->warm == NULL) != is_simplified) return 0;
  found->warm += warm != NULL;
  return cold && ration_pool_has(creatures->cold_pool, cold) &&
         (!warm || ration_pool_has(creatures->warm_pool, warm)) && are_pages_valid(creatures, cold, found);
}

static int are_pages_valid(const struct creatures *creatures, const struct cold *cold, struct found *found) {
  const struct archive *archive = cold->archive;
  size_t pages = 0;
  if (!memories_are_valid(creatures, cold, &pages)) return 0;
  found->memory_pages += pages;
  found->relation_pages += cold->relations != NULL;
  found->behaviour_pages += cold->behaviours != NULL;
  if (cold->relations &&
      (!ration_pool_has(creatures->relation_pages, cold->relations) ||
       relations_count(cold) > creatures->relations_most || (archive && archive->relations)))
    return 0;
  return !cold->behaviours ||
         (ration_pool_has(creatures->behaviour_pages, cold->behaviours) &&
          behaviours_count(cold) <= creatures->behaviours_most && !(archive && archive->behaviours));
}

static int has_in_use(const struct ration_pool *pool, size_t count) {
  struct ration_pool_counts counts;
  return ration_pool_is_valid(pool) && !ration_pool_stats(pool, &counts) && counts.used == count;
}
