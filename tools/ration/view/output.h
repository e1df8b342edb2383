/*
 * output.h: where finished bytes go: stdout, or a file that is whole or as it was.
 */
#ifndef RATION_TOOL_VIEW_OUTPUT_H
#define RATION_TOOL_VIEW_OUTPUT_H

#include <stddef.h>

/*
 * A file that is none yet, or a plain one, is written beside its place and then put there, with the mode and the owner of
 * the one before; a link keeps pointing to it. Written as they are, the bytes go into anything else (a device, a pipe, an
 * open descriptor by its name in /dev/fd), into what stdout or stderr is, and into a file that cannot be replaced by its
 * like: its folder is not writable, its owner cannot be kept, it has several names. NULL: stdout. Returns 0 or -errno
 * (-ENOSPC, -EPIPE ...).
 */
int output_write(const char *path, const void *bytes, size_t size);

/* Whether it could be written by now, as far as can be said without writing: 0 or -errno. Changes nothing. */
int output_probe(const char *path);

#endif
