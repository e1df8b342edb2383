/*
 * block.c: see block.h. Compiled without the compiler's knowledge of malloc, so that each call is made.
 */
#include "block.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define FILLED_MOST     64 /* bytes at each end: enough to notice a second holder */
#define ALIGNMENTS_MOST 13 /* 16 .. 64 KiB */

/* C23's, and the operators of C++ under the names that compilers give them. */
void free_sized(void *address, size_t size);
void free_aligned_sized(void *address, size_t alignment, size_t size);
#pragma weak free_sized
#pragma weak free_aligned_sized
void *_Znwm(size_t size);
void *_Znam(size_t size);
void *_ZnwmRKSt9nothrow_t(size_t size, const void *nothrow);
void *_ZnwmSt11align_val_t(size_t size, size_t alignment);
void *_ZnamSt11align_val_t(size_t size, size_t alignment);
void _ZdlPv(void *address);
void _ZdaPv(void *address);
void _ZdlPvm(void *address, size_t size);
void _ZdlPvSt11align_val_t(void *address, size_t alignment);
void _ZdlPvmSt11align_val_t(void *address, size_t size, size_t alignment);

static const char nothrow_object;

static size_t draw_alignment(struct random *random) {
  return (size_t)16 << random_below(random, ALIGNMENTS_MOST);
}

static size_t round_up(size_t size, size_t alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

static inline __attribute__((always_inline)) void get_plain(struct block *block, struct random *random) {
  size_t count = 1 + random_below(random, 8);
  size_t each = block->requested / count;
  block->family = FAMILY_MALLOC;
  switch (random_below(random, 6)) {
  case 0:
    block->requested = count * each;
    block->address = calloc(count, each);
    break;
  case 1:
    block->address = realloc(NULL, block->requested);
    break;
  case 2:
    block->requested = count * each;
    block->address = reallocarray(NULL, count, each);
    break;
  default:
    block->address = malloc(block->requested);
  }
}

static inline __attribute__((always_inline)) void get_aligned(struct block *block, struct random *random) {
  block->family = FAMILY_ALIGNED;
  block->alignment = draw_alignment(random);
  switch (random_below(random, 5)) {
  case 0:
    if (posix_memalign(&block->address, block->alignment, block->requested) != 0) block->address = NULL;
    break;
  case 1:
    block->requested = round_up(block->requested, block->alignment);
    block->address = aligned_alloc(block->alignment, block->requested);
    break;
  case 2:
    block->address = memalign(block->alignment, block->requested);
    break;
  case 3:
    block->alignment = 4096;
    block->address = valloc(block->requested);
    break;
  default:
    block->alignment = 4096;
    block->address = pvalloc(block->requested);
  }
}

/* Sizes at which an operator new asks its malloc for just what it was asked: not 0, and whole alignments. */
static inline __attribute__((always_inline)) void get_new(struct block *block, struct random *random) {
  unsigned variant = (unsigned)random_below(random, 5);
  block->family = variant < 3 ? FAMILY_NEW : FAMILY_NEW_ALIGNED;
  if (!block->requested) block->requested = 1;
  if (variant >= 3) {
    block->alignment = draw_alignment(random);
    block->requested = round_up(block->requested, block->alignment);
  }
  switch (variant) {
  case 0:
    block->address = _Znwm(block->requested);
    break;
  case 1:
    block->address = _Znam(block->requested);
    break;
  case 2:
    block->address = _ZnwmRKSt9nothrow_t(block->requested, &nothrow_object);
    break;
  case 3:
    block->address = _ZnwmSt11align_val_t(block->requested, block->alignment);
    break;
  default:
    block->address = _ZnamSt11align_val_t(block->requested, block->alignment);
  }
}

static size_t filled_bytes(const struct block *block) {
  return block->requested < FILLED_MOST ? block->requested : FILLED_MOST;
}

static void fill(struct block *block, struct random *random) {
  if (!block->address) return;
  block->usable = malloc_usable_size(block->address);
  block->fill = (unsigned char)random_next(random);
  memset(block->address, block->fill, filled_bytes(block));
  memset((char *)block->address + block->requested - filled_bytes(block), block->fill, filled_bytes(block));
}

/* What follows the call keeps it from ending in a jump, by which its caller would seem to ask. */
static inline __attribute__((always_inline)) void get(struct block *block, struct random *random) {
  switch (random_below(random, 8)) {
  case 0:
    get_aligned(block, random);
    break;
  case 1:
    get_new(block, random);
    break;
  default:
    get_plain(block, random);
  }
  fill(block, random);
}

/* Functions that ask, each by every entry point: what `fn:` rules name. */
#define SITE(number)                                                                                         \
  void site_##number(struct block *block, struct random *random);                                            \
  __attribute__((noinline)) void site_##number(struct block *block, struct random *random) {                 \
    get(block, random);                                                                                      \
  }
SITE(0)
SITE(1)
SITE(2)
SITE(3)
SITE(4)
SITE(5)
SITE(6)
SITE(7)

static void (*const sites[BLOCK_SITES])(struct block *block, struct random *random) = {
    site_0, site_1, site_2, site_3, site_4, site_5, site_6, site_7};

struct block block_get(struct random *random, size_t most) {
  struct block block = {.requested =
                            random_below(random, 4) ? random_size(random, most) : random_below(random, 9)};
  block.site = (uint32_t)random_below(random, BLOCK_SITES);
  sites[block.site](&block, random);
  return block;
}

int block_may_be_resized(const struct block *block) {
  return block->family == FAMILY_MALLOC || block->family == FAMILY_ALIGNED;
}

void block_resize(struct block *block, struct random *random, size_t most) {
  size_t size = random_size(random, most);
  size_t count = 1 + random_below(random, 8);
  if (random_below(random, 4) == 0) {
    size = size / count * count;
    block->address = reallocarray(block->address, count, size / count);
  } else {
    block->address = realloc(block->address, size);
  }
  block->requested = size;
  block->family = FAMILY_MALLOC;
  fill(block, random);
}

static void give_back_new(struct block *block, unsigned variant) {
  if (variant == 0)
    _ZdlPvm(block->address, block->requested);
  else if (variant == 1)
    _ZdaPv(block->address);
  else
    _ZdlPv(block->address);
}

void block_give_back(struct block *block, struct random *random) {
  unsigned variant = (unsigned)random_below(random, 4);
  if (block->family == FAMILY_NEW)
    give_back_new(block, variant);
  else if (block->family == FAMILY_NEW_ALIGNED && variant < 2)
    _ZdlPvmSt11align_val_t(block->address, block->requested, block->alignment);
  else if (block->family == FAMILY_NEW_ALIGNED)
    _ZdlPvSt11align_val_t(block->address, block->alignment);
  else if (block->family == FAMILY_ALIGNED && variant == 0 && free_aligned_sized)
    free_aligned_sized(block->address, block->alignment, block->requested);
  else if (block->family == FAMILY_MALLOC && variant == 0 && free_sized)
    free_sized(block->address, block->requested);
  else
    free(block->address);
  block->address = NULL;
}

int block_is_intact(const struct block *block) {
  const unsigned char *start = block->address, *end = start + block->requested;
  for (size_t i = 0; i < filled_bytes(block); i++)
    if (start[i] != block->fill || *(end - 1 - i) != block->fill) return 0;
  return 1;
}
