/*
 * growth.h: how fast a category grows, by the timeline.
 */
#ifndef RATION_TOOL_READER_GROWTH_H
#define RATION_TOOL_READER_GROWTH_H

#include <stdbool.h>

#include "reader/process.h"
#include "reader/timeline.h"

/* Over how long it is told, the shortest first. */
struct growth_window {
  const char *word;
  uint64_t ns;
};
extern const struct growth_window growth_windows[GROWTH_WINDOWS];

/*
 * How fast category `id` has grown (or shrunk: below 0) in the `window_ns` up to `end_ns` (since the process's start), in bytes
 * an hour: the slope by Theil and Sen, the median of those between each two of GROWTH_MOMENTS even moments. So what comes and
 * goes within the window is no growth, and one jump is little. Between points of the timeline the last one holds. False: there are no
 * points for half of the window.
 *
 * Sen, "Estimates of the regression coefficient based on Kendall's tau", Journal of the American Statistical Association 63 (1968).
 */
#define GROWTH_MOMENTS 31
bool growth_of(const struct timeline *timeline, uint32_t id, uint64_t end_ns, uint64_t window_ns,
               double *ret_bytes_per_hour);

/* All of it, into the snapshot that the timeline is of. */
void growth_put(const struct timeline *timeline, uint64_t end_ns, struct snapshot *snapshot);

/* How far the process's timeline reaches: until now, or its end. */
uint64_t growth_end(const struct process *process);

/*
 * By the segment's own timeline; of a process younger than any window nothing is known, and that is not even looked at. Returns 0,
 * or what segment_file_open(), layout_read() and timeline_at_read() return, with words.
 */
int growth_read(struct process *process, struct fault *ret_fault);

/* Of these windows alone: bit N for growth_windows[N]; and of each category its own bytes alone. */
int growth_read_own(struct process *process, unsigned windows, struct fault *ret_fault);

/* The same. Where that cannot be read nothing is known, as where the process is younger than any
 * window: then it is not even looked at. */
void growth_take(struct process *process);

#endif
