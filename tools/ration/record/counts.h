/*
 * counts.h: what threads have counted, slab by slab, and what of it a recording has.
 *
 * In each moment it has what they have counted together. Whose that is, it has as of the last time that their slabs were
 * dealt with, about once a second: what came since is the rest, in a slab that is nobody's, behind the last one. Readers sum
 * over slabs; so their figures are those of the moment, and a look costs as much as there are categories, and not so much
 * for each thread. Slab 0, which has what was inherited over a fork, is as it was in the moment; where the table has no row
 * left for the rest, the rest is there as well.
 */
#ifndef RATION_TOOL_RECORD_COUNTS_H
#define RATION_TOOL_RECORD_COUNTS_H

#include "record/mirror.h"

/* All zero: nothing is recorded yet. `held`, by category, is what slabs of threads have in the recording, in all. */
struct counts {
  struct ration_segment_tally held[RATION_CATEGORY_IDS];
  uint32_t next; /* the slab whose turn it is; 0: the first one's */
  uint32_t rest; /* the slab of the rest; 0: there is none yet */
};

/* Which slabs of threads are recorded as they are: in turn, as many as the time since the last ones allows; or all. */
struct counts_look {
  uint64_t passed_ns; /* 0: none */
  bool wants_all;
};

/* The slabs in one look: read as often as need be, and then recorded. */
struct counting {
  struct counts *counts;
  struct mirror *mirror;
  uint32_t slabs;
  uint32_t recorded; /* as many are there for readers, once all is put: that of the rest too, if in use */
  uint32_t cells;    /* of a slab: its head, and a tally for each category */
  uint32_t first;    /* slabs that are recorded as they are: `due` from there on, round the last one */
  uint32_t due;
  struct ration_segment_tally *kept;                       /* their cells */
  struct ration_segment_tally shared[RATION_CATEGORY_IDS]; /* those of slab 0 */
  struct ration_segment_tally sums[RATION_CATEGORY_IDS];   /* over all slabs, by category */
};

/* Of so many slabs and categories, and a mirror that keeps what is put. Returns 0 or -ENOMEM; then nothing is to be ended. */
int counting_begin(struct counts *counts, struct mirror *mirror, uint32_t slabs, uint32_t categories,
                   const struct counts_look *look, struct counting *ret_counting);
void counting_end(struct counting *counting);

/* May be called again. Returns 0 or -errno. */
int counting_read(struct counting *counting);

void counting_put(struct counting *counting);

/* All slabs, where nobody writes any more. Returns 0 or -errno. */
int counts_take_at_rest(struct counts *counts, struct mirror *mirror, uint32_t slabs, uint32_t categories);

#endif
