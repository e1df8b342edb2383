/*
 * charge.c: compare-and-swap on a packed charge. Never overshoots: what does not fit is not stored.
 */
#include "model/charge.h"

#include <errno.h>

#include "base/atomics.h"

void charge_raise_peak(uint64_t *peak, uint64_t charge) {
  uint64_t highest = load_relaxed(peak); /* one word, compared again by the swap */
  while (RATION_CHARGE_BYTES(charge) > RATION_CHARGE_BYTES(highest))
    if (cas_relaxed(peak, &highest, charge)) break;
}

int charge_apply(uint64_t *charge, struct charge_change change, struct charge_bounds bounds,
                 uint64_t *ret_charge) {
  uint64_t now = load_relaxed(charge); /* one word, compared again by the swap */
  uint64_t next;
  do {
    int64_t bytes = (int64_t)RATION_CHARGE_BYTES(now) + change.bytes;
    int64_t units = (int64_t)(now >> RATION_CHARGE_BYTES_BITS) + change.allowance / RATION_CHARGE_UNIT;
    if (bytes < 0 || bytes > CHARGE_BYTES_MOST || units < 0 || units > CHARGE_UNITS_MOST) return -ENOMEM;
    if (bytes > bounds.bytes && change.bytes > 0) return -EDQUOT;
    if (units > bounds.units && change.allowance > 0) return -EDQUOT;
    next = (uint64_t)units << RATION_CHARGE_BYTES_BITS | (uint64_t)bytes;
  } while (!cas_relaxed(charge, &now, next));
  *ret_charge = next;
  return 0;
}

int charge_is_valid(uint64_t charge, uint64_t peak) {
  return RATION_CHARGE_BYTES(peak) >= RATION_CHARGE_BYTES(charge);
}
