/*
 * samples.h: the table of the samples that live (ration/segment.h has its layout).
 *
 * Whoever holds a block is the only one who puts, finds or takes its sample; so an address stands there once, and who
 * looks for one that is not there has made a mistake. That makes it simple: an entry is taken by a swap, those that are
 * free again need no mark, and a search ends where it finds. No lock; the steps are bounded.
 *
 * `shelf`: the calling thread's, or the segment's shared one.
 */
#ifndef RATION_MODEL_SAMPLES_H
#define RATION_MODEL_SAMPLES_H

#include "model/segment.h"

/* Returns 0, or -ENOSPC: no row is free where it would have to be. In-malloc, as all here. */
int samples_put(struct segment *segment, struct sample_shelf *shelf,
                const struct ration_segment_sample *sample);

/* Copies the sample of the block at `address`. Returns 0, or -ENOENT: there is none. */
int samples_find(const struct segment *segment, uint64_t address, struct ration_segment_sample *ret_sample);

/* The same, and frees its row. */
int samples_take(struct segment *segment, struct sample_shelf *shelf, uint64_t address,
                 struct ration_segment_sample *ret_sample);

/* Calls `visit` with a copy of each. What others put or take meanwhile is seen, or not. */
void samples_visit(const struct segment *segment,
                   void (*visit)(void *context, const struct ration_segment_sample *sample), void *context);

#endif
