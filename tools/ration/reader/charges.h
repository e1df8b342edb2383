/*
 * charges.h: what categories are charged, in rows that were copied twice while the program went on: credit that was read
 * in between belongs to it where it has not moved.
 */
#ifndef RATION_TOOL_READER_CHARGES_H
#define RATION_TOOL_READER_CHARGES_H

#include <ration/segment.h>

/* In how many of `count` rows. */
uint64_t charges_moved(const struct ration_segment_category *before,
                       const struct ration_segment_category *after, uint64_t count);

#endif
