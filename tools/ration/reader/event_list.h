/*
 * event_list.h: what the ring of a segment still holds of what happened to budgets, and of the program's marks, in the
 * order in which it did.
 *
 * Slots that are being written, or were written anew while they were copied, are passed over, as are other kinds, those
 * of a later minor, and what no shim writes. Whoever wants to know of every event uses a cursor (event_cursor.h).
 */
#ifndef RATION_TOOL_READER_EVENT_LIST_H
#define RATION_TOOL_READER_EVENT_LIST_H

#include "reader/event_slots.h"
#include "reader/module_list.h"

struct event_list {
  size_t count;
  struct event_facts *event;  /* allocated */
  uint64_t lost;              /* that the process had to drop */
  uint64_t overwritten;       /* that are no longer there, for later ones */
  struct module_list modules; /* from after the events were read */
};

/*
 * Reads the ring of the segment at `path`; one without a ring has no events. Returns 0, with a list that is to be
 * freed, or what segment_file_open() and layout_read() return, or -ENOMEM, or -EBADMSG: its ring cannot be; with words.
 */
int event_list_read_path(const char *path, bool is_memfd, struct event_list *ret_list,
                         struct fault *ret_fault);
int event_list_read(const struct segment_file *file, struct event_list *ret_list, struct fault *ret_fault);
void event_list_free(struct event_list *list);

/* The name that an event of a thread or a mark has in its words; NUL-terminated, any byte. */
void event_list_name(const struct event_facts *event, char ret_name[RATION_EVENT_MARK_BYTES + 1]);

#endif
