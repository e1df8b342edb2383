/*
 * holding_table.h: what the page heap of a process holds, as its last census has it: by category, by size class, and what
 * is nobody's.
 *
 * A census takes its time, and is taken now and then, as threads allocate: its figures are older than the books, and each
 * is true of its pages at some moment of it; at the end of a process all are exact. Of one that runs readers take one of
 * their own (page_rows.h).
 */
#ifndef RATION_TOOL_READER_HOLDING_TABLE_H
#define RATION_TOOL_READER_HOLDING_TABLE_H

#include <stdbool.h>

#include "reader/layout.h"

struct holding_facts {
  uint64_t blocks;
  uint64_t used_bytes; /* <= held_bytes */
  uint64_t held_bytes;
};

struct holding_table {
  uint64_t counted_at;     /* CLOCK_MONOTONIC; 0: never, and then all of this is 0 */
  uint64_t free_bytes;     /* managed, and nobody's */
  uint64_t dirty_bytes;    /* <= free_bytes: what of them may be in memory */
  uint64_t returned_bytes; /* that went back to the system so far */
  struct holding_facts total;
  struct holding_facts category[RATION_CATEGORY_IDS]; /* by id */
  struct holding_facts classes[RATION_PAGE_CLASSES];  /* [0]: blocks with a span of their own */
};

/* All zero where blocks come from the system heap, or the segment is an older one. Returns 0 or -errno. */
int holding_table_read(const struct segment_file *file, const struct layout *layout,
                       struct holding_table *ret_table);

/* For sums: over a category and those below it, or all. */
void holding_facts_add(struct holding_facts *sum, const struct holding_facts *more);

/* The share of what is held that no block uses; below 0: nothing is held. */
double holding_facts_fragmentation(const struct holding_facts *facts);

/* Of a block of the class; 0: of class 0 each has its own. */
uint64_t holding_class_bytes(uint32_t size_class);

#endif
