/*
 * event_list.c: reading a ring that others write.
 *
 * A slot's copy is whole if its sequence was the same even number before and after: the sequences are copied first,
 * then the rows, then the sequences again, each by a read of its own, some hundred slots at a time.
 */
#include "reader/event_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/facts.h"

#define STRETCH 256 /* slots */

/* A reading in progress. */
struct ring {
  const struct segment_file *file;
  const struct layout_table *table;
  size_t whole; /* slots that held an event, of whatever kind */
  struct event_list *list;
};

static int read_ring(struct ring *ring);
static int read_stretch(struct ring *ring, uint64_t first, uint64_t count);
static void take_event(struct ring *ring, uint64_t slot, uint64_t before,
                       const struct ration_segment_event *row, uint64_t after);
static bool is_sound(const struct event_facts *event);
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
  if (table->rows > EVENT_LIST_MOST) {
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
  for (uint64_t first = 0; first < ring->table->rows && !error; first += STRETCH) {
    uint64_t left = ring->table->rows - first;
    error = read_stretch(ring, first, left < STRETCH ? left : STRETCH);
  }
  return error;
}

static int read_stretch(struct ring *ring, uint64_t first, uint64_t count) {
  struct ration_segment_event before[STRETCH], rows[STRETCH], after[STRETCH];
  struct ration_segment_event *const copies[] = {before, rows, after};
  for (size_t i = 0; i < 3; i++) {
    int error = layout_copy_rows(ring->file, ring->table, first, count, copies[i], sizeof *rows);
    if (error) return error;
  }
  for (uint64_t i = 0; i < count; i++)
    take_event(ring, first + i, before[i].sequence, &rows[i], after[i].sequence);
  return 0;
}

static void take_event(struct ring *ring, uint64_t slot, uint64_t before,
                       const struct ration_segment_event *row, uint64_t after) {
  if (before != after || before % 2 != 0 || before < 2) return;
  uint64_t ticket = before / 2 - 1;
  if (ticket % ring->table->rows != slot) return;
  ring->whole++;
  struct event_facts event = {.ticket = ticket,
                              .at = row->at,
                              .kind = row->what & 0xff,
                              .level = row->what >> 8 & 0xff,
                              .old_level = row->what >> 16 & 0xff,
                              .category = row->what >> 24 & 0xff,
                              .budget = row->what >> 32 & 0xff,
                              .thread = (uint32_t)row->who,
                              .priority = (int32_t)(row->who >> 32),
                              .bytes = row->bytes,
                              .limit = row->limit,
                              .freed = row->freed,
                              .detail = row->detail};
  if (is_sound(&event)) ring->list->event[ring->list->count++] = event;
}

static bool is_sound(const struct event_facts *event) {
  return event->kind >= RATION_EVENT_PRESSURE && event->kind <= RATION_EVENT_HANDLER &&
         event->level < RATION_LEVELS && event->old_level < RATION_LEVELS && event->category > 0 &&
         event->category <= RATION_CATEGORY_LAST && event->budget <= RATION_CATEGORY_LAST;
}

static int compare_tickets(const void *a, const void *b) {
  const struct event_facts *left = a, *right = b;
  return left->ticket < right->ticket ? -1 : left->ticket > right->ticket;
}
