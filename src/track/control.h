/*
 * control.h: settings that `ration set` changes while the program runs.
 *
 * The control table is the one part of the segment that is written from outside (ration/segment.h says how), so
 * nothing in it is believed. A request is taken up at a heartbeat, or before a refusal, by one thread; threads that come
 * meanwhile go on.
 */
#ifndef RATION_TRACK_CONTROL_H
#define RATION_TRACK_CONTROL_H

#include "base/atomics.h"
#include "base/compiler.h"
#include "track/process.h"

SLOW_PATH void control_take_up_slow(void);

/* Takes up the newest request, if there is one that was not. In-malloc; outside every lock. */
static inline void control_take_up(void) {
  const struct ration_segment_control *control = segment.control;
  /* Only a look: the slow path reads both anew. */
  if (control && load_relaxed(&control->asked) != load_relaxed(&control->answered)) control_take_up_slow();
}

#endif
