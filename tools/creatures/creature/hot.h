/*
 * hot.h: what is needed of a creature in every frame: one cache line.
 *
 * Distances are units, times seconds, velocities units a second; health and energy 0 to 1. Position z is the ground's
 * height. `spatial_hash` is the cell of the spatial grid that the position lies in (world/spatial.h).
 */
#ifndef CREATURES_CREATURE_HOT_H
#define CREATURES_CREATURE_HOT_H

#include <stdalign.h>
#include <stdint.h>

#define NOTHING UINT32_MAX /* of a position in the store, a plant: there is none */

struct vec3 {
  float x, y, z;
};

enum creature_state {
  STATE_WANDER,
  STATE_SEEK, /* walks to food */
  STATE_EAT,
  STATE_FLEE,
  STATE_FIGHT,
  STATE_COURT,
  STATE_SOCIALISE,
  STATE_SLEEP,
  STATES
};

/* What its senses say in this frame. Positions in the store hold until the frame's births and deaths. */
struct percept {
  uint32_t plant;           /* the nearest with food, within its sense; NOTHING */
  float plant_distance;     /* where there is one */
  uint32_t neighbour;       /* position of the nearest other creature, within its sense; NOTHING */
  float neighbour_distance; /* where there is one */
  uint16_t crowd;           /* others within its sense */
  uint16_t fighters;        /* of those, in combat */
};

struct hot {
  alignas(64) struct vec3 position;
  struct vec3 velocity;
  float health, energy;
  uint32_t state; /* enum creature_state */
  uint32_t flags; /* creature/flags.h */
  uint32_t spatial_hash;
  struct percept percept;
};

_Static_assert(sizeof(struct vec3) == 12, "three floats");
_Static_assert(sizeof(struct percept) == 20, "what the seed leaves as padding");
_Static_assert(sizeof(struct hot) == 64, "one cache line");

#endif
