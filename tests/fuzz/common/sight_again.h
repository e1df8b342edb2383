/*
 * sight_again.h: looks at a process that are taken more than once: as `record` and `top` take them.
 */
#ifndef RATION_FUZZ_SIGHT_AGAIN_H
#define RATION_FUZZ_SIGHT_AGAIN_H

#include "reader/process.h"

/* Records it, three times; and reads the recording, which must be one. Returns 0, or -errno with words. */
int sight_record(const struct process *process, struct fault *ret_fault);

/* As a row of top, three times, with its course. Likewise. */
int sight_track(const struct process *process, struct fault *ret_fault);

#endif
