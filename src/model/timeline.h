/*
 * timeline.h: what each category had charged in the course of time (ration/segment.h has the layout).
 *
 * A point begins when a charge changes at least an interval after the last one; until the next one begins, changes go
 * into it. So no newer point means that nothing has changed by more than credit. There is no thread and no timer.
 * Whoever finds a point due and nobody at it begins it; others only store their own category's figure.
 */
#ifndef RATION_MODEL_TIMELINE_H
#define RATION_MODEL_TIMELINE_H

#include "model/segment.h"

/* The charge of this category has changed; 0: see whether a point is due. `now` is the time. In-malloc. */
void timeline_note(struct segment *segment, uint32_t category, uint64_t now);

#endif
