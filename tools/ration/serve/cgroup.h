/*
 * cgroup.h: where a process runs: its control group, and the pod that this says it is in.
 */
#ifndef RATION_TOOL_SERVE_CGROUP_H
#define RATION_TOOL_SERVE_CGROUP_H

#include <stdint.h>

#include "export/metric_source.h"

/* Empty, where nobody knows. */
void cgroup_read(uint32_t pid, struct metric_place *ret_place);

/* The text of a /proc/PID/cgroup: the group of version 2, else that of the memory controller. */
void cgroup_parse(const char *text, struct metric_place *ret_place);

#endif
