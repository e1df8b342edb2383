/*
 * timeline.h: what each category had charged in the course of time, as far as a segment remembers.
 */
#ifndef RATION_TOOL_READER_TIMELINE_H
#define RATION_TOOL_READER_TIMELINE_H

#include <stdint.h>

#include "reader/layout.h"

struct timeline_point {
  uint64_t at_ns;                        /* since the process's start */
  uint64_t charged[RATION_CATEGORY_IDS]; /* by id: own bytes */
};

struct timeline {
  struct timeline_point *points; /* by time, each once; the caller's, by timeline_free */
  size_t count;
  bool is_kept; /* the segment has a table for them: a small one has none */
};

/*
 * All tiers put together: the older, the farther apart. Points that were overwritten while they were read are left out,
 * and so are those that make no sense. Returns 0 (also where a segment has no timeline: no points); -EBADMSG: the rows
 * lie outside their table, with words; -ENOMEM; or another -errno.
 */
int timeline_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                  struct timeline *ret_timeline, struct fault *ret_fault);

/* The same, by path: also what segment_file_open() and layout_read() return. */
int timeline_read_path(const char *path, bool is_memfd, uint32_t categories, struct timeline *ret_timeline,
                       struct fault *ret_fault);

void timeline_free(struct timeline *timeline);

#endif
