/*
 * segment_reader.h: the books of a process, read from its segment file by the specification in
 * ration/segment.h: a reader of its own, that shares no code with the shim or the reporter.
 */
#ifndef RATION_TESTS_ORACLE_SEGMENT_READER_H
#define RATION_TESTS_ORACLE_SEGMENT_READER_H

#include <ration/segment.h>
#include <stdint.h>
#include <sys/types.h>

/* A category's own blocks, and in the subtree_ fields those of its descendants too. */
struct segment_figures {
  uint64_t live_bytes, live_blocks, peak_bytes, peak_error_bytes;
  uint64_t allocations, frees, reallocations, allocated_bytes, requested_bytes;
  uint64_t subtree_live_bytes;
};

struct segment_books {
  struct ration_segment_header header;
  struct ration_segment_category category[RATION_CATEGORY_IDS]; /* by id */
  struct segment_figures figures[RATION_CATEGORY_IDS];          /* by id; unused ids are zero */
  uint32_t last_id;
};

/* Reads the segment of process `pid` in `folder`; at rest the books are exact. Returns 0 or -errno. */
int segment_read(const char *folder, pid_t pid, struct segment_books *ret_books);

#endif
