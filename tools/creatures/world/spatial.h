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

/* What the index needs of a creature. */
struct spatial_note {
  float x, y;
  float reach;    /* how far it senses */
  uint32_t flags; /* hot.flags */
  uint32_t cell;  /* hot.spatial_hash */
};

struct spatial {
  /* [cells + 2]: entries of cell c are starts[c] to starts[c + 1] - 1; the last is for the index alone. */
  uint32_t *starts;

  /* By entry: */
  float *x, *y, *reach;
  uint32_t *flags;
  uint32_t *who; /* position in the store */

  struct spatial_note *notes; /* by position in the store */

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

/* Of the creature at that position, before the index is made: by systems/live.c, which has its records at hand. */
static inline void spatial_note(struct spatial *spatial, size_t position, const struct hot *hot,
                                const struct movement *movement) {
  if (position >= spatial->capacity) return;
  spatial->notes[position] = (struct spatial_note){.x = hot->position.x,
                                                   .y = hot->position.y,
                                                   .reach = spatial_reach(movement),
                                                   .flags = hot->flags,
                                                   .cell = hot->spatial_hash};
}

/* Of all creatures, by their notes. Counts those that it refuses: the last of the store. */
void spatial_index(struct spatial *spatial, size_t count);

#endif
