/*
 * flags.h: yes and no of a creature, bits of hot.flags; ration/kit/flags.h sets, clears and asks.
 */
#ifndef CREATURES_CREATURE_FLAGS_H
#define CREATURES_CREATURE_FLAGS_H

#include <ration/kit/flags.h>

enum creature_flag {
  FLAG_ALIVE = 1 << 0,
  FLAG_MOVING = 1 << 1,
  FLAG_EATING = 1 << 2,
  FLAG_SLEEPING = 1 << 3,
  FLAG_IN_COMBAT = 1 << 4,
  FLAG_PREGNANT = 1 << 5,
  FLAG_DISEASED = 1 << 6,
  FLAG_SELECTED = 1 << 7, /* the panel shows it */

  FLAG_SIMPLIFIED = 1 << 8 /* by pressure: far off, and without warm data; it lives by its hot record alone */
};

#endif
