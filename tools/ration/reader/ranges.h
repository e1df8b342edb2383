/*
 * ranges.h: the stretches of its address space that a process has named: the shim's own memory, threads' stacks, the
 * page heap's region.
 */
#ifndef RATION_TOOL_READER_RANGES_H
#define RATION_TOOL_READER_RANGES_H

#include "reader/layout.h"

#define RANGES_MOST 2048 /* further ones are not read */

struct range {
  uint64_t start;
  uint64_t end;   /* above start */
  uint32_t kind;  /* RATION_RANGE_* */
  uint32_t owner; /* thread id, of a stack */
};

struct ranges {
  uint32_t count;
  struct range range[RANGES_MOST];
};

/* Those in use of the first `rows` rows. Ones that make no sense are left out. Returns 0 or -errno. */
int ranges_read(const struct segment_file *file, const struct layout *layout, uint32_t rows,
                struct ranges *ret_ranges);

#endif
