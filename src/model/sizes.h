/*
 * sizes.h: how large the blocks of each category were, by what samples stand for (ration/segment.h has the layout).
 */
#ifndef RATION_MODEL_SIZES_H
#define RATION_MODEL_SIZES_H

#include "model/segment.h"

/* The class of blocks of so many usable bytes. */
uint32_t sizes_class(uint64_t usable);

/* A sample has come. `slab` is the calling thread's; 0: none. In-malloc: no lock. In a small segment nothing. */
void sizes_count(struct segment *segment, uint32_t category, uint64_t usable, uint64_t weight, uint32_t slab);

#endif
