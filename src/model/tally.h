/*
 * tally.h: what one thread counts for one category, and the credit that lets it count without a shared word.
 *
 * Invariant, at every moment:  0 <= credit <= allowance.
 * A tally has one owner, who alone writes it; anyone may read it at any time. The exception is slab 0, which
 * threads without a slab of their own share: the tally_shared functions, atomic and without credit.
 *
 * Credit: a thread charges its category ahead, a batch at a time, and pays for its blocks out of that. What
 * it frees it may keep as credit up to its allowance, twice the batch; over that it gives back to half of it.
 * So a thread touches the shared charges once for every batch allocated or freed, however it mixes the two.
 *   batch = charged / 64, at least 4 KiB and at most 64 KiB;
 *   or charged / 8, within the same bounds, where no budget is set and the charge is so far below its peak, and those above
 *   are below theirs, that it stays so: then what is held ahead blurs no peak, and only those do who read meanwhile
 * Where a budget has no room for a batch, the least one is tried, and then charges are exact (allowance 0).
 */
#ifndef RATION_MODEL_TALLY_H
#define RATION_MODEL_TALLY_H

#include "base/compiler.h"
#include "base/test_point.h"
#include "model/budget.h"
#include "model/segment.h"

#define TALLY_ALLOWANCE_MOST ((uint64_t)128 << 10) /* so no credit ever pays for a larger block */

/*
 * Takes `bytes` out of the credit. 0: it does not reach, and nothing has changed. Owner only, as all below: what
 * nobody else writes is read plainly, and stored whole for those who read it.
 */
ALWAYS_INLINE int tally_may_take(struct ration_segment_tally *tally, uint64_t bytes) {
  uint64_t left;
  if (UNLIKELY(__builtin_sub_overflow(tally->credit, bytes, &left))) return 0;
  store_relaxed(&tally->credit, left);
  return 1;
}

/* Puts `bytes` back into the credit. 0: the allowance does not reach, and nothing has changed. */
ALWAYS_INLINE int tally_may_give(struct ration_segment_tally *tally, uint64_t bytes) {
  uint64_t credit = tally->credit + bytes;
  if (UNLIKELY(credit > tally->allowance)) return 0;
  store_relaxed(&tally->credit, credit);
  return 1;
}

ALWAYS_INLINE void tally_count_allocation(struct ration_segment_tally *tally, uint64_t usable,
                                          uint64_t requested) {
  add_owned(&tally->allocations, 1);
  TEST_POINT("tally:counted");
  add_owned(&tally->allocated_bytes, usable);
  add_owned(&tally->requested_bytes, requested);
}

/*
 * The same when the credit or the allowance does not reach: charges the category and all above it for the
 * bytes and for a new batch, or gives back. Returns 0; -EDQUOT or -ENOMEM, see category_charge: nothing has changed.
 */
int tally_take(struct segment *segment, uint32_t id, struct ration_segment_tally *tally, uint64_t bytes,
               struct charge_right right, struct charge_outcome *outcome);
void tally_give(struct segment *segment, uint32_t id, struct ration_segment_tally *tally, uint64_t bytes,
                struct charge_outcome *outcome);

/* Gives all credit back: its thread ends, or a budget is at its end. The counts stay. */
void tally_close(struct segment *segment, uint32_t id, struct ration_segment_tally *tally,
                 struct charge_outcome *outcome);

/*
 * Around a change of charges by the slab's owner: from the one to the other, live bytes may be off by so many, and who reads
 * what a dead process has left is told so (RATION_SLAB_UNSETTLED). `change` is up or down. What begin returns is for end: a
 * signal handler may come between.
 */
uint32_t tally_begin_change(struct ration_segment_slab_head *head, int64_t change);
void tally_end_change(struct ration_segment_slab_head *head, uint32_t before);

/* An allocation (frees, reallocations: 0), a free, or a realloc, counted in slab 0, exactly and at once. */
struct tally_shared_change {
  int64_t bytes; /* by which the live bytes change */
  uint64_t allocations, frees, reallocations, allocated_bytes, requested_bytes;
};
int tally_shared(struct segment *segment, uint32_t id, struct tally_shared_change change,
                 struct charge_right right, struct charge_outcome *outcome);

int tally_is_valid(const struct ration_segment_tally *tally);

#endif
