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

#define CHARGE_BYTES_MOST ((INT64_C(1) << RATION_CHARGE_BYTES_BITS) - 1)
#define CHARGE_UNITS_MOST ((INT64_C(1) << (64 - RATION_CHARGE_BYTES_BITS)) - 1)

/* What to change: bytes and allowance, each up or down. */
struct charge_change {
  int64_t bytes;
  int64_t allowance; /* multiple of RATION_CHARGE_UNIT */
};

/* How far a charge may go. */
struct charge_bounds {
  int64_t bytes; /* the most that more bytes may lead to */
  int64_t units; /* the same of the allowance, in units of RATION_CHARGE_UNIT */
};
#define CHARGE_UNBOUNDED ((struct charge_bounds){CHARGE_BYTES_MOST, CHARGE_UNITS_MOST})

/*
 * Changes a charge; *ret_charge becomes the word that it was changed to. Returns 0; -ENOMEM where it would leave its
 * part of the word, -EDQUOT where it would leave the bounds: then nothing is changed. Taking away never fails
 * for its bounds. The peak is the caller's to raise, once the change is made wherever it has to be.
 */
int charge_apply(uint64_t *charge, struct charge_change change, struct charge_bounds bounds,
                 uint64_t *ret_charge);

/* What to add to a charge for this change: bytes and units of it do not mix, as long as neither leaves its part. */
static inline uint64_t charge_packed(struct charge_change change) {
  return ((uint64_t)(change.allowance / RATION_CHARGE_UNIT) << RATION_CHARGE_BYTES_BITS) +
         (uint64_t)change.bytes;
}

/* So small that of those that come at the same moment, thousands find the room of a charge of which half is left. */
static inline int charge_is_small(struct charge_change change) {
  return change.bytes < INT64_C(1) << 30 && change.bytes > -(INT64_C(1) << 30) &&
         change.allowance < INT64_C(1) << 18 && change.allowance > -(INT64_C(1) << 18);
}

static inline int charge_has_room(uint64_t charge) {
  return RATION_CHARGE_BYTES(charge) <= (uint64_t)CHARGE_BYTES_MOST / 2 &&
         charge >> RATION_CHARGE_BYTES_BITS <= (uint64_t)CHARGE_UNITS_MOST / 2;
}

/* The charge has been this high. */
void charge_raise_peak(uint64_t *peak, uint64_t charge);

int charge_is_valid(uint64_t charge, uint64_t peak);

#endif
