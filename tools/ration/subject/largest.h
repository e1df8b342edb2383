/*
 * largest.h: of a recording that was made with --largest: the blocks that were among the largest live ones at any of its
 * moments, each once.
 */
#ifndef RATION_TOOL_SUBJECT_LARGEST_H
#define RATION_TOOL_SUBJECT_LARGEST_H

#include "reader/process.h"

struct largest_block {
  uint64_t bytes;
  uint64_t at;       /* allocated; CLOCK_MONOTONIC, as the next two */
  uint64_t first_at; /* the first moment at which it was one of the largest */
  uint64_t last_at;  /* the last */
  uint64_t moments;  /* at which it was */
  uint32_t category;
  uint32_t site; /* row in the segment */
};

struct largest_list {
  size_t count;
  struct largest_block *block; /* allocated; the largest first */
};

/*
 * Of a process that comes from no recording, or from one that was made without, none. Returns 0, with a list that is to be
 * freed, or what replay_read() returns, with words.
 */
int largest_list_read(const struct process *process, struct largest_list *ret_list, struct fault *ret_fault);
void largest_list_free(struct largest_list *list);

#endif
