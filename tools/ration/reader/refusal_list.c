/*
 * refusal_list.c: rows of refusals. A row's key is there before its figures, and those before its module's name.
 */
#include "reader/refusal_list.h"

#include <stdbool.h>
#include <string.h>

#define REST 0 /* the row of all that found none */

static bool is_sound(const struct ration_segment_refusal *row, uint64_t number, uint32_t categories);
static struct refusal_facts facts_of(const struct ration_segment_refusal *row);

int refusal_list_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                      struct refusal_list *ret_list) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_REFUSALS];
  struct ration_segment_refusal rows[REFUSAL_LIST_MOST];
  uint64_t count = table->rows < REFUSAL_LIST_MOST ? table->rows : REFUSAL_LIST_MOST;
  ret_list->count = 0;
  int error = count > 0 ? layout_copy_rows(file, table, 0, count, rows, sizeof *rows) : 0;
  if (error) return error;
  for (uint64_t i = 0; i < count; i++)
    if (is_sound(&rows[i], i, categories)) ret_list->refusal[ret_list->count++] = facts_of(&rows[i]);
  return 0;
}

const struct refusal_facts *refusal_list_find(const struct refusal_list *list, uint64_t address) {
  for (uint32_t i = 0; i < list->count; i++) {
    const struct refusal_facts *refusal = &list->refusal[i];
    if (refusal->address == (address & REFUSAL_ADDRESS_MASK) && refusal->module[0]) return refusal;
  }
  return NULL;
}

static bool is_sound(const struct ration_segment_refusal *row, uint64_t number, uint32_t categories) {
  uint32_t category = row->key >> 48 & 0xff, budget = row->key >> 56 & 0xff;
  bool is_known = row->key ? category > 0 && category <= categories && budget <= categories : number == REST;
  return is_known && row->requests > 0 && memchr(row->module, 0, sizeof row->module);
}

static struct refusal_facts facts_of(const struct ration_segment_refusal *row) {
  struct refusal_facts facts = {.category = row->key >> 48 & 0xff,
                                .budget = row->key >> 56 & 0xff,
                                .address = row->key & REFUSAL_ADDRESS_MASK,
                                .requests = row->requests,
                                .bytes = row->bytes,
                                .last_at = row->last_at,
                                .offset = row->offset};
  memcpy(facts.module, row->module, sizeof facts.module);
  return facts;
}
