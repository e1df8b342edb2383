/*
 * largest.h: of a recording that was made with --largest: the blocks that were among the largest live ones at any of its
 * moments, each once.
 */
#ifndef RATION_TOOL_SUBJECT_LARGEST_H
#define RATION_TOOL_SUBJECT_LARGEST_H

#include "reader/largest_list.h"
#include "reader/process.h"

/*
 * Of a process that comes from no recording, or from one that was made without, none. Returns 0, with a list that is to be
 * freed, or what replay_read() returns, with words.
 */
int largest_list_read(const struct process *process, struct largest_list *ret_list, struct fault *ret_fault);
void largest_list_free(struct largest_list *list);

#endif
