/*
 * since.h: a process as it was some time ago, as far as its timeline tells: what its categories had charged.
 */
#ifndef RATION_TOOL_DIFF_SINCE_H
#define RATION_TOOL_DIFF_SINCE_H

#include "reader/process.h"

/*
 * *ret_before is the process with the live bytes of the point that is nearest to `ago_ns` before now, or before its end;
 * its other figures are 0. How long ago that is goes to *ret_age_ns. Returns 0; -ENODATA: there is no point; or what
 * subject_timeline() returns; with words.
 */
int since_read(const struct process *process, uint64_t ago_ns, struct process *ret_before,
               uint64_t *ret_age_ns, struct fault *ret_fault);

#endif
