/*
 * newest.h: the one segment that is meant, where a user names a process or nothing.
 */
#ifndef RATION_TOOL_READER_NEWEST_H
#define RATION_TOOL_READER_NEWEST_H

#include "reader/process.h"

/*
 * The newest segment of the caller's, by when its image started, or of a pid in the caller's pid namespace.
 * Returns 0; -ENOENT: there is none; or what process_read() returned for the last that could not be read,
 * where none could; with words.
 */
int newest_of_user(struct process *ret_process, struct fault *ret_fault);
int newest_of_pid(uint32_t pid, struct process *ret_process, struct fault *ret_fault);

#endif
