/*
 * terrain.h: the ground: a square of square cells, each with a height, or under water, where nobody walks. Made of the
 * seed. The same cells are those of the spatial hash and of plants.
 */
#ifndef CREATURES_WORLD_TERRAIN_H
#define CREATURES_WORLD_TERRAIN_H

#include <ration/kit/memory.h>
#include <stdint.h>

#include "creature/hot.h"

#define CELL_UNITS         8.0f
#define TERRAIN_SIDE_LEAST 4u    /* cells */
#define TERRAIN_SIDE_MOST  4096u /* cells: floats tell its places apart */
#define TERRAIN_HEIGHT     20.0f /* heights are from 0 to this */

struct terrain {
  float *heights; /* of the middle of each cell */
  uint8_t *is_water;
  uint32_t side; /* cells */
  float units;   /* side x CELL_UNITS */
  struct ration_memory *memory;
};

/*
 * Room for so many creatures, each with some 100 square units: with more they would not find each other, and die out.
 * Some 8 % of the cells are lakes, and more where they had islands, but at most a fifth. The dry cells are one piece, also
 * for who only steps to the four cells beside its own.
 * -ENOMEM; -EOVERFLOW: more creatures than the largest world has room for.
 */
int terrain_init(struct terrain *terrain, struct ration_memory *memory, uint64_t seed, size_t creatures);
void terrain_done(struct terrain *terrain);

static inline uint32_t terrain_cells(const struct terrain *terrain) {
  return terrain->side * terrain->side;
}

static inline int terrain_is_dry(const struct terrain *terrain, uint32_t cell) {
  return !terrain->is_water[cell];
}

/* The cell of a place, which is moved into the world where it lies outside; what is not a number lies at its begin. */
static inline uint32_t terrain_cell(const struct terrain *terrain, float x, float y) {
  float most = terrain->units - 0.001f;
  x = x > 0 ? x : 0;
  y = y > 0 ? y : 0;
  x = x < most ? x : most;
  y = y < most ? y : most;
  return (uint32_t)(y * (1 / CELL_UNITS)) * terrain->side + (uint32_t)(x * (1 / CELL_UNITS));
}

/* The middle of a cell. */
static inline struct vec3 terrain_middle(const struct terrain *terrain, uint32_t cell) {
  uint32_t x = cell % terrain->side, y = cell / terrain->side;
  return (struct vec3){((float)x + 0.5f) * CELL_UNITS, ((float)y + 0.5f) * CELL_UNITS,
                       terrain->heights[cell]};
}

#endif
