/*
 * event_slots.h: slots of a ring, copied while others write them, and what the event in one says.
 *
 * No number in an event is more than a number: whoever takes one for a category looks whether there is such a one. But
 * levels are levels.
 */
#ifndef RATION_TOOL_READER_EVENT_SLOTS_H
#define RATION_TOOL_READER_EVENT_SLOTS_H

#include "reader/layout.h"

#define EVENT_SLOTS_MOST 65536 /* a ring never has more */

struct event_facts {
  uint64_t ticket;   /* counts all events of the ring, from 0 */
  uint64_t at;       /* CLOCK_MONOTONIC */
  uint8_t kind;      /* RATION_EVENT_* */
  uint8_t level;     /* RATION_LEVEL_*; 0 where its kind has none, as old_level */
  uint8_t old_level; /* likewise */
  uint8_t category;  /* id; 0: none, in a kind that may do without */
  uint8_t budget;    /* id of its category; 0: none */
  uint32_t thread;
  int32_t priority;
  uint64_t bytes; /* these as segment.h has them for each kind */
  uint64_t limit;
  uint64_t freed;
  uint64_t detail;
};

struct event_slot {
  uint64_t sequence; /* as it was last */
  uint64_t ticket;   /* where it is whole */
  bool is_whole;     /* `row` holds this ticket's event, of whatever kind */
  struct ration_segment_event row;
};

#define EVENT_SLOTS_STRETCH 256

/*
 * Copies slots `first` and those behind it: at most EVENT_SLOTS_STRETCH. Returns 0 or the -errno of layout_copy_rows().
 */
int event_slots_copy(const struct segment_file *file, const struct layout_table *table, uint64_t first,
                     uint64_t count, struct event_slot ret_slots[]);

/* Whether a whole slot's event is of a kind that this reader knows, and can be; then fills in what it says. */
bool event_slot_has_facts(const struct event_slot *slot, struct event_facts *ret_facts);

#endif
