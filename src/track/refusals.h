/*
 * refusals.h: who was refused, by category, budget and caller: a table of the segment.
 */
#ifndef RATION_TRACK_REFUSALS_H
#define RATION_TRACK_REFUSALS_H

#include "track/charging.h"

/* The demand was refused by this budget; 0: by `fail`. In-malloc: no lock, no allocation. */
void refusals_count(struct demand demand, uint32_t budget);

#endif
