/*
 * preload.h: the variable of the environment that carries the shim into a program.
 */
#ifndef RATION_TOOL_LAUNCH_PRELOAD_H
#define RATION_TOOL_LAUNCH_PRELOAD_H

#include <limits.h>
#include <stddef.h>

#include "reader/fault.h"

/*
 * The path of libration.so: beside this executable, else in ../lib or ../lib/MULTIARCH. Returns 0 or -ENOENT,
 * or -EINVAL where its path cannot stand in LD_PRELOAD; with words.
 */
int preload_find(char ret_path[PATH_MAX], struct fault *ret_fault);

/* The value of LD_PRELOAD: the shim, then what `old` (may be NULL) holds. The caller frees it. NULL: no memory. */
char *preload_join(const char *shim, const char *old);

#endif
