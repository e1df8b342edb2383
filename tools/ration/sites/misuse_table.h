/*
 * misuse_table.h: what the program did wrong with its blocks, as the events tell of it: one row for each misuse, category
 * and call stack, the one that happened most often first.
 */
#ifndef RATION_TOOL_SITES_MISUSE_TABLE_H
#define RATION_TOOL_SITES_MISUSE_TABLE_H

#include "reader/event_list.h"
#include "reader/site_list.h"

struct misuse_row {
  uint64_t misuse;               /* RATION_MISUSE_*, or a newer version's */
  uint32_t category;             /* id, as the event has it: any number */
  const struct site_facts *site; /* where it was noticed; NULL: not known */
  uint64_t times;
  const struct event_facts *last;
};

struct misuse_table {
  size_t count;
  struct misuse_row *row; /* allocated */
  uint64_t events;        /* of misuse: the sum of `times` */
};

/* How many of the events are of misuse. */
size_t misuse_table_events(const struct event_list *events);

/*
 * Both must outlive the table; `sites` from after the events (NULL: none were read). Returns 0, with a table that is to be
 * freed, or -ENOMEM.
 */
int misuse_table_make(const struct event_list *events, const struct site_list *sites,
                      struct misuse_table *ret_table);
void misuse_table_free(struct misuse_table *table);

#endif
