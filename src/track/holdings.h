/*
 * holdings.h: what the page heap holds, written to the segment now and then for its readers.
 */
#ifndef RATION_TRACK_HOLDINGS_H
#define RATION_TRACK_HOLDINGS_H

#include "model/segment.h"

/* In a fresh segment, before it is published: where the heap lies. */
void holdings_open(struct segment *segment);

/* Writes them anew: always; or if the last time is as long ago as that this takes at most 1 % of the time, and 1 s. By one
   thread at a time: who finds another at it does nothing. No lock, no allocation. */
void holdings_note(void);
void holdings_note_in_time(void);

#endif
