/*
 * control.h: settings that `ration set` changes while the program runs.
 *
 * The control table is the one part of the segment that is written from outside (ration/segment.h says how), so
 * nothing in it is believed. A request is taken up at a heartbeat, before a refusal, or where the program polls, by one thread; threads that come
 * meanwhile go on.
 */
#ifndef RATION_TRACK_CONTROL_H
#define RATION_TRACK_CONTROL_H

#include "base/atomics.h"
#include "base/compiler.h"
#include "track/process.h"

SLOW_PATH void control_take_up_slow(void);

/* Only a look: the slow path reads both anew. */
static inline int control_is_asked(void) {
  const struct ration_segment_control *control = segment.control;
  return control && load_relaxed(&control->asked) != load_relaxed(&control->answered);
}

/* Takes up the newest request, if there is one that was not. In-malloc; outside every lock. */
static inline void control_take_up(void) {
  if (control_is_asked()) control_take_up_slow();
}

#endif
