/*
 * wanted.h: the process that a user names on the command line.
 */
#ifndef RATION_TOOL_READER_WANTED_H
#define RATION_TOOL_READER_WANTED_H

#include "reader/process.h"

/*
 * `wanted` is a pid (digits alone; a file of such a name can be given as ./NAME), a segment's file, or NULL: the user's
 * newest segment. Returns 0; -ERANGE: that is no pid, or empty; or what newest_of_pid() and process_read() return.
 */
int wanted_read(const char *wanted, struct process *ret_process, struct fault *ret_fault);

#endif
