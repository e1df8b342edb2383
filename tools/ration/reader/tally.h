/*
 * tally.h: sums of what threads have counted: word by word, and modulo 2^64, since a difference may be less than nothing
 * for a moment.
 */
#ifndef RATION_TOOL_READER_TALLY_H
#define RATION_TOOL_READER_TALLY_H

#include <assert.h>
#include <ration/segment.h>
#include <stddef.h>

#define TALLY_WORDS 8
static_assert(sizeof(struct ration_segment_tally) == TALLY_WORDS * sizeof(uint64_t),
              "of nothing but numbers");

static inline void tally_add(struct ration_segment_tally *sum, const struct ration_segment_tally *tally) {
  uint64_t *words = (uint64_t *)sum;
  const uint64_t *added = (const uint64_t *)tally;
  for (size_t i = 0; i < TALLY_WORDS; i++) words[i] += added[i];
}

static inline void tally_subtract(struct ration_segment_tally *sum,
                                  const struct ration_segment_tally *tally) {
  uint64_t *words = (uint64_t *)sum;
  const uint64_t *taken = (const uint64_t *)tally;
  for (size_t i = 0; i < TALLY_WORDS; i++) words[i] -= taken[i];
}

#endif
