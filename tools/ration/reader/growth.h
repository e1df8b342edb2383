/*
 * growth.h: how fast a category grows, by the timeline.
 */
#ifndef RATION_TOOL_READER_GROWTH_H
#define RATION_TOOL_READER_GROWTH_H

#include <stdbool.h>

#include "reader/timeline.h"

/*
 * What category `id` has gained (or lost: below 0) in the `window_ns` up to `end_ns` (since the process's start), in bytes
 * an hour: from the last point that is so old, whose age counts, to the last point of all. False: the timeline does not
 * reach so far back.
 */
bool growth_of(const struct timeline *timeline, uint32_t id, uint64_t end_ns, uint64_t window_ns,
               double *ret_bytes_per_hour);

#endif
