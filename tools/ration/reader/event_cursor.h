/*
 * event_cursor.h: follows one ring of a segment: each of its events is delivered once, or reported as missed.
 *
 *   struct event_cursor cursor = event_cursor_at_start(RATION_TABLE_EVENTS);
 *   while (...) {
 *     if (event_cursor_read(&cursor, &file, &batch, &fault) < 0) ...
 *     ... batch.event, by ticket, and between them batch.gap ...
 *     event_batch_free(&batch);
 *   }
 *
 * A cursor is no more than its numbers: it can be copied, put away, and taken up again with the file opened anew.
 *
 * What it misses was overwritten before it came by, or is not in the ring: its writer dropped it, or died with it. An
 * event that is not there may also be one that is just being written, so the cursor does not pass it at once: it is
 * waited for, and what follows it with it, until
 *   - its slot is in the hands of a later lap; or
 *   - an eighth of a lap lies between it and the newest: while it is waited for, the ring fills; or
 *   - its ticket was taken more than `patience_ns` ago (at a reading as long ago as that, it was; so until twice that
 *     time has passed, at most, if there are readings): a writer died, or sleeps, or has dropped it.
 * Whoever knows that nobody writes any more, since the process has ended, sets patience_ns to 0: then nothing is waited
 * for. An event that came after it was reported as missed stays so.
 */
#ifndef RATION_TOOL_READER_EVENT_CURSOR_H
#define RATION_TOOL_READER_EVENT_CURSOR_H

#include "reader/event_slots.h"

#define EVENT_CURSOR_PATIENCE UINT64_C(1000000000)

/* next = delivered + unknown + missed. */
struct event_cursor {
  uint32_t table;       /* RATION_TABLE_EVENTS or RATION_TABLE_STREAM */
  uint64_t patience_ns; /* see above */
  uint64_t next;        /* the ticket that it wants next */
  uint64_t delivered;
  uint64_t unknown; /* passed over: of a kind that this reader does not know, or that cannot be */
  uint64_t missed;
  uint64_t lost;         /* of these, as the process counts, dropped by their writers; others, overwritten */
  uint64_t overdue;      /* tickets below it are waited for no longer */
  uint64_t marked;       /* tickets below it had been taken ... */
  uint64_t marked_at_ns; /* ... at this moment: CLOCK_MONOTONIC; 0: never looked */
};

/* Tickets that were missed, first to last. */
struct event_gap {
  uint64_t first;
  uint64_t last;
};

/* Both by ticket; the caller's, by event_batch_free. */
struct event_batch {
  size_t count;
  struct event_facts *event;
  size_t gap_count;
  struct event_gap *gap;
};

/* Wants the first event that there ever was. */
struct event_cursor event_cursor_at_start(uint32_t table);

/*
 * Delivers what has come since the last time; of a segment without such a ring, nothing. Returns 0; or what layout_read()
 * returns, or -ENOMEM, or -EBADMSG: its ring cannot be, or the file shrinks; with words, and a cursor as it was.
 */
int event_cursor_read(struct event_cursor *cursor, const struct segment_file *file,
                      struct event_batch *ret_batch, struct fault *ret_fault);
void event_batch_free(struct event_batch *batch);

bool event_cursor_is_valid(const struct event_cursor *cursor);

#endif
