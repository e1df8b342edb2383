/*
 * account_blocks.c: claiming slots. Who swaps an address, or none, for "held" owns the slot's block until it lets go.
 */
#include "model/account_blocks.h"

#include <stddef.h>

#include "base/atomics.h"
#include "base/hash.h"

struct pair {
  struct account_slot *bucket[2];
};

static struct pair find_buckets(struct account_blocks *blocks, uint64_t address);
static struct account_slot *take_from(struct account_slot *bucket, uint64_t address);
static unsigned count_empty(const struct account_slot *bucket);

struct account_slot *account_blocks_take(struct account_blocks *blocks, uint64_t address) {
  struct pair pair = find_buckets(blocks, address);
  struct account_slot *slot = take_from(pair.bucket[0], address);
  return slot ? slot : take_from(pair.bucket[1], address);
}

/* In the emptier bucket, which keeps all of them from filling up before the table does. */
struct account_slot *account_blocks_take_new(struct account_blocks *blocks, uint64_t address) {
  if (add_relaxed(&blocks->count, 1) < ACCOUNT_BLOCKS_MOST) { /* a number: nothing behind it */
    struct pair pair = find_buckets(blocks, address);
    int is_second = count_empty(pair.bucket[1]) > count_empty(pair.bucket[0]);
    struct account_slot *slot = take_from(pair.bucket[is_second], ACCOUNT_SLOT_EMPTY);
    if (!slot) slot = take_from(pair.bucket[!is_second], ACCOUNT_SLOT_EMPTY);
    if (slot) return slot;
  }
  add_relaxed(&blocks->count, (uint64_t)-1);
  return NULL;
}

void account_blocks_give(struct account_blocks *blocks, struct account_slot *slot, uint64_t address,
                         uint64_t block) {
  slot->block = block;
  store_release(&slot->address, block ? address : ACCOUNT_SLOT_EMPTY); /* pairs with take_from */
  if (!block) add_relaxed(&blocks->count, (uint64_t)-1);
}

static struct pair find_buckets(struct account_blocks *blocks, uint64_t address) {
  uint64_t hash = hash_word(address);
  return (struct pair){.bucket = {blocks->slots[hash % ACCOUNT_BLOCKS_BUCKETS],
                                  blocks->slots[(hash >> 32) % ACCOUNT_BLOCKS_BUCKETS]}};
}

static struct account_slot *take_from(struct account_slot *bucket, uint64_t address) {
  for (unsigned i = 0; i < ACCOUNT_BLOCKS_SLOTS; i++) {
    uint64_t expected = load_relaxed(&bucket[i].address); /* only a guess: the swap checks it */
    if (expected != address) continue;
    if (cas_acq_rel(&bucket[i].address, &expected, ACCOUNT_SLOT_HELD)) /* pairs with account_blocks_give */
      return &bucket[i];
  }
  return NULL;
}

/* Others may fill and empty it meanwhile: this only chooses. */
static unsigned count_empty(const struct account_slot *bucket) {
  unsigned empty = 0;
  for (unsigned i = 0; i < ACCOUNT_BLOCKS_SLOTS; i++)
    empty += load_relaxed(&bucket[i].address) == ACCOUNT_SLOT_EMPTY;
  return empty;
}
