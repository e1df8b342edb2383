/*
 * sizes.c: which class, and its sums.
 */
#include "model/sizes.h"

#include "base/compiler.h"
#include "model/sampler.h"

#define FIRST_BITS 4 /* class 0 ends at 16 bytes */

_Static_assert(RATION_SIZE_UP_TO(0) == 1 << FIRST_BITS, "the first class is the segment's");

/* By the highest bit of what lies under it, and the two below that. */
uint32_t sizes_class(uint64_t usable) {
  if (usable <= 1 << FIRST_BITS) return 0;
  uint32_t highest = 63 - (uint32_t)__builtin_clzll(usable - 1);
  uint32_t quarter = (uint32_t)((usable - 1) >> (highest - 2) & 3);
  uint32_t size_class = (highest - FIRST_BITS) * 4 + quarter + 1;
  return size_class < RATION_SIZE_CLASSES ? size_class : RATION_SIZE_CLASSES - 1;
}

/* Whoever comes first has a class for as long as the process lives: then there is nothing to wait for. */
static inline int is_own(struct ration_segment_size_class *sums, uint32_t slab) {
  uint32_t owner = load_relaxed(&sums->owner), nobody = 0; /* a number by itself */
  if (UNLIKELY(!owner) && slab && cas_relaxed(&sums->owner, &nobody, slab)) return 1;
  return slab && owner == slab;
}

void sizes_count(struct segment *segment, uint32_t category, uint64_t usable, uint64_t weight,
                 uint32_t slab) {
  if (!segment->sizes) return;
  struct ration_segment_size_class *sums = &segment->sizes[category].classes[sizes_class(usable)];
  uint64_t bytes = sampler_estimate(usable, weight);
  if (segment_make_row_present(segment, sums, sizeof *sums) < 0) {
    add_relaxed(&segment->process->sizes_lost, 1); /* a sum, as below */
  } else if (LIKELY(is_own(sums, slab))) {
    add_owned(&sums->own_blocks, weight);
    add_owned(&sums->own_bytes, bytes);
  } else {
    add_relaxed(&sums->blocks, weight); /* sums */
    add_relaxed(&sums->bytes, bytes);
  }
}
