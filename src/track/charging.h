/*
 * charging.h: what the program's requests and frees are charged, under the budgets that there are.
 *
 * All that leaves the fast path and changes a charge comes by here. The order, where a charge does not fit: the
 * thread's own credit below that budget goes back; then what is asked of the process is taken up; then handlers that opted in are run; then the request is refused,
 * counted, or, under policy abort, the process ends. In-malloc, but for those handlers, which are the program's.
 */
#ifndef RATION_TRACK_CHARGING_H
#define RATION_TRACK_CHARGING_H

#include "model/tally.h"
#include "track/asker.h"
#include "track/process.h"

/* A request, and what it is to be charged. */
struct demand {
  uint32_t category;
  uint64_t bytes;     /* usable ones; before the heap was asked, those asked for */
  uint64_t requested; /* bytes asked for */
  int is_there;       /* the block was resized already: it is charged, over every budget if need be */
  struct asker asker;
};

/*
 * Charges the demand to the thread's tally, or, where it has no slab, to the shared one, and there counts `shared`,
 * whose bytes are the demand's. Returns 0; -EDQUOT: refused by a budget or by `fail`; -ENOMEM: it cannot be charged, and
 * is to be given out untracked. errno may change.
 */
int charging_take(struct demand demand);
int charging_take_shared(struct demand demand, struct tally_shared_change shared);

/* The same, quietly: where the demand does not fit, nothing happens. For threads with a slab. */
int charging_may_take(struct demand demand);

/* A demand that has been charged, but whose block has other bytes than were thought, or there is none: 0. */
int charging_settle(struct demand demand, uint64_t bytes);

/* Bytes that are free again. The shared change's bytes are negative. */
void charging_give_slow(uint32_t category, uint64_t bytes);
static inline void charging_give(uint32_t category, uint64_t bytes) {
  struct ration_segment_tally *tallies = thread.record->tallies;
  int is_given = LIKELY(tallies && !thread.handling) && tally_may_give(&tallies[category], bytes);
  if (UNLIKELY(!is_given)) charging_give_slow(category, bytes);
}
void charging_give_shared(uint32_t category, struct tally_shared_change shared);

/* Charges bytes for blocks that come later. Returns 0, -EDQUOT or -ENOMEM. Gives back how many could be. */
int charging_set_aside(uint32_t category, uint64_t bytes);
uint64_t charging_drop_aside(uint32_t category, uint64_t bytes);

/* All credit that the calling thread has in this category and below it goes back. */
void charging_return_credit(uint32_t category);

/*
 * May requests be refused? Then an allocator that is not glibc's is asked for nothing that has not been charged: who
 * watches it from below sees no more than the budget. Not so for threads without a slab, and for a realloc whose block
 * might come out too large, which has a new one beside the old for a moment. (glibc's own blocks are charged when they
 * are there: what the program gets is the same, and the fast path needs no look before.)
 */
static inline int charging_is_strict(void) {
  return load_relaxed(&segment.is_strict) != 0; /* whoever comes before the change was before it */
}

#endif
