/*
 * charge.c: compare-and-swap on a packed charge. Never overshoots: what does not fit is not stored.
 */
#include "model/charge.h"

#include <errno.h>

#include "base/atomics.h"

#define BYTES_MOST ((INT64_C(1) << RATION_CHARGE_BYTES_BITS) - 1)
#define UNITS_MOST ((INT64_C(1) << (64 - RATION_CHARGE_BYTES_BITS)) - 1)

static void raise_peak(uint64_t *peak, uint64_t charge) {
  uint64_t highest = load_relaxed(peak); /* one word, compared again by the swap */
  while (RATION_CHARGE_BYTES(charge) > RATION_CHARGE_BYTES(highest))
    if (cas_relaxed(peak, &highest, charge)) break;
}

int charge_apply(uint64_t *charge, uint64_t *peak, struct charge_change change) {
  uint64_t now = load_relaxed(charge); /* one word, compared again by the swap */
  uint64_t next;
  do {
    int64_t bytes = (int64_t)RATION_CHARGE_BYTES(now) + change.bytes;
    int64_t units = (int64_t)(now >> RATION_CHARGE_BYTES_BITS) + change.allowance / RATION_CHARGE_UNIT;
    if (bytes < 0 || bytes > BYTES_MOST || units < 0 || units > UNITS_MOST) return -ENOMEM;
    next = (uint64_t)units << RATION_CHARGE_BYTES_BITS | (uint64_t)bytes;
  } while (!cas_relaxed(charge, &now, next));
  if (change.bytes > 0) raise_peak(peak, next);
  return 0;
}

int charge_is_valid(uint64_t charge, uint64_t peak) {
  return RATION_CHARGE_BYTES(peak) >= RATION_CHARGE_BYTES(charge);
}
