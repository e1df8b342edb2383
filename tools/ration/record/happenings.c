/*
 * happenings.c: slots from the first on that was not yet whole when it was looked at. Whoever takes a ticket and does not
 * write for a second has died, or sleeps: it is waited for no longer, though the last look of all sees it.
 */
#include "record/happenings.h"

#include "reader/event_slots.h"

#define PATIENCE_NS UINT64_C(1000000000)

static int take_slots(struct mirror *mirror, uint64_t from, uint64_t until);
static void put_slot(struct mirror *mirror, uint64_t place, const struct event_slot *slot);

int happenings_take(struct happenings *happenings, struct mirror *mirror, const struct books *books,
                    uint64_t now, bool is_last) {
  uint64_t rows = mirror_table(mirror, RATION_TABLE_EVENTS)->rows;
  uint64_t taken = books->process.events_next, from = is_last ? 0 : happenings->from;
  if (!rows || rows > EVENT_SLOTS_MOST || from > taken) return 0;
  if (taken - from > rows) from = taken - rows;
  int error = take_slots(mirror, from, taken);
  if (now - happenings->marked_at >= PATIENCE_NS) {
    happenings->from = happenings->marked;
    happenings->marked = taken;
    happenings->marked_at = now;
  }
  return error;
}

static int take_slots(struct mirror *mirror, uint64_t from, uint64_t until) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_EVENTS);
  struct event_slot slots[EVENT_SLOTS_STRETCH];
  int error = 0;
  for (uint64_t ticket = from, count; ticket < until && !error; ticket += count) {
    uint64_t first = ticket % table->rows, left = until - ticket;
    count = left < EVENT_SLOTS_STRETCH ? left : EVENT_SLOTS_STRETCH;
    if (count > table->rows - first) count = table->rows - first;
    error = event_slots_copy(&mirror->file, table, first, count, slots);
    mirror->read_bytes += 3 * count * sizeof slots->row;
    for (uint64_t i = 0; i < count && !error; i++)
      if (slots[i].is_whole) put_slot(mirror, first + i, &slots[i]);
  }
  return error;
}

static void put_slot(struct mirror *mirror, uint64_t place, const struct event_slot *slot) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_EVENTS);
  mirror_put(mirror, table->offset + place * table->stride, &slot->row, sizeof slot->row);
}
