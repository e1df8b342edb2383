/*
 * pool_list.c: rows of pools, each copied as it stands, and its state and number once more: where they have changed, the
 * row is another pool's by now, and the copy may be of both.
 */
#include "reader/pool_list.h"

#include <string.h>

#define STRETCH 64 /* rows that are copied at once */

static bool is_still(const struct ration_segment_pool *row, const struct ration_segment_pool *again);
static bool is_sound(const struct ration_segment_pool *row, uint32_t categories);
static struct pool_facts facts_of(const struct ration_segment_pool *row);
static uint64_t least(uint64_t a, uint64_t b);

int pool_list_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                   struct pool_list *ret_list) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_POOLS];
  uint64_t rows = table->rows < POOL_LIST_MOST ? table->rows : POOL_LIST_MOST;
  ret_list->count = 0;
  for (uint64_t first = 0; first < rows; first += STRETCH) {
    struct ration_segment_pool row[STRETCH], again[STRETCH];
    uint64_t count = rows - first < STRETCH ? rows - first : STRETCH;
    int error = layout_copy_rows(file, table, first, count, row, sizeof *row);
    if (!error) error = layout_copy_rows(file, table, first, count, again, sizeof *again);
    if (error) return error;
    for (uint64_t i = 0; i < count; i++)
      if (is_sound(&row[i], categories) && is_still(&row[i], &again[i]))
        ret_list->pool[ret_list->count++] = facts_of(&row[i]);
  }
  return 0;
}

static bool is_still(const struct ration_segment_pool *row, const struct ration_segment_pool *again) {
  return row->number == again->number && again->state != RATION_POOL_TAKEN;
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
