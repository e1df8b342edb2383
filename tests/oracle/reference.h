/*
 * reference.h: what the books must say: plain sums, kept beside the program in memory of its own.
 *
 * Categories are numbered here; category_id leads to the shim's.
 */
#ifndef RATION_TESTS_ORACLE_REFERENCE_H
#define RATION_TESTS_ORACLE_REFERENCE_H

#include <ration/ration.h>
#include <stddef.h>
#include <stdint.h>

#include "block.h"

/* total, other, bin/ORACLE, and a tree of the program's own. */
#define CATEGORIES   12
#define CATEGORY_OWN 2 /* the blocks that are got with no scope open */

struct expected {
  uint64_t live_bytes, live_blocks, allocations, frees, reallocations, allocated_bytes, requested_bytes;
  uint64_t peak_bytes;         /* true only while a single thread runs */
  uint64_t subtree_bytes;      /* with those below it, the oracle's alone; likewise */
  uint64_t subtree_peak_bytes; /* likewise */
};

struct reference {
  ration_category_id id[CATEGORIES];
  uint32_t parent[CATEGORIES]; /* number */
  struct expected expected[CATEGORIES];
  uint64_t
      untracked_before; /* blocks of libraries, whose sizes the allocator below could not tell yet (tcmalloc's) */
  uint64_t wrong;       /* figures that were not as expected */
};

/* The path of a category other than CATEGORY_OWN. */
const char *reference_path(uint32_t category);

/* Looks the categories up. Returns 0, or -1: the library is not there, or passive, or its segment not in the folder. */
int reference_begin(struct reference *reference, const char *folder);

/* Any thread may note what it has done, right after it. */
void reference_note_got(struct reference *reference, const struct block *block);
void reference_note_resized(struct reference *reference, const struct block *old,
                            const struct block *resized);
void reference_note_given_back(struct reference *reference, const struct block *block);

/* At rest: holds ration_stats, a recount of `blocks` and the segment in `folder` against the reference. */
void reference_check(struct reference *reference, const struct block *blocks, size_t count,
                     const char *folder);

/*
 * With a single thread: holds the peaks against it. The subtree of total has blocks of libc's in it too,
 * which must not change meanwhile: `others_bytes` of them.
 */
void reference_check_peaks(struct reference *reference, uint64_t others_bytes);

#endif
