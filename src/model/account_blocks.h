/*
 * account_blocks.h: what the program has said of memory of its own, by address: category and bytes of each.
 *
 * A hash table of buckets, each address in one of two, so that every look-up is a look at 16 slots, and a block that
 * goes leaves nothing behind. No lock: a thread claims one slot at a time by compare-and-swap. While it holds the
 * slot nobody else sees an address there; so two calls for one address at the same moment may both find it missing,
 * and make two slots of it, which account_blocks_take then gives one after the other.
 *
 * Pure: the memory is given, zeroed.
 */
#ifndef RATION_MODEL_ACCOUNT_BLOCKS_H
#define RATION_MODEL_ACCOUNT_BLOCKS_H

#include <stdint.h>

#define ACCOUNT_BLOCKS_MOST    65536
#define ACCOUNT_BLOCKS_BUCKETS 16384
#define ACCOUNT_BLOCKS_SLOTS   8 /* of a bucket: half of them are empty when the table is full */

/* Not addresses of blocks. */
#define ACCOUNT_SLOT_EMPTY UINT64_C(0)
#define ACCOUNT_SLOT_HELD  UINT64_MAX

/* What a block is: its category above its bytes; 0: none. */
#define ACCOUNT_BLOCK_BYTES_BITS       56
#define ACCOUNT_BLOCK_BYTES_MOST       ((UINT64_C(1) << ACCOUNT_BLOCK_BYTES_BITS) - 1)
#define ACCOUNT_BLOCK(category, bytes) ((uint64_t)(category) << ACCOUNT_BLOCK_BYTES_BITS | (bytes))
#define ACCOUNT_BLOCK_CATEGORY(block)  ((uint32_t)((block) >> ACCOUNT_BLOCK_BYTES_BITS))
#define ACCOUNT_BLOCK_BYTES(block)     ((block)&ACCOUNT_BLOCK_BYTES_MOST)

struct account_slot {
  uint64_t address;
  uint64_t block; /* ACCOUNT_BLOCK; written by who holds the slot alone */
};

struct account_blocks {
  struct account_slot slots[ACCOUNT_BLOCKS_BUCKETS][ACCOUNT_BLOCKS_SLOTS];
  uint64_t count;
};

/* Takes hold of the slot of an address. NULL: it has none. */
struct account_slot *account_blocks_take(struct account_blocks *blocks, uint64_t address);

/* Takes hold of an empty slot for an address that has none. NULL: there are ACCOUNT_BLOCKS_MOST blocks, or no room. */
struct account_slot *account_blocks_take_new(struct account_blocks *blocks, uint64_t address);

/* Lets go of a slot, with what the address is from now on; block 0: it is gone, and the slot is empty. */
void account_blocks_give(struct account_blocks *blocks, struct account_slot *slot, uint64_t address,
                         uint64_t block);

#endif
