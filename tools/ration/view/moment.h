/*
 * moment.h: moments of a segment, which are CLOCK_MONOTONIC, as people count them: from the program's start.
 *
 * A moment before the start is taken for the start: a forked child has budgets of its parent's.
 */
#ifndef RATION_TOOL_VIEW_MOMENT_H
#define RATION_TOOL_VIEW_MOMENT_H

#include "reader/process.h"

/* Nanoseconds since the program's start; FIELD_NEVER where `at` is 0. */
uint64_t moment_since_start(const struct process *process, uint64_t at);

/* Nanoseconds from `at` (0: the start) until now, or until the process ended. */
uint64_t moment_until_end(const struct process *process, uint64_t at);

#endif
