/*
 * resident.h: what the resident memory of a process consists of:
 *
 *   live - untouched + slack + shim + mappings + stacks + files + unexplained = RSS
 *
 * live        what the books say
 * slack       what glibc's heap has taken from the kernel beyond that: free chunks, their heads, the top; of the page
 *             heap, what of its pages no block uses, and what is free and in memory
 * untouched   of both, what is not resident: never written, or given back or swapped out
 * shim        the shim's own pages, its library and the segment
 * mappings    anonymous pages that are none of these
 * stacks      of the main thread, and of those that pthread_create started
 * files       pages of files, modules' data among them, and what the kernel maps
 * unexplained pages that moved while they were looked at
 *
 * RSS is the sum over all mappings, so the equation holds to the byte. Over other allocators than glibc, and until the
 * first block has shown what there is, nobody tells heap from mappings: slack is in `mappings`, and `untouched` is the
 * least that it can be.
 */
#ifndef RATION_TOOL_READER_RESIDENT_H
#define RATION_TOOL_READER_RESIDENT_H

#include "reader/snapshot.h"

struct resident {
  uint64_t live_bytes;
  uint64_t untouched_bytes;
  uint64_t slack_bytes;
  uint64_t shim_bytes;
  uint64_t mapping_bytes;
  uint64_t stack_bytes;
  uint64_t file_bytes;
  int64_t unexplained_bytes;
  uint64_t rss_bytes;
  bool is_joined; /* slack stands in mapping_bytes */
  uint64_t at_ns; /* when this was so, since the epoch */
};

/*
 * Looks at the process of the snapshot, which must have been taken just before. Returns 0; -EPERM or -EACCES: it may
 * not be looked at; -ESRCH: it has ended; or another -errno; with words.
 */
int resident_read(const struct snapshot *snapshot, struct resident *ret_resident, struct fault *ret_fault);

#endif
