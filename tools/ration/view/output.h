/*
 * output.h: where finished bytes go: stdout, or a file that is whole or as it was.
 */
#ifndef RATION_TOOL_VIEW_OUTPUT_H
#define RATION_TOOL_VIEW_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * A file that is none yet, or a plain one, is written beside its place and then put there, with the mode and the owner of
 * the one before; a link keeps pointing to it. Written as they are, the bytes go into anything else (a device, a pipe, an
 * open descriptor by its name in /dev/fd), into what stdout or stderr is, and into a file that cannot be replaced by its
 * like: its folder is not writable, its owner cannot be kept, it has several names. NULL: stdout. Returns 0 or -errno
 * (-ENOSPC, -EPIPE ...).
 */
int output_write(const char *path, const void *bytes, size_t size);

/* What is made whole before any of it is written: `to` is in memory. */
struct output {
  FILE *to;
  char *bytes;
  size_t size;
};

/* Ignores signals as below. Returns 0 or -ENOMEM; then there is nothing to be ended. */
int output_begin(struct output *ret_output);

/* Ends it; if `is_wanted`, also writes it as output_write() does. Returns what that returns; -ENOMEM: some of it is missing,
 * and nothing is written. */
int output_end(struct output *output, const char *path, bool is_wanted);

/* A reader that has gone, and a file that must not grow, are from now on errors to tell, and not signals to die of. */
void output_ignore_signals(void);

/* Whether it could be written by now, as far as can be said without writing: 0 or -errno. Changes nothing. */
int output_probe(const char *path);

#endif
