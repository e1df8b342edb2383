/*
 * looks.h: the entry points of the looks: read what it takes, emit the process's object. See look.h.
 */
#ifndef RATION_TOOL_REPORT_LOOKS_H
#define RATION_TOOL_REPORT_LOOKS_H

#include "report/wishes.h"

typedef int look(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                 int *ret_status, struct fault *ret_fault);

look look_events, look_follow, look_threads, look_sites, look_largest, look_leaks, look_timeline, look_sizes,
    look_pools, look_heap;

#endif
