/*
 * heap.h: the boundary behind which blocks come from. Layers above ask four things and know nothing else:
 * give me a block, whose is this block, take it back, resize it.
 *
 * Today's one heap is `system`: the next allocator in link order (os/next.h) gives the blocks, the tag map
 * remembers their categories, and nothing is added to a block. All of this is inlined into the fast path.
 */
#ifndef RATION_HEAP_HEAP_H
#define RATION_HEAP_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "heap/tag_map.h"
#include "os/next.h"

/* Prepares the heap over the next allocator. Returns 0 or -ENOMEM. */
int heap_prepare(void);

/* Address space that it takes: the tag map's table and a few leaves. */
uint64_t heap_reservation(void);

/*
 * Over glibc all that is asked can be answered in a few instructions; over other allocators it takes a call.
 * The hot path has a version for each, and the flavour is a constant in it.
 */
enum heap_flavour { HEAP_LIBC, HEAP_OTHER };
#define HEAP_LIBC_SHIFT 4

/* glibc's blocks, with sizes that can be read: the hot path may take the short version. */
static inline int heap_is_libc(void) {
  return load_relaxed(&next.has_chunk_sizes); /* settled once, by a block that may be another thread's */
}

/*
 * Whose is it? The place of the tag of the block that starts at `address`; NULL or a tag of 0: not ours. A
 * block's holder writes its category there, and 0 before it gives the block back.
 */
ALWAYS_INLINE unsigned char *heap_tag(const void *address, enum heap_flavour flavour) {
  return flavour == HEAP_LIBC ? tag_place_at(address, HEAP_LIBC_SHIFT) : tag_place(address);
}

/* The same for a block that the heap has given a moment ago. */
ALWAYS_INLINE unsigned char *heap_tag_of_given(const void *block, enum heap_flavour flavour) {
  return flavour == HEAP_LIBC ? tag_place_given(block, HEAP_LIBC_SHIFT) : tag_place(block);
}

/* The usable size of a block of the next allocator. */
static inline size_t heap_usable(void *block) {
  return heap_is_libc() ? next_chunk_usable(block) : next.usable(block);
}

/* The same where the flavour is known, and after heap_may_size has said yes: no to glibc's mapped chunks,
   which are too large for the fast path anyway, and whose sizes are read otherwise. */
ALWAYS_INLINE int heap_may_size(const void *block, enum heap_flavour flavour) {
  return flavour != HEAP_LIBC || !next_chunk_is_mapped(block);
}

ALWAYS_INLINE size_t heap_usable_as(void *block, enum heap_flavour flavour) {
  return flavour == HEAP_LIBC ? next_chunk_plain_usable(block) : next.usable(block);
}

#endif
