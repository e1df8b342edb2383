/*
 * census.h: what the page heap holds, found by a walk over its pages: how much of each is given out.
 *
 * While others go on, each figure was true of its page at some moment of the walk; at rest all are exact.
 */
#ifndef RATION_HEAP_PAGE_CENSUS_H
#define RATION_HEAP_PAGE_CENSUS_H

#include "heap/page/page_heap.h"

struct holding {
  uint64_t blocks; /* given out */
  uint64_t used;   /* their usable bytes */
  uint64_t held;   /* bytes of the pages, or spans, that they lie in */
};

struct census {
  struct holding by_category[STOCK_CATEGORIES];
  struct holding by_class[SIZE_CLASSES]; /* [0]: blocks with a span of their own */
};

/* O(slots that are managed): some 3 ns for each page. */
void census_take(struct census *ret_census);

/* All categories. */
struct holding census_total(const struct census *census);

#endif
