/*
 * timeline_at.h: of a segment's timeline the few points that held at moments that are asked for, without the others.
 */
#ifndef RATION_TOOL_READER_TIMELINE_AT_H
#define RATION_TOOL_READER_TIMELINE_AT_H

#include <stdbool.h>
#include <stddef.h>

#include "reader/timeline.h"

/* A question, and its answer. */
struct timeline_at {
  uint64_t moment_ns; /* since the process's start */
  bool is_known;      /* there is a point as old, or older: the last of those follows */
  struct timeline_point point;
};

/*
 * Answers questions, whose moments rise, by the timeline of `file`, of which timeline_read() tells. Where points are overwritten
 * faster than they can be read there are no answers. Returns 0, or what timeline_read() returns but -ENOMEM.
 */
int timeline_at_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                     struct timeline_at *questions, size_t count, struct fault *ret_fault);

#endif
