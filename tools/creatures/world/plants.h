/*
 * plants.h: what there is to eat: plants, at most one a cell, which grow; entities of the toolkit's world
 * (ration/kit/world.h).
 *
 * For each cell it is known which plant with food in the 5 x 5 cells round it is nearest to its middle: so to sense food
 * is one look-up.
 */
#ifndef CREATURES_WORLD_PLANTS_H
#define CREATURES_WORLD_PLANTS_H

#include <ration/kit/world.h>

#include "memory/memory.h"
#include "world/terrain.h"

#define PLANT_LEAST  0.1f
#define PLANT_FRAMES 16u  /* each plant grows once in these */
#define PLANT_SHARE  0.6f /* of the dry cells that have one */
#define PLANTS_GROW_CREATURE                                                                                 \
  0.03f /* food a second for each creature, of all plants while none is full; it is as much
                                      energy, of which a creature that walks spends 0.02 */

struct plant_place {
  float x, y;
  uint32_t cell;
  float food; /* 0 to 1; below PLANT_LEAST there is nothing to eat */
  struct ration_entity entity;
};

struct plants {
  struct ration_world world;
  struct plant_place *places; /* by plant, from 0 on, in the order of their cells */
  uint32_t *nearest;          /* by cell: a plant; NOTHING */
  uint32_t *at;               /* by cell: the plant there; NOTHING */
  size_t count, cells;
  const struct terrain *terrain;
  struct ration_memory *memory;
  uint64_t bites; /* so far */
  uint32_t frame; /* in which those grow that do now */
};

/* Plants for about so many creatures to live on. Must not be moved, nor the terrain. -ENOMEM. */
int plants_init(struct plants *plants, struct memory_root *memory, const struct terrain *terrain,
                uint64_t seed, size_t creatures);
void plants_done(struct plants *plants);

/* Grows what is due in this frame: each plant every 16th. */
void plants_grow(struct plants *plants, uint32_t frame);

/* Takes a bite, at most so much; how much it was. */
float plants_bite(struct plants *plants, uint32_t plant, float most);

/* It has so much food from now on, 0 to 1: out of a saved world. */
void plants_set_food(struct plants *plants, uint32_t plant, float food);

#endif
