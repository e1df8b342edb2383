/*
 * kin.h: whether a segment is of the tree that is being recorded: of the same session, or, where there is none, of a
 * process or those that come from it.
 */
#ifndef RATION_TOOL_RECORD_KIN_H
#define RATION_TOOL_RECORD_KIN_H

#include <ration/segment.h>
#include <stdbool.h>

#include "reader/place_name.h"

struct kin_pid;

struct kin {
  uint32_t session_pid;
  uint64_t session_start; /* 0: no session: by descent */
  uint32_t root_pid;
  uint64_t root_start;
  struct kin_pid *pids; /* by descent: those that were found to be */
};

/* By descent it remembers those that are; where there is no memory, their children are found by /proc alone. */
bool kin_has(struct kin *kin, const struct ration_segment_header *header);

/*
 * Of a segment whose header cannot be read, by its name: whether it may be. By /proc, whether its process is the root or
 * comes from it; where there is no root, in a session of our own, whether it is younger than that.
 */
bool kin_may_have(const struct kin *kin, const struct place_name *name);
void kin_free(struct kin *kin);

#endif
