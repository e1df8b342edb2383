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

/*
 * Whose is it? The place of the tag of the block that starts at `address`; NULL or a tag of 0: not ours. A
 * block's holder writes its category there, and 0 before it gives the block back.
 */
ALWAYS_INLINE unsigned char *heap_tag(const void *address) {
  return tag_place(address);
}

/* The usable size of a block of the next allocator. */
ALWAYS_INLINE size_t heap_usable(void *block) {
  return LIKELY(next.has_chunk_sizes) ? next_chunk_usable(block) : next.usable(block);
}

#endif
