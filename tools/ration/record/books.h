/*
 * books.h: the header, the process's row, the categories, and what threads have counted.
 */
#ifndef RATION_TOOL_RECORD_BOOKS_H
#define RATION_TOOL_RECORD_BOOKS_H

#include "record/counts.h"

/* One look. */
struct books {
  struct ration_segment_header header;
  struct ration_segment_process process; /* all zero where there is none */
  uint32_t categories;                   /* ids 1 .. categories are there */
};

/* Before everything else. Returns 0 or -errno; so do the others. */
int books_begin(struct mirror *mirror, struct books *ret_books);

/*
 * Charges and tallies, while threads run: then `books` has as many slabs as are recorded; and where nobody writes any more:
 * they are read once then.
 */
int books_take(struct mirror *mirror, struct books *books, struct counts *counts,
               const struct counts_look *look);
int books_take_at_rest(struct mirror *mirror, const struct books *books, struct counts *counts);

/* What tells of the rest is recorded after it. */
void books_put(struct mirror *mirror, const struct books *books);

#endif
