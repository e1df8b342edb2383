/*
 * event_slots.c: reading a ring that others write.
 *
 * A slot's copy is whole if its sequence was the same even number before and after: the sequences are copied first,
 * then the rows, then the sequences again, each by a read of its own, some hundred slots at a time.
 */
#include "reader/event_slots.h"

#include "base/atomics.h"

#define KNOWN        1
#define HAS_LEVELS   2 /* they must be such */
#define HAS_CATEGORY 4 /* must have one */

static const uint8_t kinds[] = {
    [RATION_EVENT_PRESSURE] = KNOWN | HAS_LEVELS | HAS_CATEGORY,
    [RATION_EVENT_BREACH] = KNOWN | HAS_LEVELS | HAS_CATEGORY,
    [RATION_EVENT_REFUSAL] = KNOWN | HAS_LEVELS | HAS_CATEGORY,
    [RATION_EVENT_HANDLER] = KNOWN | HAS_LEVELS | HAS_CATEGORY,
    [RATION_EVENT_SAMPLE] = KNOWN | HAS_CATEGORY,
    [RATION_EVENT_SAMPLE_FREED] = KNOWN | HAS_CATEGORY,
    [RATION_EVENT_CATEGORY] = KNOWN | HAS_CATEGORY,
    [RATION_EVENT_THREAD_START] = KNOWN,
    [RATION_EVENT_THREAD_END] = KNOWN,
    [RATION_EVENT_FORK] = KNOWN,
    [RATION_EVENT_EXEC] = KNOWN,
    [RATION_EVENT_MODULE] = KNOWN,
    [RATION_EVENT_MARK] = KNOWN,
    [RATION_EVENT_MISUSE] = KNOWN | HAS_CATEGORY,
};

static struct event_slot slot_of(uint64_t place, uint64_t places, uint64_t before,
                                 const struct ration_segment_event *row, uint64_t after);

int event_slots_copy(const struct segment_file *file, const struct layout_table *table, uint64_t first,
                     uint64_t count, struct event_slot ret_slots[]) {
  struct ration_segment_event before[EVENT_SLOTS_STRETCH], rows[EVENT_SLOTS_STRETCH],
      after[EVENT_SLOTS_STRETCH];
  struct ration_segment_event *const copies[] = {before, rows, after};
  for (size_t i = 0; i < 3; i++) {
    int error = layout_copy_rows(file, table, first, count, copies[i], sizeof *rows);
    if (error) return error;
    fence_full(); /* pairs with finish, and with begin of the next lap, in another process */
  }
  for (uint64_t i = 0; i < count; i++)
    ret_slots[i] = slot_of(first + i, table->rows, before[i].sequence, &rows[i], after[i].sequence);
  return 0;
}

static struct event_slot slot_of(uint64_t place, uint64_t places, uint64_t before,
                                 const struct ration_segment_event *row, uint64_t after) {
  uint64_t ticket = after / 2 - 1; /* of an even sequence from 2 on */
  return (struct event_slot){.sequence = after,
                             .ticket = ticket,
                             .is_whole =
                                 before == after && after % 2 == 0 && after > 0 && ticket % places == place,
                             .row = *row};
}

bool event_slot_has_facts(const struct event_slot *slot, struct event_facts *ret_facts) {
  const struct ration_segment_event *row = &slot->row;
  uint8_t kind = row->what & 0xff;
  uint8_t has = kind < sizeof kinds ? kinds[kind] : 0;
  struct event_facts facts = {.ticket = slot->ticket,
                              .at = row->at,
                              .kind = kind,
                              .level = has & HAS_LEVELS ? row->what >> 8 & 0xff : 0,
                              .old_level = has & HAS_LEVELS ? row->what >> 16 & 0xff : 0,
                              .category = row->what >> 24 & 0xff,
                              .budget = row->what >> 32 & 0xff,
                              .thread = (uint32_t)row->who,
                              .priority = (int32_t)(row->who >> 32),
                              .bytes = row->bytes,
                              .limit = row->limit,
                              .freed = row->freed,
                              .detail = row->detail};
  bool is_sound = has && facts.level < RATION_LEVELS && facts.old_level < RATION_LEVELS &&
                  facts.category <= RATION_CATEGORY_LAST && facts.budget <= RATION_CATEGORY_LAST &&
                  (facts.category > 0 || !(has & HAS_CATEGORY));
  if (is_sound) *ret_facts = facts;
  return is_sound;
}
