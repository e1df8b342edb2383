/*
 * holdings.h: the samples that live, followed; and the largest of them.
 *
 * All rows that have been used are read each time, so it is done the more seldom the more there are: at most 1 MiB a
 * second, and at most once a second. For the largest the table is looked at in every moment, at most 16 MiB a second.
 */
#ifndef RATION_TOOL_RECORD_HOLDINGS_H
#define RATION_TOOL_RECORD_HOLDINGS_H

#include "record/books.h"

#define HOLDINGS_BYTES_A_SECOND         (UINT64_C(1) << 20)
#define HOLDINGS_LARGEST_BYTES_A_SECOND (UINT64_C(16) << 20)

/* Of one image; all zero at first. */
struct holdings {
  uint64_t due_at; /* CLOCK_MONOTONIC; as the next */
  uint64_t largest_due_at;
};

/* Records them where it is time to. Returns 0 or -errno. */
int holdings_take(struct holdings *holdings, struct mirror *mirror, const struct books *books, uint64_t now,
                  bool is_last);

/* For --largest: records which they are, likewise. */
int holdings_take_largest(struct holdings *holdings, struct mirror *mirror, const struct books *books,
                          uint64_t now, bool is_last);

#endif
