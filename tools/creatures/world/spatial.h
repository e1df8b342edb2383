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

#include "creature/warm.h"
#include "world/terrain.h"

#define SENSE_MOST      CELL_UNITS /* so that nobody senses beyond the cells beside its own */
#define SPATIAL_PADDING 8u         /* entries behind the last, which may be read */

struct spatial {
  /* [cells + 2]: entries of cell c are starts[c] to starts[c + 1] - 1; the last is for the index alone. */
  uint32_t *starts;

  /* By entry: */
  float *x, *y;
  uint32_t *who;            /* position in the store */
  uint32_t *flags;          /* of the creature, when the index was made */
  float *reach;             /* how far it senses */
  struct percept *percepts; /* systems/sense.c works in them */

  /* By position in the store: */
  uint32_t *entry_of;
  float *reach_of; /* systems/live.c fills it in, for the index */

  size_t count, capacity, cells;
  struct ration_memory *memory;
  struct ration_limits *limits;
};

/* capacity: the most creatures there will be. -ENOMEM. */
int spatial_init(struct spatial *spatial, struct ration_memory *memory, struct ration_limits *limits,
                 const struct terrain *terrain, size_t capacity);
void spatial_done(struct spatial *spatial);

/* How far it senses; NULL: one without a warm record. */
static inline float spatial_reach(const struct movement *movement) {
  float reach = movement ? movement->sense : SENSE_MOST;
  return reach < SENSE_MOST ? reach : SENSE_MOST;
}

/* Of all creatures: hot[i].spatial_hash says which cell. Counts what it refuses. */
void spatial_index(struct spatial *spatial, const struct hot *hot, size_t count);

#endif
