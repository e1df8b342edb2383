/*
 * output.h: where an export goes: stdout, or a file that is whole or not there.
 */
#ifndef RATION_TOOL_EXPORT_OUTPUT_H
#define RATION_TOOL_EXPORT_OUTPUT_H

#include <stddef.h>

/*
 * A file that is none yet, or a plain one, is written beside its place and then put there; into anything else (a device,
 * a pipe) the bytes are written as they are. NULL: stdout. Returns 0 or -errno (-ENOSPC, -EPIPE ...).
 */
int output_write(const char *path, const void *bytes, size_t size);

#endif
