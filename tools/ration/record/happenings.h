/*
 * happenings.h: the ring of events, followed: each slot that is whole is recorded once.
 *
 * What comes between two looks and is overwritten before the second is lost, as for every reader.
 */
#ifndef RATION_TOOL_RECORD_HAPPENINGS_H
#define RATION_TOOL_RECORD_HAPPENINGS_H

#include "record/books.h"

/* Of one image; all zero at first. */
struct happenings {
  uint64_t from;   /* tickets below it are done with: recorded, or not to be had */
  uint64_t marked; /* all tickets below it had been taken ... */
  uint64_t marked_at;
};

/* `now`: CLOCK_MONOTONIC. At the last look (`is_last`) all that the ring holds. Returns 0 or -errno. */
int happenings_take(struct happenings *happenings, struct mirror *mirror, const struct books *books,
                    uint64_t now, bool is_last);

#endif
