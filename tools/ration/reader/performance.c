/*
 * performance.c: what calls take is known of some (track/measuring.h), and the mean holds for all; where none was
 * measured, they were too few to matter beside the start.
 */
#include "reader/performance.h"

static double management_seconds(const struct snapshot *snapshot);

struct performance performance_of(const struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  const struct resident *resident = &process->resident;
  struct performance performance = {-1, -1, -1, -1, -1, -1};
  double seconds = process->uptime_seconds;
  if (seconds > 0) {
    performance.allocations_per_second = (double)snapshot->own_allocations / seconds;
    performance.frees_per_second = (double)snapshot->own_frees / seconds;
    performance.allocated_bytes_per_second = (double)snapshot->own_allocated_bytes / seconds;
  }
  double held = (double)resident->live_bytes + (double)resident->slack_bytes;
  if (process->has_resident && !resident->is_joined && held > 0)
    performance.fragmentation = (double)resident->slack_bytes / held;
  if (!snapshot->passive) performance.management_seconds = management_seconds(snapshot);
  performance.pool_hit_rate = pool_list_hit_rate(&snapshot->pools);
  return performance;
}

static double management_seconds(const struct snapshot *snapshot) {
  const struct facts *facts = &snapshot->facts;
  double calls = (double)snapshot->own_allocations + (double)snapshot->own_frees;
  double mean = facts->measured_calls ? (double)facts->measured_ns / (double)facts->measured_calls : 0;
  if (mean < 0) mean = 0;
  return ((double)facts->start_ns + (double)snapshot->aside_ns + mean * calls) / 1e9;
}
