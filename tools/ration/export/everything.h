/*
 * everything.h: all that is known of a subject, as JSON: each process's page with what the looks of `report` add to it; or
 * some of it, since naming the frames of stacks takes its time.
 */
#ifndef RATION_TOOL_EXPORT_EVERYTHING_H
#define RATION_TOOL_EXPORT_EVERYTHING_H

#include "export/format.h"

/* Which looks, beside the page. */
#define EVERYTHING_SITES    1u
#define EVERYTHING_TIMELINE 2u
#define EVERYTHING          7u /* also the largest, leaks, sizes, threads, events, pools, heap */

/* Returns 0, or what could not be read, with words; what becomes of `to` is its caller's care. */
int everything_write(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                     unsigned looks, struct fault *ret_fault);

#endif
