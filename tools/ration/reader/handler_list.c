/*
 * handler_list.c: rows of handlers, each copied as it stands.
 */
#include "reader/handler_list.h"

#include <stdlib.h>

static bool is_sound(const struct ration_segment_handler *row, uint32_t categories);
static struct handler_facts facts_of(const struct ration_segment_handler *row);
static int compare_order(const void *a, const void *b);

int handler_list_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                      struct handler_list *ret_list) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_HANDLERS];
  struct ration_segment_handler row[HANDLER_LIST_MOST];
  uint64_t count = table->rows < HANDLER_LIST_MOST ? table->rows : HANDLER_LIST_MOST;
  int error = layout_copy_rows(file, table, 0, count, row, sizeof *row);
  if (error) return error;
  ret_list->count = 0;
  for (uint64_t i = 0; i < count; i++)
    if (is_sound(&row[i], categories)) ret_list->handler[ret_list->count++] = facts_of(&row[i]);
  qsort(ret_list->handler, ret_list->count, sizeof *ret_list->handler, compare_order);
  return 0;
}

static bool is_sound(const struct ration_segment_handler *row, uint32_t categories) {
  return (row->state == RATION_HANDLER_REGISTERED || row->state == RATION_HANDLER_GONE) &&
         row->category > 0 && row->category <= categories && row->lowest_level >= RATION_LEVEL_LOW &&
         row->lowest_level <= RATION_LEVEL_CRITICAL && row->dispatch >= RATION_DISPATCH_DEFERRED &&
         row->dispatch <= RATION_DISPATCH_SYNCHRONOUS;
}

static struct handler_facts facts_of(const struct ration_segment_handler *row) {
  return (struct handler_facts){.category = row->category,
                                .lowest_level = row->lowest_level,
                                .dispatch = row->dispatch,
                                .number = row->number,
                                .priority = row->priority,
                                .is_registered = row->state == RATION_HANDLER_REGISTERED,
                                .calls = row->calls,
                                .wanted_bytes = row->wanted_bytes,
                                .claimed_bytes = row->claimed_bytes,
                                .freed_bytes = row->freed_bytes,
                                .category_change_bytes = row->category_change_bytes,
                                .took_ns = row->took_ns,
                                .longest_ns = row->longest_ns,
                                .running_since_at = row->running_since_at};
}

static int compare_order(const void *a, const void *b) {
  const struct handler_facts *left = a, *right = b;
  if (left->priority != right->priority) return left->priority < right->priority ? -1 : 1;
  return left->number < right->number ? -1 : left->number > right->number;
}
