/*
 * followed.h: one segment that is being recorded, from its first look to its last.
 */
#ifndef RATION_TOOL_RECORD_FOLLOWED_H
#define RATION_TOOL_RECORD_FOLLOWED_H

#include "record/counts.h"
#include "record/happenings.h"
#include "record/holdings.h"
#include "record/origins.h"
#include "record/points.h"
#include "record/rows.h"

struct followed {
  struct mirror mirror;
  struct counts counts;
  struct happenings happenings;
  struct points points;
  struct origins origins;
  struct holdings holdings;
  bool has_begun;  /* to look for the first time */
  bool has_looked; /* at all of it */
  uint64_t origins_due_at;
  uint64_t shown_at; /* when all was last brought up to date, as far as that costs something; 0: never */
};

struct followed_look {
  uint64_t now; /* CLOCK_MONOTONIC */
  bool wants_largest;
  bool is_shown;   /* the moment will end a packet, and may be the last: as much as may be is up to date */
  bool is_last;    /* everything is looked at, whatever is due */
  bool is_at_rest; /* nobody writes any more */
};

/* Takes over a file, as mirror_open() does. Where its first look will be its last (`is_over`), it keeps little. */
int followed_open(const struct segment_file *file, const struct layout *layout,
                  struct recording_writer *writer, bool is_over, struct followed *ret_followed);
void followed_close(struct followed *followed);

/*
 * Returns 0 or -errno: the segment cannot be read (any more); -EALREADY: one that keeps little has been looked at before,
 * and nothing is recorded.
 */
int followed_look(struct followed *followed, const struct followed_look *look);

#endif
