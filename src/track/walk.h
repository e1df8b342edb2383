/*
 * walk.h: outward on the stack of the calling thread, as os/unwind.h goes, and learning what is not known.
 */
#ifndef RATION_TRACK_WALK_H
#define RATION_TRACK_WALK_H

#include "os/unwind.h"

/* As unwind_step, and never -EAGAIN; -EBUSY: what is not known could not be asked. In-malloc; errno may change. */
int walk_step(struct unwind_frame *frame);

#endif
