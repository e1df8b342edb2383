/*
 * misuse_count.c: every slot of the ring, looked at once.
 */
#include "reader/misuse_count.h"

#include "reader/event_slots.h"

static void count(const struct event_slot *slot, struct misuse_count *to);

int misuse_count_read(const struct segment_file *file, const struct layout *layout,
                      struct misuse_count *ret_count) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_EVENTS];
  struct event_slot slots[EVENT_SLOTS_STRETCH];
  struct misuse_count counted = {0};
  uint64_t rows = table->rows <= EVENT_SLOTS_MOST ? table->rows : 0;
  for (uint64_t first = 0; first < rows; first += EVENT_SLOTS_STRETCH) {
    uint64_t left = rows - first < EVENT_SLOTS_STRETCH ? rows - first : EVENT_SLOTS_STRETCH;
    int error = event_slots_copy(file, table, first, left, slots);
    if (error) return error;
    for (uint64_t i = 0; i < left; i++) count(&slots[i], &counted);
  }
  *ret_count = counted;
  return 0;
}

static void count(const struct event_slot *slot, struct misuse_count *to) {
  struct event_facts facts;
  if (!slot->is_whole || !event_slot_has_facts(slot, &facts) || facts.kind != RATION_EVENT_MISUSE) return;
  if (facts.limit < sizeof to->events / sizeof *to->events) to->events[facts.limit]++;
}
