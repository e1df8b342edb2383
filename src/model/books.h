/*
 * books.h: the figures of one category, summed over all slabs, as the process itself reads them.
 *
 * The reporter does the same from outside, by the recipe of ration/segment.h, with code of its own.
 */
#ifndef RATION_MODEL_BOOKS_H
#define RATION_MODEL_BOOKS_H

#include "model/segment.h"

struct books {
  uint64_t live_bytes;
  uint64_t live_blocks;
  uint64_t allocations;
  uint64_t frees;
  uint64_t reallocations;
  uint64_t allocated_bytes;
  uint64_t requested_bytes;
  uint64_t refused;
  uint64_t credit; /* held by threads just now */
};

/* A category's own figures. While threads run, off by at most their allowance and the requests in flight. */
struct books books_sum(const struct segment *segment, uint32_t id);

/* The same with all that lie below it. */
struct books books_sum_subtree(const struct segment *segment, uint32_t id);

#endif
