/*
 * largest_list.h: blocks that were among the largest live ones at some moments, each once.
 */
#ifndef RATION_TOOL_READER_LARGEST_LIST_H
#define RATION_TOOL_READER_LARGEST_LIST_H

#include <stddef.h>
#include <stdint.h>

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

#endif
