/*
 * tag_map.h: one byte for each granule of address space: whose is the block that starts there?
 *
 *   0 = not ours;  1 .. 252 = the category
 *
 * A top-level table of leaves, each mapped when a block first starts in its range: a leaf of 4 MiB covers 64
 * MiB of addresses at 16 bytes a granule, and only its touched pages cost memory, so tags cost at most 1/16
 * of the heap (1/8 at 8 bytes a granule). No data of the program can forge a tag, and an address that never
 * was a block's start reads as 0, whatever it is.
 *
 * Granule number of an address: the address rotated right by the shift. The bits that an aligned address does
 * not have come to stand at the top, so one comparison refuses misaligned and absurd addresses alike.
 *
 * Order: a tag is written by the thread that holds the block, and cleared before the block is given back; the
 * allocator below orders give-back and reuse, and the program orders handing a block to another thread. So
 * relaxed stores and loads are enough; only the leaf itself is published with release.
 */
#ifndef RATION_HEAP_TAG_MAP_H
#define RATION_HEAP_TAG_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/atomics.h"
#include "base/compiler.h"

#define TAG_LEAF_BITS  22
#define TAG_LEAF_BYTES ((size_t)1 << TAG_LEAF_BITS)
#define TAG_LEAF_MASK  (TAG_LEAF_BYTES - 1)
#if defined(__aarch64__)
#define TAG_ADDRESS_BITS 48
#else
#define TAG_ADDRESS_BITS 47 /* x86-64: what user space gets unless it asks for more by address */
#endif

struct tag_map {
  unsigned char **leaves;
  uint64_t granules;            /* one past the last granule number */
  uint32_t shift;               /* granule = 2^shift bytes: 4 or 3 */
} __attribute__((aligned(64))); /* read at every operation: alone in its cache line */

extern struct tag_map tag_map INTERNAL;

/* Reserves the table. Returns 0 or -ENOMEM. */
int tag_map_prepare(uint32_t shift);

/* Address space that the table and a few leaves take, before they are mapped. */
uint64_t tag_map_reservation(uint32_t shift);

ALWAYS_INLINE uint64_t tag_granule(const void *address, uint32_t shift) {
  uint64_t at = (uint64_t)(uintptr_t)address;
  return at >> shift | at << (64 - shift);
}

ALWAYS_INLINE unsigned char *tag_place_of(uint64_t granule) {
  unsigned char **entry = &tag_map.leaves[granule >> TAG_LEAF_BITS];
  unsigned char *leaf = load_acquire(entry); /* pairs with tag_place_made */
  return LIKELY(leaf != NULL) ? leaf + (granule & TAG_LEAF_MASK) : NULL;
}

/* The place of the tag of a block that starts at `address`; NULL: there is no leaf for it (yet). */
ALWAYS_INLINE unsigned char *tag_place(const void *address) {
  uint64_t granule = tag_granule(address, tag_map.shift);
  return LIKELY(granule < tag_map.granules) ? tag_place_of(granule) : NULL;
}

/* The same where the shift is known to be `shift`, a constant. */
ALWAYS_INLINE unsigned char *tag_place_at(const void *address, uint32_t shift) {
  uint64_t granule = tag_granule(address, shift);
  uint64_t entry = granule >> TAG_LEAF_BITS;
  return LIKELY(entry < UINT64_C(1) << (TAG_ADDRESS_BITS - shift - TAG_LEAF_BITS)) ? tag_place_of(granule)
                                                                                   : NULL;
}

/* The same for an address that is known to be one that blocks have. */
ALWAYS_INLINE unsigned char *tag_place_given(const void *block, uint32_t shift) {
  return tag_place_of((uint64_t)(uintptr_t)block >> shift);
}

/* The same, mapping the leaf where there is none. NULL: no memory, or an address that can have no tag. */
unsigned char *tag_place_made(const void *address);

/* Calls `visit` with each tagged address, in order. Of use where nothing else runs. */
void tag_map_visit(void (*visit)(void *context, void *address, unsigned char tag), void *context);

#endif
