/*
 * block.h: a block, got by any entry point of the malloc family or operator new, resized, and given back by
 * any of those that may take it.
 */
#ifndef RATION_TESTS_ORACLE_BLOCK_H
#define RATION_TESTS_ORACLE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

#define BLOCK_SITES 8

/* Who may take a block back. */
enum family { FAMILY_MALLOC, FAMILY_ALIGNED, FAMILY_NEW, FAMILY_NEW_ALIGNED };

struct block {
  void *address; /* NULL: none */
  size_t requested;
  size_t usable;
  size_t alignment; /* of the two aligned families */
  enum family family;
  uint32_t category; /* number in the reference */
  uint32_t site;     /* number of the function site_N that asked for it */
  unsigned char fill;
};

/* Asks for a block of about `most` bytes at most by an entry point drawn at random. */
struct block block_get(struct random *random, size_t most);

/* Resizes a block that realloc may take. A block that is gone afterwards has no address. */
void block_resize(struct block *block, struct random *random, size_t most);
int block_may_be_resized(const struct block *block);

/* Gives it back by a function drawn at random. */
void block_give_back(struct block *block, struct random *random);

/* What was written into the block when it was made is still there: nobody else has had it. */
int block_is_intact(const struct block *block);

#endif
