/*
 * ranges.h: the table of ranges in the segment, kept equal to that of os/range.h.
 */
#ifndef RATION_TRACK_RANGES_H
#define RATION_TRACK_RANGES_H

/* Into a fresh segment: all that there are; from now on each as it comes and goes. */
void ranges_publish(void);

#endif
