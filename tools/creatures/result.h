/*
 * result.h: what is said at the end of a run: figures, the work done, the limits that it ran with, pools and pressure; as
 * text or as JSON.
 */
#ifndef CREATURES_RESULT_H
#define CREATURES_RESULT_H

#include <ration/kit/ring_buffer.h>
#include <stdio.h>

#include "memory/books.h"
#include "simulation.h"

#define RUN_TIMES_MOST ((size_t)1 << 18) /* frames whose times are kept: the last ones */

RATION_RING_BUFFER(frame_times, uint32_t); /* nanoseconds */

/* What main.c measures while the frames run. */
struct run {
  struct frame_times times;
  uint64_t frames;
  double seconds;              /* of the wall, in frames */
  uint64_t counted_frames;     /* after the warm-up */
  uint64_t counted;            /* system allocations in those */
  uint64_t allocations, frees; /* in all frames; by the shim, or the allocator */
};

struct result {
  uint64_t creatures, frames, checksum, lost_creatures, budget_bytes, peak_bytes;
  double frames_per_second, frame_ms_p50, frame_ms_p99, frame_ms_max;
  double allocations_per_frame; /* not where the shim is passive */
  double bytes_per_creature, allocations_per_second, frees_per_second;
  double fragmentation, pool_hit_rate, management_seconds, memory_gigabytes_per_second;
  int is_tracked;
};

/* Sorts the times. */
void result_make(struct result *ret_result, struct simulation *simulation, struct run *run);

/* 0, or -errno: it did not arrive. */
int result_print(const struct result *result, struct simulation *simulation, FILE *stream, int is_json);

#endif
