/*
 * event_list.c: every slot of the ring, looked at once, and put in order. It believes no count of the segment's.
 */
#include "reader/event_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/facts.h"

/* A reading in progress. */
struct ring {
  const struct segment_file *file;
  const struct layout_table *table;
  size_t whole; /* slots that held an event, of whatever kind */
  struct event_list *list;
};

static int read_ring(struct ring *ring);
static int read_stretch(struct ring *ring, uint64_t first, uint64_t count);
static bool is_wanted(uint8_t kind);
static int compare_tickets(const void *a, const void *b);

int event_list_read_path(const char *path, bool is_memfd, struct event_list *ret_list,
                         struct fault *ret_fault) {
  struct segment_file file;
  int error = segment_file_open(path, is_memfd, &file, ret_fault);
  if (error) return error;
  error = event_list_read(&file, ret_list, ret_fault);
  segment_file_close(&file);
  return error;
}

int event_list_read(const struct segment_file *file, struct event_list *ret_list, struct fault *ret_fault) {
  struct layout layout;
  struct facts facts = {0};
  int error = layout_read(file, &layout, ret_fault);
  if (error) return error;
  const struct layout_table *table = &layout.tables[RATION_TABLE_EVENTS];
  if (table->rows > EVENT_SLOTS_MOST) {
    return fault_set(ret_fault, -EBADMSG, "corrupted: a ring of %llu events; nothing can be read",
                     (unsigned long long)table->rows);
  }
  struct event_list list = {.event = calloc(table->rows + 1, sizeof *list.event)};
  if (!list.event) return fault_set(ret_fault, -ENOMEM, "not enough memory to read its events");
  struct ring ring = {.file = file, .table = table, .list = &list};
  error = read_ring(&ring);
  if (!error) error = facts_read(file, &layout, &facts);
  if (error) {
    event_list_free(&list);
    return fault_set(ret_fault, -EBADMSG, "corrupted or shrinking: %s", strerror(-error));
  }
  uint64_t gone = facts.events_next > ring.whole ? facts.events_next - ring.whole : 0;
  list.lost = facts.events_lost < gone ? facts.events_lost : gone;
  list.overwritten = gone - list.lost;
  qsort(list.event, list.count, sizeof *list.event, compare_tickets);
  *ret_list = list;
  return 0;
}

void event_list_free(struct event_list *list) {
  free(list->event);
  *list = (struct event_list){0};
}

static int read_ring(struct ring *ring) {
  int error = 0;
  for (uint64_t first = 0; first < ring->table->rows && !error; first += EVENT_SLOTS_STRETCH) {
    uint64_t left = ring->table->rows - first;
    error = read_stretch(ring, first, left < EVENT_SLOTS_STRETCH ? left : EVENT_SLOTS_STRETCH);
  }
  return error;
}

static int read_stretch(struct ring *ring, uint64_t first, uint64_t count) {
  struct event_slot slots[EVENT_SLOTS_STRETCH];
  struct event_list *list = ring->list;
  int error = event_slots_copy(ring->file, ring->table, first, count, slots);
  for (uint64_t i = 0; i < count && !error; i++) {
    if (!slots[i].is_whole) continue;
    ring->whole++;
    bool has_facts = event_slot_has_facts(&slots[i], &list->event[list->count]);
    if (has_facts && is_wanted(list->event[list->count].kind)) list->count++;
  }
  return error;
}

/* What happens to budgets, and what the program marks. */
static bool is_wanted(uint8_t kind) {
  return kind <= RATION_EVENT_HANDLER || kind == RATION_EVENT_MARK;
}

static int compare_tickets(const void *a, const void *b) {
  const struct event_facts *left = a, *right = b;
  return left->ticket < right->ticket ? -1 : left->ticket > right->ticket;
}
