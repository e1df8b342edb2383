/*
 * resize.h: what happens on realloc and reallocarray.
 */
#ifndef RATION_TRACK_RESIZE_H
#define RATION_TRACK_RESIZE_H

#include "heap/request.h"
#include "track/asker.h"

/*
 * Resizes a block; NULL makes a new one. The block keeps its category, whoever resizes it. A realloc that
 * succeeds counts as one free and one allocation, and as realloc besides; one that fails leaves books and tag
 * as they were. A foreign block stays foreign.
 */
void *track_resize(void *block, struct request request, struct asker asker);

#endif
