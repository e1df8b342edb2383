/*
 * pool.c: blocks in classes of powers of two, one lock-free stack of free blocks a class.
 *
 * Before each block lie 16 bytes: its class, and where its piece starts (for alignments over 16). The second
 * word of a free piece links to the next; nothing else is ever stored there, since a thread that is late may
 * still read the link of a piece that another one has just taken: the compare-and-swap that would use it
 * fails. The head of a stack is the address of a piece with a counter above it that every change raises, so
 * that a head seen twice is the same head. Memory is never given back.
 */
#include "os/pool.h"

#include <stddef.h>
#include <stdint.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "os/memory.h"

#define STATIC_BYTES (64 * 1024)
#define REGION_BYTES (64 * 1024 * 1024)
#define CLASSES      27 /* pieces of 2^0 .. 2^26 bytes; those under 2^5 are not used */
#define HEAD_BYTES   16

struct head {
  uint32_t class;
  uint32_t distance; /* from the start of the piece to the block */
  uint64_t link;     /* of the piece, where the head stands at its start; else not used */
};

static _Alignas(4096) unsigned char first_region[STATIC_BYTES];
static uint64_t first_used;
static unsigned char *second_region; /* NULL until needed */
static uint64_t second_used;
static uint64_t stacks[CLASSES]; /* counter << 48 | address of the topmost free piece */

static unsigned char *take_piece(unsigned class);
static unsigned char *carve(size_t bytes);
static unsigned char *second(void);

#define ADDRESS_MASK ((UINT64_C(1) << 48) - 1)

void *pool_allocate(size_t bytes, size_t alignment) {
  if (alignment < 16) alignment = 16;
  if (bytes > REGION_BYTES / 4 || alignment > REGION_BYTES / 4) return NULL;
  size_t needed = bytes + HEAD_BYTES + (alignment > 16 ? alignment : 0);
  unsigned class = 5;
  while (((size_t)1 << class) < needed) class ++;
  unsigned char *piece = take_piece(class);
  if (!piece) return NULL;
  uintptr_t block = ((uintptr_t)piece + HEAD_BYTES + alignment - 1) & ~(uintptr_t)(alignment - 1);
  struct head *head = (struct head *)(block - HEAD_BYTES);
  for (size_t i = HEAD_BYTES; i < ((size_t)1 << class); i++) piece[i] = 0;
  head->class = class;
  head->distance = (uint32_t)(block - (uintptr_t)piece);
  return (void *)block;
}

static uint64_t *link_of(unsigned char *piece) {
  return (uint64_t *)(void *)(piece + offsetof(struct head, link));
}

static const struct head *head_of(const void *block) {
  return (const struct head *)((const unsigned char *)block - HEAD_BYTES);
}

size_t pool_usable(const void *block) {
  const struct head *head = head_of(block);
  return ((size_t)1 << head->class) - head->distance;
}

int pool_has(const void *address) {
  uintptr_t at = (uintptr_t)address;
  if (at - (uintptr_t)first_region < STATIC_BYTES) return 1;
  unsigned char *region = load_acquire(&second_region); /* pairs with second */
  return region && at - (uintptr_t)region < REGION_BYTES;
}

void pool_free(void *block) {
  const struct head *head = head_of(block);
  uint64_t *stack = &stacks[head->class];
  unsigned char *piece = (unsigned char *)block - head->distance;
  uint64_t top = load_relaxed(stack); /* only a guess: the compare-and-swap checks it */
  uint64_t next;
  do {
    store_relaxed(link_of(piece), top & ADDRESS_MASK);
    next = ((top >> 48) + 1) << 48 | (uint64_t)(uintptr_t)piece;
  } while (!cas_acq_rel(stack, &top, next)); /* pairs with take_piece */
}

static unsigned char *take_piece(unsigned class) {
  uint64_t *stack = &stacks[class];
  uint64_t top = load_acquire(stack); /* pairs with pool_free */
  while (top & ADDRESS_MASK) {
    unsigned char *piece = (unsigned char *)(uintptr_t)(top & ADDRESS_MASK);
    uint64_t below = load_relaxed(link_of(piece)); /* stale only if the swap below fails */
    uint64_t next = ((top >> 48) + 1) << 48 | (below & ADDRESS_MASK);
    if (cas_acq_rel(stack, &top, next)) return piece; /* pairs with pool_free */
  }
  return carve((size_t)1 << class);
}

/* Fresh memory. A piece that no longer fits the first region goes to the second. */
static unsigned char *carve(size_t bytes) {
  if (bytes <= STATIC_BYTES) {
    uint64_t at = load_relaxed(&first_used); /* a place is owned by who moves the mark: no data behind it */
    while (at + bytes <= STATIC_BYTES)
      if (cas_relaxed(&first_used, &at, at + bytes)) return first_region + at;
  }
  unsigned char *region = second();
  if (!region) return NULL;
  uint64_t at = load_relaxed(&second_used); /* likewise */
  while (at + bytes <= REGION_BYTES)
    if (cas_relaxed(&second_used, &at, at + bytes)) return region + at;
  return NULL;
}

static unsigned char *second(void) {
  unsigned char *region = load_acquire(&second_region); /* pairs with second: its swap */
  if (region) return region;
  unsigned char *fresh = memory_map(REGION_BYTES);
  if (!fresh) return NULL;
  if (cas_acq_rel(&second_region, &region, fresh)) return fresh; /* pairs with second, pool_has */
  memory_unmap(fresh, REGION_BYTES);
  return region;
}
