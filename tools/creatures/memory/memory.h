/*
 * memory.h: all memory of the simulation, by category: the toolkit's allocator with its pools (ration/kit/allocator.h),
 * and the budgets that the shim holds.
 *
 *     creatures              cold records, memories, relations, archives, demoted warm data      40 % of the budget
 *     creatures/components   hot and warm records, positions, looks, the index
 *     creatures/behaviors    what is learned
 *     world                  terrain, plants, spatial hash, paths, events                        20 %
 *     rendering              render commands, textures                                           20 %
 *     ui                     the panel, the view, names                                          10 %
 *     audio                  clips, voices, the mixed sound                                       5 %
 *     temporary              the frame arena: no budget of its own
 *     reserve                kept from ordinary requests: 5 %
 *
 * Budgets refuse: whoever asks must live with NULL. Where the shim is passive, the allocator's own budgets hold.
 */
#ifndef CREATURES_MEMORY_MEMORY_H
#define CREATURES_MEMORY_MEMORY_H

#include <ration/kit/allocator.h>
#include <ration/kit/frame_arena.h>
#include <ration/ration.h>
#include <stdint.h>

struct memory_root {
  struct ration_allocator allocator;
  struct ration_frame_arena frames; /* temporary */
  ration_category_id ids[RATION_ALLOCATOR_DEFAULTS];
  uint64_t budget;
};

/* budget: bytes, of all. 0, or -EINVAL: too small for the budgets to be set; -ENOMEM: too small to start; what
   ration_budget_set says, but -ENOTSUP, which is no error. */
int memory_init(struct memory_root *memory, uint64_t budget);
void memory_done(struct memory_root *memory);

/* index: RATION_ALLOCATOR_CREATURES and so on. */
struct ration_memory *memory_of(struct memory_root *memory, enum ration_allocator_default index);

/* A pool of that type in that category, with room for `initial` objects at once, as far as half of what its budget has
   left goes, and at most `most`. NULL and errno. */
struct ration_pool *memory_pool(struct memory_root *memory, const struct ration_pool_type *type,
                                enum ration_allocator_default index, size_t initial, size_t most);

#endif
