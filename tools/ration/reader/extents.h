/*
 * extents.h: what parts of its mappings glibc's heap holds, found from outside: by the tags of blocks, and by the
 * sizes that glibc notes before its chunks and at the start of its arenas.
 *
 *   [heap]             all of it: the main arena's
 *   arenas of threads  from a multiple of 64 MiB, as many bytes as stand there (malloc/arena.c: struct heap_info)
 *   mapped chunks      what their own headers say
 *
 * Together they are what mallinfo2(3) calls arena + hblkhd. It is not asked: it takes the locks of all arenas, and
 * whoever asks for it in a signal handler may hold one.
 */
#ifndef RATION_TOOL_READER_EXTENTS_H
#define RATION_TOOL_READER_EXTENTS_H

#include "reader/smaps.h"
#include "reader/snapshot.h"

struct extent {
  uint64_t start;
  uint64_t end;
};

struct extents {
  struct extent *extents; /* by address; none overlaps another */
  size_t count;
  size_t room;
  uint64_t reach; /* up to where a mapped chunk goes on, beyond the mapping that it begins in */
};

/*
 * Those of the mapping are added. It is the next after the one before, or `reach` is 0: mprotect and madvise of a part
 * of a chunk make several mappings of it (numpy asks for huge pages so). Returns 0, -EPERM: the process's memory may not be read; -ENOMEM; or what else
 * remote_read() returns.
 */
int extents_add(const struct snapshot *snapshot, const struct mapping *mapping, struct extents *extents);

/* Adds one that lies behind all that are there. Returns 0 or -ENOMEM. */
int extents_put(struct extents *extents, struct extent extent);

void extents_free(struct extents *extents);

#endif
