/*
 * pool_list.c: rows of pools, each copied as it stands, and its state and number once more: where they have changed, the
 * row is another pool's by now, and the copy may be of both.
 */
#include "reader/pool_list.h"

#include <string.h>

static bool is_sound(const struct ration_segment_pool *row, uint32_t categories);
static struct pool_facts facts_of(const struct ration_segment_pool *row);
static uint64_t least(uint64_t a, uint64_t b);

int pool_list_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                   struct pool_list *ret_list) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_POOLS];
  ret_list->count = 0;
  for (uint64_t i = 0; i < table->rows && i < POOL_LIST_MOST; i++) {
    struct ration_segment_pool row, again;
    int error = layout_copy_row(file, table, i, &row, sizeof row);
    if (!error) error = layout_copy_row(file, table, i, &again, sizeof again);
    if (error) return error;
    if (is_sound(&row, categories) && row.number == again.number && again.state != RATION_POOL_TAKEN)
      ret_list->pool[ret_list->count++] = facts_of(&row);
  }
  return 0;
}

double pool_list_hit_rate(const struct pool_list *list) {
  double takes = 0, hits = 0;
  for (uint32_t i = 0; i < list->count; i++) {
    takes += (double)list->pool[i].takes;
    hits += (double)list->pool[i].hits;
  }
  return takes > 0 ? hits / takes : -1;
}

double pool_facts_hit_rate(const struct pool_facts *facts) {
  return facts->takes ? (double)facts->hits / (double)facts->takes : -1;
}

static bool is_sound(const struct ration_segment_pool *row, uint32_t categories) {
  return (row->state == RATION_POOL_REGISTERED || row->state == RATION_POOL_GONE) &&
         row->category <= categories && row->object_bytes > 0 && row->name[0] &&
         memchr(row->name, 0, sizeof row->name);
}

/* Figures may be a moment apart, or a program's that miscounts. */
static struct pool_facts facts_of(const struct ration_segment_pool *row) {
  struct pool_facts facts = {.category = row->category,
                             .is_registered = row->state == RATION_POOL_REGISTERED,
                             .object_bytes = row->object_bytes,
                             .used = least(row->used, row->reserved),
                             .reserved = row->reserved,
                             .takes = row->takes,
                             .hits = least(row->hits, row->takes)};
  facts.peak = row->peak > facts.used ? row->peak : facts.used;
  memcpy(facts.name, row->name, sizeof facts.name);
  return facts;
}

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}
