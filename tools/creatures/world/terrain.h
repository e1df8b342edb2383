/*
 * terrain.h: the ground: a square of square cells, each with a height, or under water, where nobody walks. Made of the
 * seed. The same cells are those of the spatial hash and of plants.
 */
#ifndef CREATURES_WORLD_TERRAIN_H
#define CREATURES_WORLD_TERRAIN_H

#include <ration/kit/memory.h>
#include <stdint.h>

#include "creature/hot.h"

#define CELL_UNITS 8.0f

struct terrain {
  float *heights; /* of the middle of each cell */
  uint8_t *is_water;
  uint32_t side; /* cells */
  float units;   /* side x CELL_UNITS */
  struct ration_memory *memory;
};

/* Room for so many creatures, each with some 100 square units. -ENOMEM. */
int terrain_init(struct terrain *terrain, struct ration_memory *memory, uint64_t seed, size_t creatures);
void terrain_done(struct terrain *terrain);

/* The cell of a place, which is moved into the world where it lies outside. */
static inline uint32_t terrain_cell(const struct terrain *terrain, float x, float y) {
  float most = terrain->units - 0.001f;
  x = x < 0 ? 0 : x > most ? most : x;
  y = y < 0 ? 0 : y > most ? most : y;
  return (uint32_t)(y * (1 / CELL_UNITS)) * terrain->side + (uint32_t)(x * (1 / CELL_UNITS));
}

/* The middle of a cell. */
static inline struct vec3 terrain_middle(const struct terrain *terrain, uint32_t cell) {
  return (struct vec3){((float)(cell % terrain->side) + 0.5f) * CELL_UNITS,
                       ((float)(cell / terrain->side) + 0.5f) * CELL_UNITS, terrain->heights[cell]};
}

#endif
