/*
 * allocator.h: what allocator.c, the books, and allocator_pressure.c, the handlers, ask of each other.
 */
#ifndef RATION_KIT_ALLOCATOR_INSIDE_H
#define RATION_KIT_ALLOCATOR_INSIDE_H

#include <ration/kit/allocator.h>

/* The marks of the levels of a total, for the first time. */
void allocator_set_levels(struct ration_allocator *allocator, size_t total, const double *levels);

/* Brings the level up to date, and calls handlers where it has risen. is_refused: those of level critical in any case;
   then whether they freed something. */
int allocator_settle(struct ration_allocator *allocator, int is_refused);

#endif
