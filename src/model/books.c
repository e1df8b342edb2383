/*
 * books.c: sums. Frees are read before allocations, so that no number of live blocks comes out negative; all
 * loads are relaxed, since each counter is exact by itself and the sums promise no more than their bound.
 */
#include "model/books.h"

#include "base/atomics.h"
#include "model/category.h"

struct books books_sum(const struct segment *segment, uint32_t id) {
  struct books sum = {0};
  uint32_t slabs = load_relaxed(&segment->header->slab_count);
  for (uint32_t slab = 0; slab < slabs; slab++)
    sum.frees += load_relaxed(&segment_tally(segment, slab, id)->frees);
  for (uint32_t slab = 0; slab < slabs; slab++) {
    const struct ration_segment_tally *tally = segment_tally(segment, slab, id);
    sum.allocations += load_relaxed(&tally->allocations);
    sum.reallocations += load_relaxed(&tally->reallocations);
    sum.allocated_bytes += load_relaxed(&tally->allocated_bytes);
    sum.requested_bytes += load_relaxed(&tally->requested_bytes);
    sum.credit += load_relaxed(&tally->credit);
    sum.refused += load_relaxed(&tally->refused);
  }
  const struct ration_segment_category *category = segment_category(segment, id);
  uint64_t unused = sum.credit + load_relaxed(&category->set_aside);
  uint64_t charged = RATION_CHARGE_BYTES(load_relaxed(&category->own_charged));
  sum.live_bytes = charged > unused ? charged - unused : 0;
  sum.live_blocks = sum.allocations - sum.frees;
  return sum;
}

struct books books_sum_subtree(const struct segment *segment, uint32_t id) {
  struct books sum = {0};
  uint32_t last = category_count(segment);
  for (uint32_t at = id; at <= last; at++) {
    if (!category_is_below(segment, at, id)) continue;
    struct books own = books_sum(segment, at);
    sum.live_bytes += own.live_bytes;
    sum.live_blocks += own.live_blocks;
    sum.allocations += own.allocations;
    sum.frees += own.frees;
    sum.reallocations += own.reallocations;
    sum.allocated_bytes += own.allocated_bytes;
    sum.requested_bytes += own.requested_bytes;
    sum.credit += own.credit;
    sum.refused += own.refused;
  }
  return sum;
}
