/*
 * event_list.h: what the ring of a segment still holds of what happened, in the order in which it did.
 *
 * Slots that are being written, or were written anew while they were copied, are passed over, as are kinds of a later
 * minor and what no shim writes. No number in an event is more than a number: whoever takes one for a category or a
 * level looks whether there is such a one.
 */
#ifndef RATION_TOOL_READER_EVENT_LIST_H
#define RATION_TOOL_READER_EVENT_LIST_H

#include "reader/layout.h"

#define EVENT_LIST_MOST 65536 /* a ring never has more slots */

struct event_facts {
  uint64_t ticket; /* counts all events of the process, from 0 */
  uint64_t at;     /* CLOCK_MONOTONIC */
  uint8_t kind;    /* RATION_EVENT_* */
  uint8_t level;   /* RATION_LEVEL_* */
  uint8_t old_level;
  uint8_t category; /* id, above 0 */
  uint8_t budget;   /* id of its category; 0: none */
  uint32_t thread;
  int32_t priority;
  uint64_t bytes; /* these as segment.h has them for each kind */
  uint64_t limit;
  uint64_t freed;
  uint64_t detail;
};

struct event_list {
  size_t count;
  struct event_facts *event; /* allocated */
  uint64_t lost;             /* that the process had to drop */
  uint64_t overwritten;      /* that are no longer there, for later ones */
};

/*
 * Reads the ring of the segment at `path`; one without a ring has no events. Returns 0, with a list that is to be
 * freed, or what segment_file_open() and layout_read() return, or -ENOMEM, or -EBADMSG: its ring cannot be; with words.
 */
int event_list_read_path(const char *path, bool is_memfd, struct event_list *ret_list,
                         struct fault *ret_fault);
int event_list_read(const struct segment_file *file, struct event_list *ret_list, struct fault *ret_fault);
void event_list_free(struct event_list *list);

#endif
