/*
 * duration.h: how the command line writes a length of time: 500ms, 10s, 5m, 1h.
 */
#ifndef RATION_TOOL_CONFIG_DURATION_H
#define RATION_TOOL_CONFIG_DURATION_H

#include <stdint.h>

#include "reader/fault.h"

/* Digits and ms, s, m or h, from 1 ms to 1000 h. Returns 0, or -EINVAL with words. */
int duration_read(const char *text, uint64_t *ret_ns, struct fault *ret_fault);

#endif
