/*
 * performance.h: how much a process allocates in its life, and what that costs: rates, slack, the shim's own time.
 *
 * Without what was inherited over a fork, and what threads did that share one tally.
 */
#ifndef RATION_TOOL_READER_PERFORMANCE_H
#define RATION_TOOL_READER_PERFORMANCE_H

#include "reader/process.h"

/* Below 0: not known. */
struct performance {
  double allocations_per_second;
  double frees_per_second;
  double allocated_bytes_per_second;
  double fragmentation;      /* slack as a share of what is live and slack; 0: none */
  double management_seconds; /* CPU time spent in the shim, but for handlers: an estimate */
  double pool_hit_rate;      /* of the takes of all object pools, the share that asked for no more memory */
};

struct performance performance_of(const struct process *process);

#endif
