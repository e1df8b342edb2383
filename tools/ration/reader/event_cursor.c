/*
 * event_cursor.c: how many tickets were taken, then the slots of those that are wanted, then what can be said of them.
 *
 * Of a slot only the newest ticket below `taken` may still come: one of a lap before it is in its slot, or is missed.
 */
#include "reader/event_cursor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/monotonic.h"

#define WAIT_SHARE 8 /* of a lap, this part may lie behind an event that is waited for */

/* A reading in progress. */
struct reading {
  const struct segment_file *file;
  const struct layout_table *table;
  struct event_cursor cursor; /* as it will be */
  uint64_t taken;             /* tickets below it have been */
  uint64_t end;               /* tickets below it are not waited for */
  struct event_batch batch;   /* unknown ones among them, as kind 0, until they are settled */
};

static int begin(struct reading *reading, const struct layout *layout);
static void age(struct event_cursor *cursor, uint64_t taken);
static int make_room(struct event_batch *batch, uint64_t span);
static int read_slots(struct reading *reading, uint64_t span);
static void take_slot(struct reading *reading, uint64_t newest, const struct event_slot *slot);
static bool must_wait(const struct reading *reading, uint64_t newest, const struct event_slot *slot);
static void settle(struct reading *reading);
static void miss_until(struct reading *reading, uint64_t ticket);
static int compare_tickets(const void *a, const void *b);

struct event_cursor event_cursor_at_start(uint32_t table) {
  return (struct event_cursor){.table = table, .patience_ns = EVENT_CURSOR_PATIENCE};
}

int event_cursor_read(struct event_cursor *cursor, const struct segment_file *file,
                      struct event_batch *ret_batch, struct fault *ret_fault) {
  struct layout layout;
  int error = layout_read(file, &layout, ret_fault);
  if (error) return error;
  struct reading reading = {.file = file, .table = &layout.tables[cursor->table], .cursor = *cursor};
  if (reading.table->rows > EVENT_SLOTS_MOST) {
    return fault_set(ret_fault, -EBADMSG, "corrupted: a ring of %llu events; nothing can be read",
                     (unsigned long long)reading.table->rows);
  }
  error = begin(&reading, &layout);
  if (error) {
    event_batch_free(&reading.batch);
    if (error == -ENOMEM) return fault_set(ret_fault, error, "not enough memory to read its events");
    return fault_set(ret_fault, -EBADMSG, "corrupted or shrinking: %s", strerror(-error));
  }
  settle(&reading);
  *cursor = reading.cursor;
  *ret_batch = reading.batch;
  return 0;
}

void event_batch_free(struct event_batch *batch) {
  free(batch->event);
  free(batch->gap);
  *batch = (struct event_batch){0};
}

bool event_cursor_is_valid(const struct event_cursor *cursor) {
  return cursor->next == cursor->delivered + cursor->unknown + cursor->missed &&
         cursor->lost <= cursor->missed;
}

/* All that can fail. Tickets that are counted before the slots are looked at have been taken, so they will come. */
static int begin(struct reading *reading, const struct layout *layout) {
  struct ration_segment_process row = {0};
  const struct layout_table *process = &layout->tables[RATION_TABLE_PROCESS];
  struct event_cursor *cursor = &reading->cursor;
  bool has_ring = process->rows > 0 && reading->table->rows > 0;
  int error = has_ring ? layout_copy_row(reading->file, process, 0, &row, sizeof row) : 0;
  bool is_stream = cursor->table == RATION_TABLE_STREAM;
  reading->taken = is_stream ? row.stream_next : row.events_next;
  cursor->lost = is_stream ? row.stream_lost : row.events_lost;
  if (reading->taken < cursor->next) reading->taken = cursor->next; /* nobody takes tickets back */
  reading->end = reading->taken;
  uint64_t wanted = reading->taken - cursor->next;
  uint64_t span = wanted < reading->table->rows ? wanted : reading->table->rows;
  if (!error) error = make_room(&reading->batch, span);
  if (error) return error;
  age(cursor, reading->taken);
  return read_slots(reading, span);
}

static void age(struct event_cursor *cursor, uint64_t taken) {
  uint64_t now = monotonic_ns();
  if (now - cursor->marked_at_ns < cursor->patience_ns) return;
  cursor->overdue = cursor->patience_ns ? cursor->marked : taken;
  cursor->marked = taken;
  cursor->marked_at_ns = now;
}

/* A slot has one event at most; gaps lie between, before and behind them. */
static int make_room(struct event_batch *batch, uint64_t span) {
  batch->event = calloc(span + 1, sizeof *batch->event);
  batch->gap = calloc(span + 1, sizeof *batch->gap);
  return batch->event && batch->gap ? 0 : -ENOMEM;
}

/* The slots of the last `span` tickets, in their order. */
static int read_slots(struct reading *reading, uint64_t span) {
  struct event_slot slots[EVENT_SLOTS_STRETCH];
  uint64_t rows = reading->table->rows, count;
  for (uint64_t ticket = reading->taken - span; ticket < reading->taken; ticket += count) {
    uint64_t first = ticket % rows, left = reading->taken - ticket;
    count = left < EVENT_SLOTS_STRETCH ? left : EVENT_SLOTS_STRETCH;
    if (count > rows - first) count = rows - first;
    int error = event_slots_copy(reading->file, reading->table, first, count, slots);
    if (error) return error;
    for (uint64_t i = 0; i < count; i++) take_slot(reading, ticket + i, &slots[i]);
  }
  return 0;
}

static void take_slot(struct reading *reading, uint64_t newest, const struct event_slot *slot) {
  struct event_batch *batch = &reading->batch;
  if (slot->is_whole && slot->ticket >= reading->cursor.next && slot->ticket < reading->taken) {
    struct event_facts *facts = &batch->event[batch->count++];
    if (!event_slot_has_facts(slot, facts)) *facts = (struct event_facts){.ticket = slot->ticket};
  }
  if (newest < reading->end && must_wait(reading, newest, slot)) reading->end = newest;
}

static bool must_wait(const struct reading *reading, uint64_t newest, const struct event_slot *slot) {
  uint64_t there = 2 * newest + 2;
  if (slot->sequence > there || reading->taken - newest > reading->table->rows / WAIT_SHARE) return false;
  if (slot->sequence == there) return !slot->is_whole; /* it came while its slot was copied */
  return newest >= reading->cursor.overdue;
}

/* Puts in order what was found, up to the first that must be waited for, and the gaps between. */
static void settle(struct reading *reading) {
  struct event_batch *batch = &reading->batch;
  struct event_cursor *cursor = &reading->cursor;
  size_t found = batch->count;
  qsort(batch->event, found, sizeof *batch->event, compare_tickets);
  batch->count = 0;
  for (size_t i = 0; i < found && batch->event[i].ticket < reading->end; i++) {
    miss_until(reading, batch->event[i].ticket);
    cursor->next++;
    if (batch->event[i].kind) {
      batch->event[batch->count++] = batch->event[i];
      cursor->delivered++;
    } else {
      cursor->unknown++;
    }
  }
  miss_until(reading, reading->end);
  if (cursor->lost > cursor->missed) cursor->lost = cursor->missed;
}

static void miss_until(struct reading *reading, uint64_t ticket) {
  struct event_cursor *cursor = &reading->cursor;
  if (cursor->next == ticket) return;
  reading->batch.gap[reading->batch.gap_count++] =
      (struct event_gap){.first = cursor->next, .last = ticket - 1};
  cursor->missed += ticket - cursor->next;
  cursor->next = ticket;
}

static int compare_tickets(const void *a, const void *b) {
  const struct event_facts *left = a, *right = b;
  return left->ticket < right->ticket ? -1 : left->ticket > right->ticket;
}
