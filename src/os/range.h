/*
 * range.h: which stretches of the address space are whose: the shim's own pages, its heap's, and threads' stacks, for whoever
 * explains the resident memory of the process.
 *
 * A table of fixed size, in static memory: what does not fit is counted. memory.c notes what it maps for the shim,
 * thread_stack.c where threads run.
 *
 * In-malloc: no lock, no allocation, no system call; from any thread. A row is claimed by compare-and-swap, and then
 * its holder's alone until it is given back.
 */
#ifndef RATION_OS_RANGE_H
#define RATION_OS_RANGE_H

#include <stddef.h>
#include <stdint.h>

#define RANGES_MOST 2048

enum range_kind { RANGE_FREE, RANGE_SHIM, RANGE_STACK, RANGE_HEAP };

struct range {
  uint64_t start;
  uint64_t bytes; /* 0: just being written, or free */
  uint32_t kind;
  uint32_t owner; /* thread id, of a stack */
};

/* A stretch of this start that is noted already, is noted anew. */
void range_add(const void *start, size_t bytes, enum range_kind kind, uint32_t owner);

/* The one of this start, if there is one. */
void range_remove(const void *start);

/* How many rows have been used, from 0; one of them; and how many stretches found no row. */
uint32_t range_count(void);
struct range range_at(uint32_t number);
uint64_t ranges_lost(void);

/* From now on `changed` is called with the number of each row that has changed, or RANGES_MOST: one was lost. */
void range_watch(void (*changed)(uint32_t number));

#endif
