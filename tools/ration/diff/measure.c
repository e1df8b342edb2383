/*
 * measure.c: see measure.h.
 */
#include "diff/measure.h"

#include <string.h>

static const char *const words[] = {
    [MEASURE_LIVE] = "live", [MEASURE_TOTAL] = "total", [MEASURE_PEAK] = "peak", [MEASURE_COUNT] = "count"};

int measure_of(const char *word, enum measure *ret_measure) {
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(words[i], word) != 0) continue;
    *ret_measure = (enum measure)i;
    return 0;
  }
  return -1;
}

const char *measure_word(enum measure measure) {
  return words[measure];
}

uint64_t measure_value(enum measure measure, const struct figures *figures) {
  switch (measure) {
  case MEASURE_LIVE:
    return figures->live_bytes;
  case MEASURE_TOTAL:
    return figures->allocated_bytes;
  case MEASURE_PEAK:
    return figures->peak_bytes;
  case MEASURE_COUNT:
    return figures->allocations;
  }
  return 0;
}

bool measure_is_of_sites(enum measure measure) {
  return measure == MEASURE_LIVE || measure == MEASURE_TOTAL;
}

const struct estimate *measure_estimate(enum measure measure, const struct site_facts *facts) {
  return measure == MEASURE_TOTAL ? &facts->total : &facts->live;
}
