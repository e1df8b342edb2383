/*
 * allocator.h: what allocator.c, the books, and allocator_pressure.c, the handlers, ask of each other.
 */
#ifndef RATION_SRC_KIT_ALLOCATOR_H
#define RATION_SRC_KIT_ALLOCATOR_H

#include <ration/kit/allocator.h>

/* The marks of the levels of a total, for the first time. */
void allocator_set_levels(struct ration_allocator *allocator, size_t total, const double *levels);

/* Of what is due: LOWER lets a level end, and calls nobody; RAISE also calls the handlers of a level that is
   reached; REFUSED calls those of level critical in any case. */
enum allocator_due { ALLOCATOR_LOWER, ALLOCATOR_RAISE, ALLOCATOR_REFUSED };

/* Brings the level up to date. Whether handlers freed something. */
int allocator_settle(struct ration_allocator *allocator, enum allocator_due due);

#endif
