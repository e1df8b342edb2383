/*
 * books.h: what the books say in the end: the shim's of the whole process, the C library's of its heap, the toolkit's of
 * its pools.
 */
#ifndef CREATURES_MEMORY_BOOKS_H
#define CREATURES_MEMORY_BOOKS_H

#include "memory/memory.h"

struct books {
  uint64_t allocations, frees, live_bytes, peak_bytes; /* of the process; 0: the shim is passive */

  /* Of all bytes that the heap holds, the share that no one uses: free in the heap, or in a block of a pool without
     being a taken object. 0 where the C library has no such books. */
  double fragmentation;
  double pool_hit_rate; /* of all pools: takes that needed no new block */
};

void books_read(struct memory_root *memory, struct books *ret_books);

#endif
