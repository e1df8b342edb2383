/*
 * move.c: all creatures move on by a frame: 8 at once, in whole blocks of lanes, also those behind the last creature, which
 * are made zero again after it. Each line below is a loop over 8 lanes without a branch, and so a vector instruction or two.
 */
#include "systems/systems.h"

#define EDGE       0.5f /* units, as near as they come to the end of the world */
#define CLIMB      6.0f /* of the difference to the ground's height, a second */
#define WIDTH      RATION_LANES_WIDTH
#define LANES(i)   for (unsigned i = 0; i < WIDTH; i++)
#define LANE_BYTES (sizeof(struct positions_entry) * 2) /* read and written */

static void move_block(struct positions_block *block, float most);

void move_range(struct simulation *simulation, size_t first, size_t last, unsigned worker) {
  struct positions_block *blocks = positions_data(&simulation->creatures.positions);
  float most = simulation->terrain.units - EDGE;
  for (size_t i = first / WIDTH; i * WIDTH < last; i++) move_block(&blocks[i], most);
  simulation->shares[worker].bytes_touched += (last - first) * LANE_BYTES;
}

/* Along one axis. At the edge of the world it turns round. */
static inline void advance(float *restrict place, float *restrict velocity, float *restrict wanted,
                           const float *restrict ease, float most) {
  float eased[WIDTH], ahead[WIDTH], inside[WIDTH];
  LANES(i) eased[i] = velocity[i] + (wanted[i] - velocity[i]) * ease[i];
  LANES(i) ahead[i] = place[i] + eased[i] * FRAME_SECONDS;
  LANES(i) inside[i] = ahead[i] < EDGE ? EDGE : ahead[i];
  LANES(i) inside[i] = inside[i] > most ? most : inside[i];
  LANES(i) velocity[i] = inside[i] == ahead[i] ? eased[i] : -eased[i];
  LANES(i) wanted[i] = inside[i] == ahead[i] ? wanted[i] : -wanted[i];
  LANES(i) place[i] = inside[i];
}

static void move_block(struct positions_block *block, float most) {
  advance(block->x, block->velocity_x, block->wanted_x, block->ease, most);
  advance(block->y, block->velocity_y, block->wanted_y, block->ease, most);
  LANES(i) block->velocity_z[i] = (block->ground[i] - block->z[i]) * CLIMB;
  LANES(i) block->z[i] += block->velocity_z[i] * FRAME_SECONDS;
}
