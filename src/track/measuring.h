/*
 * measuring.h: how long the shim takes for an allocation or a free: a clock is read round one call in a few thousand.
 *
 * The fast path knows nothing of it. A heartbeat takes it away from the thread, so that its next calls come here, by way
 * of the slow path; they run the same inlined code as the fast path has. The last of these calls is the one that is
 * measured, those before it warm the code up; how many they are is drawn, since programs allocate and free in turns.
 * The call stands for all that the thread has made since the last one.
 *
 * The clock is read twice before the code and once behind it: what it takes itself is the first difference. A call in
 * which a handler ran or a sample began or ended, or that took so long that the thread must have been off its processor,
 * is passed over, and the next one stands for its calls as well.
 *
 * What is measured is how long the code takes by itself, with nothing before or after it under way: an upper estimate
 * for code that would run beside the program's own. In-malloc; errno is the next allocator's.
 */
#ifndef RATION_TRACK_MEASURING_H
#define RATION_TRACK_MEASURING_H

#include "heap/request.h"
#include "track/asker.h"
#include "track/thread.h"

/* The thread has a new record: what its slab has counted before is not to be measured any more. */
void measuring_start(struct record *record);

/* At a heartbeat: one of the next calls is to be measured, unless one was a moment ago. */
void measuring_arm(struct record *record);

/* Is the thread's next call one of these? Over glibc it then has no fast path. */
static inline int measuring_is_near(const struct record *record) {
  return record->calls_to_measured != 0;
}

/* That call: malloc or calloc, or free. */
void *measuring_allocate(struct request request, struct asker asker);
void measuring_free(void *block);

/* A call of another kind: none is measured. Returns whether the record is ready for the fast path by that. */
int measuring_cancel(struct record *record);

#endif
