/*
 * terrain.c: heights out of value noise, and lakes where they are lowest. The rim of the world is always dry, so that the
 * land round all lakes is one piece; what is left besides are islands, which are flooded.
 */
#include "world/terrain.h"

#include <errno.h>
#include <string.h>

#include "creature/chance.h"

#define SQUARE_UNITS 100u  /* of a creature */
#define OCTAVES      4u    /* of noise, each twice as fine and half as high as the one before */
#define COARSEST     32u   /* cells between the points of the first octave */
#define LAKES        0.08f /* of all cells */
#define WATER_MOST   0.2f  /* likewise */
#define BINS         4096u /* of heights, to find the lowest */

static int find_side(size_t creatures, uint32_t *ret_side);
static void raise(const struct terrain *terrain, uint64_t seed);
static void flood(const struct terrain *terrain, uint32_t *work);

int terrain_init(struct terrain *terrain, struct ration_memory *memory, uint64_t seed, size_t creatures) {
  struct terrain made = {.memory = memory};
  int error = find_side(creatures, &made.side);
  if (error) return error;
  size_t cells = terrain_cells(&made), work_count = cells > BINS ? cells : BINS;
  made.units = (float)made.side * CELL_UNITS;
  made.heights = (float *)ration_memory_allocate_array(memory, cells, sizeof *made.heights, 64);
  made.is_water = (uint8_t *)ration_memory_allocate(memory, cells, 64);
  uint32_t *work = (uint32_t *)ration_memory_allocate_array(memory, work_count, sizeof *work, 64);
  error = made.heights && made.is_water && work ? 0 : -ENOMEM;
  if (!error) {
    raise(&made, seed);
    flood(&made, work);
  }
  ration_memory_release(memory, work, work_count * sizeof *work, 64);
  if (error)
    terrain_done(&made);
  else
    *terrain = made;
  return error;
}

void terrain_done(struct terrain *terrain) {
  size_t cells = terrain_cells(terrain);
  ration_memory_release(terrain->memory, terrain->heights, cells * sizeof *terrain->heights, 64);
  ration_memory_release(terrain->memory, terrain->is_water, cells, 64);
  *terrain = (struct terrain){.side = 0};
}

static int find_side(size_t creatures, uint32_t *ret_side) {
  uint64_t side = TERRAIN_SIDE_LEAST, square = (uint64_t)(CELL_UNITS * CELL_UNITS);
  if (creatures > TERRAIN_SIDE_MOST * TERRAIN_SIDE_MOST * square / SQUARE_UNITS) return -EOVERFLOW;
  while (side * side * square < creatures * SQUARE_UNITS) side++;
  *ret_side = (uint32_t)side;
  return 0;
}

/* ---- heights --------------------------------------------------------------------------------------------- */

static float ease(float t) {
  return t * t * (3 - 2 * t);
}

/* Between the four points of the octave's lattice round the cell. */
static float noise(uint64_t seed, uint32_t x, uint32_t y, uint32_t spacing) {
  uint64_t left = x / spacing, top = y / spacing;
  float across = ease((float)(x % spacing) / (float)spacing),
        down = ease((float)(y % spacing) / (float)spacing);
  float corners[4];
  for (uint64_t i = 0; i < 4; i++)
    corners[i] = chance(seed, (top + i / 2) << 32 | (left + i % 2), 0, spacing);
  float upper = corners[0] + (corners[1] - corners[0]) * across;
  float lower = corners[2] + (corners[3] - corners[2]) * across;
  return upper + (lower - upper) * down;
}

static void raise(const struct terrain *terrain, uint64_t seed) {
  for (uint32_t cell = 0; cell < terrain_cells(terrain); cell++) {
    float sum = 0, weight = 1, weights = 0;
    for (uint32_t i = 0; i < OCTAVES; i++, weight *= 0.5f) {
      sum += weight * noise(seed, cell % terrain->side, cell / terrain->side, COARSEST >> i);
      weights += weight;
    }
    terrain->heights[cell] = sum / weights * TERRAIN_HEIGHT;
  }
}

/* ---- lakes ----------------------------------------------------------------------------------------------- */

static uint32_t bin_of(float height) {
  uint32_t bin = (uint32_t)(height / TERRAIN_HEIGHT * BINS);
  return bin < BINS ? bin : BINS - 1;
}

/* The bin up to which heights are under water. */
static uint32_t find_level(const struct terrain *terrain, float share, uint32_t *bins) {
  uint32_t cells = terrain_cells(terrain), wet = 0, level = 0;
  memset(bins, 0, BINS * sizeof *bins);
  for (uint32_t cell = 0; cell < cells; cell++) bins[bin_of(terrain->heights[cell])]++;
  while (level < BINS && (float)(wet + bins[level]) <= share * (float)cells) wet += bins[level++];
  return level;
}

static int is_rim(const struct terrain *terrain, uint32_t cell) {
  uint32_t x = cell % terrain->side, y = cell / terrain->side;
  return !x || !y || x == terrain->side - 1 || y == terrain->side - 1;
}

/* All dry cells that are not to be reached from the first are flooded; how many cells then are water. `work` holds each
   cell that has been reached once. */
static uint32_t drown_islands(const struct terrain *terrain, uint32_t *work) {
  enum { DRY, WATER, REACHED };
  uint32_t cells = terrain_cells(terrain), side = terrain->side, reached = 1;
  terrain->is_water[0] = REACHED;
  work[0] = 0;
  for (uint32_t next = 0; next < reached; next++) {
    uint32_t cell = work[next], x = cell % side, y = cell / side;
    uint32_t beside[4] = {x ? cell - 1 : cell, x < side - 1 ? cell + 1 : cell, y ? cell - side : cell,
                          y < side - 1 ? cell + side : cell};
    for (int i = 0; i < 4; i++) {
      if (terrain->is_water[beside[i]] != DRY) continue;
      terrain->is_water[beside[i]] = REACHED;
      work[reached++] = beside[i];
    }
  }
  for (uint32_t cell = 0; cell < cells; cell++) terrain->is_water[cell] = terrain->is_water[cell] != REACHED;
  return cells - reached;
}

/* Where the lakes cut off too much land, they are made smaller until they do not. */
static void flood(const struct terrain *terrain, uint32_t *work) {
  uint32_t cells = terrain_cells(terrain), wet;
  float share = LAKES;
  do {
    uint32_t level = find_level(terrain, share, work);
    for (uint32_t cell = 0; cell < cells; cell++)
      terrain->is_water[cell] = bin_of(terrain->heights[cell]) < level && !is_rim(terrain, cell);
    wet = drown_islands(terrain, work);
    share *= 0.5f;
  } while ((float)wet > WATER_MOST * (float)cells);
}
