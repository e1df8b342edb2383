/*
 * ranges.c: row n of the one table is row n of the other.
 *
 * Several threads may copy a row, and one of them an older state than another has copied. So whoever has copied looks
 * whether it is still so, and copies again if not: then the last copy is of the last state.
 */
#include "track/ranges.h"

#include "base/atomics.h"
#include "os/range.h"
#include "track/process.h"

_Static_assert(RANGES_MOST == SEGMENT_RANGES_MOST, "row n of the one is row n of the other");
_Static_assert(RANGE_SHIM == RATION_RANGE_SHIM && RANGE_STACK == RATION_RANGE_STACK &&
                   RANGE_HEAP == RATION_RANGE_HEAP,
               "and of the same kind");

#define ROWS_A_PAGE (SEGMENT_PAGE / sizeof(struct ration_segment_range))

static uint32_t present; /* bit n: page n of the segment's table can be written to */

static void changed(uint32_t number);
static int make_present(uint32_t number);
static void copy(uint32_t number);
static int is_same(const struct range *a, const struct range *b);
static void raise_count(uint32_t count);

void ranges_publish(void) {
  store_relaxed(&present, 0); /* the segment is not known to other threads yet */
  range_watch(changed);
  uint32_t count = range_count();
  for (uint32_t i = 0; i < count; i++) copy(i);
  store_relaxed(&segment.process->ranges_lost, ranges_lost());
}

static void changed(uint32_t number) {
  if (!process_has_segment()) return;
  if (number < RANGES_MOST)
    copy(number);
  else
    store_relaxed(&segment.process->ranges_lost, ranges_lost()); /* a sum, for readers */
}

static int make_present(uint32_t number) {
  uint32_t bit = UINT32_C(1) << number / ROWS_A_PAGE;
  if (load_relaxed(&present) & bit) return 1; /* once it is, it stays */
  if (segment_make_present(&segment, &segment.ranges[number], sizeof *segment.ranges) < 0) return 0;
  uint32_t before = load_relaxed(&present);
  while (!cas_relaxed(&present, &before, before | bit)) continue;
  return 1;
}

/* Readers expect no order between rows, and none within one but that bytes are 0 while it is not in use. */
static void copy(uint32_t number) {
  if (!make_present(number)) return;
  struct ration_segment_range *row = &segment.ranges[number];
  struct range range, after = range_at(number);
  do {
    range = after;
    store_relaxed(&row->start, range.start);
    store_relaxed(&row->kind, range.kind);
    store_relaxed(&row->owner, range.owner);
    store_relaxed(&row->bytes, range.bytes);
    after = range_at(number);
  } while (!is_same(&range, &after));
  raise_count(number + 1);
}

static int is_same(const struct range *a, const struct range *b) {
  return a->start == b->start && a->bytes == b->bytes && a->kind == b->kind && a->owner == b->owner;
}

static void raise_count(uint32_t count) {
  uint32_t *place = &segment.process->range_count;
  uint32_t before = load_relaxed(place); /* only a guess: the swap checks it */
  while (before < count && !cas_relaxed(place, &before, count)) continue;
}
