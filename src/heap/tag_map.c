/*
 * tag_map.c: mapping the table and its leaves.
 *
 * The table is reserved readable only, so that an empty one is no commitment of memory even under strict
 * overcommit; the page of an entry is made writable when its leaf is published.
 */
#include "heap/tag_map.h"

#include <errno.h>

#include "os/memory.h"

#define TABLE_PAGE      4096
#define LEAVES_EXPECTED 3 /* heap, mappings, one thread's arena */

struct tag_map tag_map = {.shift = 4}; /* of no granules, until it is prepared: no address has a place */

static uint64_t table_entries(uint32_t shift) {
  return UINT64_C(1) << (TAG_ADDRESS_BITS - shift - TAG_LEAF_BITS);
}

uint64_t tag_map_reservation(uint32_t shift) {
  return table_entries(shift) * sizeof(unsigned char *) + LEAVES_EXPECTED * TAG_LEAF_BYTES;
}

int tag_map_prepare(uint32_t shift) {
  size_t bytes = table_entries(shift) * sizeof(unsigned char *);
  unsigned char **leaves = memory_reserve(bytes);
  if (!leaves) return -ENOMEM;
  memory_keep_small(leaves, bytes);
  tag_map = (struct tag_map){
      .leaves = leaves, .granules = UINT64_C(1) << (TAG_ADDRESS_BITS - shift), .shift = shift};
  return 0;
}

unsigned char *tag_place_made(const void *address) {
  unsigned char *place = tag_place(address);
  uint64_t granule = tag_granule(address, tag_map.shift);
  if (place || granule >= tag_map.granules) return place;
  unsigned char **entry = &tag_map.leaves[granule >> TAG_LEAF_BITS];
  uintptr_t page = (uintptr_t)entry & ~(uintptr_t)(TABLE_PAGE - 1);
  if (memory_open((void *)page, TABLE_PAGE) < 0) return NULL;
  unsigned char *leaf = memory_map(TAG_LEAF_BYTES);
  if (!leaf) return NULL;
  memory_keep_small(leaf, TAG_LEAF_BYTES);
  unsigned char *there = NULL;
  if (!cas_acq_rel(entry, &there, leaf)) { /* pairs with tag_place_of, tag_map_visit */
    memory_unmap(leaf, TAG_LEAF_BYTES);
    leaf = there;
  }
  return leaf + (granule & TAG_LEAF_MASK);
}

static void visit_leaf(uint64_t first_granule, const unsigned char *leaf,
                       void (*visit)(void *context, void *address, unsigned char tag), void *context) {
  for (size_t word = 0; word < TAG_LEAF_BYTES; word += sizeof(uint64_t)) {
    if (*(const uint64_t *)(const void *)(leaf + word) == 0) continue;
    for (size_t i = word; i < word + sizeof(uint64_t); i++)
      if (leaf[i]) visit(context, (void *)(uintptr_t)((first_granule + i) << tag_map.shift), leaf[i]);
  }
}

void tag_map_visit(void (*visit)(void *context, void *address, unsigned char tag), void *context) {
  uint64_t entries = tag_map.leaves ? tag_map.granules >> TAG_LEAF_BITS : 0;
  for (uint64_t i = 0; i < entries; i++) {
    const unsigned char *leaf = load_acquire(&tag_map.leaves[i]); /* pairs with tag_place_made */
    if (leaf) visit_leaf(i << TAG_LEAF_BITS, leaf, visit, context);
  }
}
