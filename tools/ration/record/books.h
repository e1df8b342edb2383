/*
 * books.h: the header, the process's row, the categories, and what each thread has counted: read in the order of
 * ration/segment.h, so that no number of live blocks comes out negative.
 */
#ifndef RATION_TOOL_RECORD_BOOKS_H
#define RATION_TOOL_RECORD_BOOKS_H

#include "record/mirror.h"

/* One look. */
struct books {
  struct ration_segment_header header;
  struct ration_segment_process process; /* all zero where there is none */
  uint32_t categories;                   /* ids 1 .. categories are there */
};

/* Before everything else. Returns 0 or -errno; so do the others. */
int books_begin(struct mirror *mirror, struct books *ret_books);

/* Charges and tallies. Where nobody writes any more (`is_at_rest`) they are read once. */
int books_take(struct mirror *mirror, const struct books *books, bool is_at_rest);

/* What tells of the rest is recorded after it. */
void books_put(struct mirror *mirror, const struct books *books);

#endif
