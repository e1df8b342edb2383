/*
 * charge.h: one charged figure, and the highest that it has been.
 *
 * A charge packs the bytes charged and the allowance of credit that threads hold of them into one word (see
 * ration/segment.h), so that one compare-and-swap changes both and a peak remembers how sharp it is:
 *   bytes = live + credit held,   0 <= credit held <= allowance
 *   so   bytes - allowance <= live <= bytes,   and for the peak   peak - its allowance <= true peak <= peak.
 * Relaxed order throughout: a charge publishes no other memory, and each word is exact by itself.
 */
#ifndef RATION_MODEL_CHARGE_H
#define RATION_MODEL_CHARGE_H

#include <ration/segment.h>
#include <stdint.h>

/* What to change: bytes and allowance, each up or down. */
struct charge_change {
  int64_t bytes;
  int64_t allowance; /* multiple of RATION_CHARGE_UNIT */
};

/*
 * Changes a charge, and raises its peak. Returns 0; -ENOMEM, and nothing is changed, where bytes or allowance
 * would no longer fit their part of the word. Taking away never fails.
 */
int charge_apply(uint64_t *charge, uint64_t *peak, struct charge_change change);

int charge_is_valid(uint64_t charge, uint64_t peak);

#endif
