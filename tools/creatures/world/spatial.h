/*
 * spatial.h: who is where: the creatures sorted by cell, anew in each frame. The neighbours in a cell and in the two beside
 * it are one run of entries. At most the limit of entries; those beyond are refused, counted, and not sensed by others.
 */
#ifndef CREATURES_WORLD_SPATIAL_H
#define CREATURES_WORLD_SPATIAL_H

#include <ration/kit/limits.h>
#include <ration/kit/memory.h>
#include <stddef.h>
#include <stdint.h>

#include "creature/hot.h"
#include "world/terrain.h"

struct spatial {
  uint32_t *starts; /* [cells + 1]: entries of cell c are starts[c] to starts[c + 1] - 1 */
  float *x, *y;     /* of each entry; behind the last 8 more that may be read */
  uint32_t *who;    /* position in the store */
  uint32_t *flags;  /* of the creature, when the index was made */
  size_t count, capacity, cells;
  struct ration_memory *memory;
  struct ration_limits *limits;
};

/* -ENOMEM. */
int spatial_init(struct spatial *spatial, struct ration_memory *memory, struct ration_limits *limits,
                 const struct terrain *terrain, size_t capacity);
void spatial_done(struct spatial *spatial);

/* Of all creatures: hot[i].spatial_hash says which cell. Counts what it refuses. */
void spatial_index(struct spatial *spatial, const struct hot *hot, size_t count);

#endif
