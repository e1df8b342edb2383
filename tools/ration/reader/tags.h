/*
 * tags.h: whose a block of a running process is: by the tag map in its memory, or, of a block of the page heap, by its
 * page (page_rows.h).
 */
#ifndef RATION_TOOL_READER_TAGS_H
#define RATION_TOOL_READER_TAGS_H

#include "reader/snapshot.h"

struct block_facts {
  uint32_t
      category; /* id; 0: no tracked block starts at the address; RATION_TAG_SAMPLED: see sample_list.h */
  bool has_size;
  uint64_t usable_bytes;
};

/*
 * Looks the address up in the process that the snapshot is of, which must run. Returns 0; -EPERM: the
 * process's memory may not be read; -ESRCH: it is gone; -ENOTSUP: it has no tag map; -EBADMSG: its tag map
 * makes no sense; with words.
 */
int tags_look_up(const struct snapshot *snapshot, uint64_t address, struct block_facts *ret_facts,
                 struct fault *ret_fault);

/*
 * The first address from `from` on, below `end`, where a tracked block starts; 0: none does. Returns 0, -EBADMSG, or
 * what remote_read() returns.
 */
int tags_find_next(const struct snapshot *snapshot, uint64_t from, uint64_t end, uint64_t *ret_address);

/* The usable size in the size field of a glibc chunk. */
uint64_t tags_chunk_usable_bytes(uint64_t size_field);

#endif
