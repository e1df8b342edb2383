/*
 * taking.h: figures of a process's resident memory, taken while it lives, since it has none to tell afterwards.
 *
 * Each process is looked at first when it is 0.1 s old, and then at most once a second; of many at once, only the
 * largest. The last figures are kept.
 */
#ifndef RATION_TOOL_LAUNCH_TAKING_H
#define RATION_TOOL_LAUNCH_TAKING_H

#include "reader/places.h"
#include "reader/process.h"

#define TAKING_FIRST_NS UINT64_C(100000000)
#define TAKING_EVERY_NS UINT64_C(1000000000)
#define TAKING_AT_ONCE  16

/* Of one process. */
struct taking {
  uint64_t due_ns; /* by monotonic_ns */
  bool has_resident;
  uint32_t image; /* the one that the figures are of */
  struct resident resident;
};

/* Takes figures of the process that has this segment, if its setting `memory` is on. `room` is room for one. */
void taking_take(struct taking *taking, const struct place *place, struct process *room);

/* Gives a process the figures that were taken of it, if they are of the same image; of one that lives, new ones. */
void taking_hand_over(const struct taking *taking, struct process *process);

/* The largest of those that were offered. */
struct taking_choice {
  size_t count;
  struct {
    void *offered;
    uint64_t pages;
  } largest[TAKING_AT_ONCE];
};
void taking_offer(struct taking_choice *choice, uint32_t pid, void *offered);

#endif
