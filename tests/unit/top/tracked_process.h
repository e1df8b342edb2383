/*
 * tracked_process.h: processes as a reader would have read them, for tests of rooms that show them.
 */
#ifndef RATION_TESTS_TOP_TRACKED_PROCESS_H
#define RATION_TESTS_TOP_TRACKED_PROCESS_H

#include "reader/process.h"

/* One that runs, with `total` alone; allocated. */
struct process *tracked_process(uint32_t pid, const char *program);

/* Adds a category with so many own bytes, which those above it have, too. Returns its id. */
uint32_t tracked_process_add(struct process *process, uint32_t parent, const char *name, uint64_t bytes);

/* Allocates so many bytes more in it, as one block; below 0: frees them. */
void tracked_process_grow(struct process *process, uint32_t id, int64_t bytes);

void tracked_process_limit(struct process *process, uint32_t id, uint64_t limit_bytes, uint32_t level);

#endif
