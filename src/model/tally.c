/*
 * tally.c: the slow half of tally.h: batches of credit, and the shared slab.
 */
#include "model/tally.h"

#include <errno.h>

#include "model/category.h"

#define BATCH_LEAST ((uint64_t)4 << 10)
#define BATCH_MOST  (TALLY_ALLOWANCE_MOST / 2)

_Static_assert(2 * BATCH_LEAST % RATION_CHARGE_UNIT == 0, "allowances are whole units");

/* charged / 64 within its bounds, in steps of the least. */
static uint64_t batch_for(const struct segment *segment, uint32_t id) {
  uint64_t charged = RATION_CHARGE_BYTES(load_relaxed(&segment_category(segment, id)->own_charged));
  uint64_t batch = charged / 64 / BATCH_LEAST * BATCH_LEAST;
  return batch < BATCH_LEAST ? BATCH_LEAST : batch > BATCH_MOST ? BATCH_MOST : batch;
}

/*
 * Moves the tally to `credit` and `allowance`, with the category's charge. The allowance is stored first when
 * it grows and last when it shrinks, so that no reader sees more credit than allowance.
 */
static int settle(struct segment *segment, uint32_t id, struct ration_segment_tally *tally,
                  int64_t live_change, uint64_t credit, uint64_t allowance) {
  uint64_t old_credit = load_relaxed(&tally->credit),
           old_allowance = load_relaxed(&tally->allowance); /* ours */
  struct charge_change change = {.bytes = live_change + (int64_t)credit - (int64_t)old_credit,
                                 .allowance = (int64_t)allowance - (int64_t)old_allowance};
  int result = category_charge(segment, id, change);
  if (result < 0) return result;
  if (allowance >= old_allowance) store_relaxed(&tally->allowance, allowance);
  store_relaxed(&tally->credit, credit);
  if (allowance < old_allowance) store_relaxed(&tally->allowance, allowance);
  EDGE(tally_is_valid(tally));
  return 0;
}

int tally_take(struct segment *segment, uint32_t id, struct ration_segment_tally *tally, uint64_t bytes) {
  if (tally_may_take(tally, bytes)) return 0;
  uint64_t batch = batch_for(segment, id);
  int result = settle(segment, id, tally, (int64_t)bytes, batch, 2 * batch);
  if (result < 0)
    result = settle(segment, id, tally, (int64_t)bytes, 0, 0); /* no room for more than the block */
  return result;
}

void tally_give(struct segment *segment, uint32_t id, struct ration_segment_tally *tally, uint64_t bytes) {
  if (tally_may_give(tally, bytes)) return;
  uint64_t batch = batch_for(segment, id);
  uint64_t held = load_relaxed(&tally->credit) + bytes; /* ours alone to write */
  if (settle(segment, id, tally, -(int64_t)bytes, held < batch ? held : batch, 2 * batch) < 0)
    settle(segment, id, tally, -(int64_t)bytes, 0, 0);
}

void tally_close(struct segment *segment, uint32_t id, struct ration_segment_tally *tally) {
  settle(segment, id, tally, 0, 0, 0);
}

int tally_shared(struct segment *segment, uint32_t id, struct tally_shared_change change) {
  struct ration_segment_tally *tally = segment_tally(segment, 0, id);
  int result = category_charge(segment, id, (struct charge_change){.bytes = change.bytes});
  if (result < 0) return result;
  /* Relaxed: sums, of which a reader may see any part; the charge above is exact. */
  add_relaxed(&tally->allocations, change.allocations);
  add_relaxed(&tally->frees, change.frees);
  add_relaxed(&tally->reallocations, change.reallocations);
  add_relaxed(&tally->allocated_bytes, change.allocated_bytes);
  add_relaxed(&tally->requested_bytes, change.requested_bytes);
  return 0;
}

int tally_is_valid(const struct ration_segment_tally *tally) {
  return tally->credit <= tally->allowance && tally->allowance % RATION_CHARGE_UNIT == 0;
}
