/*
 * tally.c: the slow half of tally.h: batches of credit, and the shared slab.
 */
#include "model/tally.h"

#include <errno.h>

#include "base/test_point.h"
#include "model/category.h"

#define BATCH_LEAST ((uint64_t)4 << 10)
#define BATCH_MOST  (TALLY_ALLOWANCE_MOST / 2)

#define BATCH_SHARE     64 /* of what is charged */
#define BATCH_SHARE_LOW 8  /* the same, where it is below its peak */

_Static_assert(2 * BATCH_LEAST % RATION_CHARGE_UNIT == 0, "allowances are whole units");

/* A tally that is being changed, and what came of it. */
struct settling {
  struct segment *segment;
  uint32_t id;
  struct ration_segment_tally *tally;
  struct charge_outcome *outcome;
};

static uint64_t batch_of(uint64_t charged, uint64_t share) {
  uint64_t batch = charged / share / BATCH_LEAST * BATCH_LEAST;
  return batch < BATCH_LEAST ? BATCH_LEAST : batch > BATCH_MOST ? BATCH_MOST : batch;
}

static int is_below(uint64_t charge, int64_t more, uint64_t peak) {
  return (int64_t)RATION_CHARGE_BYTES(charge) + more <= (int64_t)RATION_CHARGE_BYTES(peak);
}

/* So many bytes more are no new peak, of this category or of any above it: as far as can be told while others charge, too. */
static int is_below_peaks(const struct segment *segment, uint32_t id, int64_t more) {
  const struct ration_segment_category *at = segment_category(segment, id);
  if (!is_below(load_relaxed(&at->own_charged), more, load_relaxed(&at->own_peak))) return 0; /* a guess */
  for (; at; at = segment_category(segment, at->parent))
    if (!is_below(load_relaxed(&at->subtree_charged), more, load_relaxed(&at->subtree_peak))) return 0;
  return 1;
}

/* For a charge that is about to change by so many bytes, see tally.h: in steps of the least. */
static uint64_t batch_for(const struct segment *segment, uint32_t id, int64_t bytes) {
  uint64_t charged = RATION_CHARGE_BYTES(load_relaxed(&segment_category(segment, id)->own_charged));
  uint64_t batch = batch_of(charged, BATCH_SHARE), low = batch_of(charged, BATCH_SHARE_LOW);
  if (low == batch || load_relaxed(&segment->has_budgets))
    return batch; /* those that came a moment ago, too */
  return is_below_peaks(segment, id, bytes + (int64_t)low) ? low : batch;
}

/* A handler that comes between has its own change beside this one. */
uint32_t tally_begin_change(struct ration_segment_slab_head *head, int64_t change) {
  uint32_t before = load_relaxed(&head->next); /* the owner's, while there is one */
  uint64_t bytes = (change < 0 ? -(uint64_t)change : (uint64_t)change) + RATION_SLAB_UNSETTLED(before);
  uint64_t units = (bytes + RATION_SLAB_UNSETTLED_UNIT - 1) / RATION_SLAB_UNSETTLED_UNIT;
  if (units >= RATION_SLAB_UNSETTLED_BIT) units = RATION_SLAB_UNSETTLED_BIT - 1;
  store_relaxed(&head->next, RATION_SLAB_UNSETTLED_BIT | (uint32_t)units);
  fence_signal(); /* pairs with tally_end_change: a kill comes between two instructions, as a signal does */
  return before;
}

void tally_end_change(struct ration_segment_slab_head *head, uint32_t before) {
  fence_signal(); /* pairs with tally_begin_change */
  store_relaxed(&head->next, before);
}

/* A slab's tallies stand by category, and its head in the place of the first. */
static struct ration_segment_slab_head *head_of(struct settling at) {
  return (struct ration_segment_slab_head *)(void *)(at.tally - at.id);
}

/* The allowance first when it grows and last when it shrinks, so that no reader sees more credit than allowance. */
static void write(struct ration_segment_tally *tally, uint64_t credit, uint64_t allowance) {
  uint64_t old_allowance = load_relaxed(&tally->allowance); /* ours */
  TEST_POINT("tally:charged");
  if (allowance >= old_allowance) store_relaxed(&tally->allowance, allowance);
  TEST_POINT("tally:allowed");
  store_relaxed(&tally->credit, credit);
  TEST_POINT("tally:credited");
  if (allowance < old_allowance) store_relaxed(&tally->allowance, allowance);
  EDGE(tally_is_valid(tally));
}

/* Moves the tally to `credit` and `allowance`, with the category's charge. */
static int settle(struct settling at, int64_t live_change, uint64_t credit, uint64_t allowance,
                  struct charge_right right) {
  struct ration_segment_tally *tally = at.tally;
  uint64_t old_credit = load_relaxed(&tally->credit),
           old_allowance = load_relaxed(&tally->allowance); /* ours */
  struct charge_change change = {.bytes = live_change + (int64_t)credit - (int64_t)old_credit,
                                 .allowance = (int64_t)allowance - (int64_t)old_allowance};
  struct ration_segment_slab_head *head = head_of(at);
  uint32_t before = tally_begin_change(head, change.bytes);
  int result = category_charge(at.segment, at.id, change, right, at.outcome);
  if (result == 0) write(tally, credit, allowance);
  tally_end_change(head, before);
  return result;
}

/* For the bytes, and a batch ahead. */
static int take_batch(struct settling at, uint64_t bytes, uint64_t batch) {
  return settle(at, (int64_t)bytes, batch, 2 * batch, (struct charge_right){.is_credit = 1});
}

static void settle_down(struct settling at, int64_t live_change, uint64_t credit, uint64_t allowance) {
  settle(at, live_change, credit, allowance, (struct charge_right){.may_use_reserve = 1}); /* cannot fail */
}

static int take_charged(struct settling at, uint64_t bytes, struct charge_right right) {
  uint64_t batch = batch_for(at.segment, at.id, (int64_t)bytes);
  int result = take_batch(at, bytes, batch);
  if (result < 0 && batch > BATCH_LEAST) result = take_batch(at, bytes, BATCH_LEAST);
  if (result == 0) return 0;
  at.outcome->budget = 0;
  result = settle(at, (int64_t)bytes, 0, load_relaxed(&at.tally->allowance), right); /* the block alone */
  if (result == 0) settle_down(at, 0, 0, 0);
  return result;
}

/*
 * Out of the credit, of what was set aside, or of both; the rest of a charge. What credit can pay is never charged: such
 * a change would go down in bytes and up in allowance. No word holds an absurd size, which would pass for one below 0.
 */
int tally_take(struct segment *segment, uint32_t id, struct ration_segment_tally *tally, uint64_t bytes,
               struct charge_right right, struct charge_outcome *outcome) {
  if (tally_may_take(tally, bytes)) return 0;
  if (bytes > (uint64_t)CHARGE_BYTES_MOST) return -ENOMEM;
  uint64_t aside = category_take_aside(segment, id, bytes);
  if (aside) TEST_POINT("tally:aside_taken");
  if (aside && tally_may_take(tally, bytes - aside)) return 0;
  int result = take_charged((struct settling){segment, id, tally, outcome}, bytes - aside, right);
  if (result < 0) category_put_aside(segment, id, aside);
  return result;
}

void tally_give(struct segment *segment, uint32_t id, struct ration_segment_tally *tally, uint64_t bytes,
                struct charge_outcome *outcome) {
  struct settling at = {segment, id, tally, outcome};
  if (tally_may_give(tally, bytes)) return;
  uint64_t held = load_relaxed(&tally->credit) + bytes,
           allowance = load_relaxed(&tally->allowance); /* ours */
  uint64_t wanted = 2 * batch_for(segment, id, -(int64_t)bytes);
  int has_room = budget_has_room(segment, id, wanted > allowance ? wanted - allowance : 0);
  if (wanted > allowance && has_room) {
    if (settle(at, 0, load_relaxed(&tally->credit), wanted, (struct charge_right){.is_credit = 1}) == 0)
      allowance = wanted;
  } else if (wanted < allowance) {
    allowance = wanted;
  }
  if (!has_room) allowance = 0;
  uint64_t kept = held <= allowance / 2 ? held : allowance / 2;
  settle_down(at, -(int64_t)bytes, kept, allowance);
}

void tally_close(struct segment *segment, uint32_t id, struct ration_segment_tally *tally,
                 struct charge_outcome *outcome) {
  settle_down((struct settling){segment, id, tally, outcome}, 0, 0, 0);
}

int tally_shared(struct segment *segment, uint32_t id, struct tally_shared_change change,
                 struct charge_right right, struct charge_outcome *outcome) {
  struct ration_segment_tally *tally = segment_tally(segment, 0, id);
  uint64_t aside = change.bytes > 0 ? category_take_aside(segment, id, (uint64_t)change.bytes) : 0;
  struct charge_change charge = {.bytes = change.bytes - (int64_t)aside};
  int result = category_charge(segment, id, charge, right, outcome);
  if (result < 0) category_put_aside(segment, id, aside);
  if (result < 0) return result;
  TEST_POINT("tally:shared_charged");
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
