/*
 * access.h: the same records by who touches them, and how often. Nothing is stored twice: a group is made of records of
 * hot.h, warm.h, look.h and cold.h, and these are its sizes.
 *
 *     simulation    each frame          hot and movement
 *     AI            each AI tick        the warm record
 *     rendering     each render         look
 *     persistence   saved and loaded    cold, behind a pointer
 */
#ifndef CREATURES_CREATURE_ACCESS_H
#define CREATURES_CREATURE_ACCESS_H

#include "creature/cold.h"
#include "creature/look.h"
#include "creature/warm.h"

#define SIMULATION_BYTES (sizeof(struct hot) + sizeof(struct movement))
#define AI_BYTES         sizeof(struct warm)
#define RENDERING_BYTES  sizeof(struct look)
#define AI_FRAMES        8u /* an AI tick each */

_Static_assert(SIMULATION_BYTES == 128, "each frame");
_Static_assert(AI_BYTES == 256, "each AI tick");
_Static_assert(RENDERING_BYTES == 64, "each render");

#endif
