/*
 * shed.c: what creatures give up under pressure, and get back: warm records, and all that is not hot.
 */
#include <errno.h>

#include "store/archive.h"
#include "store/behaviours.h"
#include "store/creatures.h"
#include "store/memories.h"
#include "store/pools.h"
#include "store/relations.h"

static void set_warm(struct creatures *creatures, size_t position, struct warm *warm);
static size_t bytes_of(const struct creatures *creatures, size_t position);
static void *settle(void *pool, void *object);
static void settle_pages(struct creatures *creatures);

int creatures_demote(struct creatures *creatures, size_t position) {
  int error = creature_records_demote(&creatures->records, creatures_id_at(creatures, position));
  if (error) return error;
  set_warm(creatures, position, NULL);
  creatures->demotions++;
  return 0;
}

int creatures_promote(struct creatures *creatures, size_t position) {
  uint64_t id = creatures_id_at(creatures, position);
  int answer = creature_records_is_demoted(&creatures->records, id);
  if (answer <= 0) return answer;
  answer = pools_ask(creatures, creatures->warm_pool);
  if (answer) return answer;
  struct warm *warm = creature_records_warm(&creatures->records, id);
  if (!warm) {
    int error = -errno;
    if (error == -EBADMSG) creatures_simplify(creatures, position);
    return error;
  }
  set_warm(creatures, position, warm);
  creatures->promotions++;
  return 0;
}

int creatures_read_warm(const struct creatures *creatures, size_t position, struct warm *ret_warm) {
  return creature_records_read_warm(&creatures->records, creatures_id_at(creatures, position), ret_warm);
}

static void set_warm(struct creatures *creatures, size_t position, struct warm *warm) {
  ((struct warm **)ration_vector_data(&creatures->warm))[position] = warm;
}

size_t creatures_simplify(struct creatures *creatures, size_t position) {
  struct hot *hot = &creatures_hot(creatures)[position];
  struct cold *cold = creatures_cold(creatures, position);
  if (hot->flags & FLAG_SIMPLIFIED) return 0;
  size_t bytes = bytes_of(creatures, position);
  creature_records_drop_warm(&creatures->records, creatures_id_at(creatures, position));
  memories_set(creatures, cold, NULL, 0);
  relations_set(creatures, cold, NULL, 0);
  behaviours_set(creatures, cold, NULL, 0);
  archive_drop(creatures, cold);
  set_warm(creatures, position, NULL);
  hot->flags |= FLAG_SIMPLIFIED;
  creatures->simplified++;
  return bytes;
}

/* That simplifying it frees. */
static size_t bytes_of(const struct creatures *creatures, size_t position) {
  const struct ration_records_slot *slot = ration_records_slot_at(&creatures->records.records, position);
  const struct cold *cold = slot->cold;
  size_t bytes = slot->packed_bytes ? slot->packed_bytes : sizeof(struct warm);
  return bytes + archive_bytes(cold->archive) + archive_page_bytes(creatures, cold);
}

int creatures_restore(struct creatures *creatures, size_t position, const struct warm *warm) {
  struct hot *hot = &creatures_hot(creatures)[position];
  if (!(hot->flags & FLAG_SIMPLIFIED)) return -EALREADY;
  int error = pools_ask(creatures, creatures->warm_pool);
  if (error) return error;
  struct warm *made = creature_records_warm(&creatures->records, creatures_id_at(creatures, position));
  if (!made) return -errno;
  *made = *warm;
  set_warm(creatures, position, made);
  hot->flags &= ~(uint32_t)FLAG_SIMPLIFIED;
  return 0;
}

/* Of a pool that has not room for a block more than it needs, nothing would come back: it is left alone. */
void creatures_trim(struct creatures *creatures) {
  if (pools_is_loose(creatures->warm_pool)) {
    creature_records_move_warm(&creatures->records, settle, creatures->warm_pool);
    for (size_t i = 0; i < creatures_count(creatures); i++)
      set_warm(creatures, i, creature_records_warm_at(&creatures->records, i));
  }
  settle_pages(creatures);
  pools_shrink(creatures);
}

static void *settle(void *pool, void *object) {
  return ration_pool_settle(pool, object);
}

static void settle_pages(struct creatures *creatures) {
  struct ration_pool *relation_pages = creatures->relation_pages,
                     *behaviour_pages = creatures->behaviour_pages;
  int has_memories = pools_is_loose(creatures->memory_pages), has_relations = pools_is_loose(relation_pages),
      has_behaviours = pools_is_loose(behaviour_pages);
  if (!has_memories && !has_relations && !has_behaviours) return;
  for (size_t i = 0; i < creatures_count(creatures); i++) {
    struct cold *cold = creatures_cold(creatures, i);
    if (has_memories) memories_settle(creatures, cold);
    if (has_relations && cold->relations) cold->relations = settle(relation_pages, cold->relations);
    if (has_behaviours && cold->behaviours) cold->behaviours = settle(behaviour_pages, cold->behaviours);
  }
}
