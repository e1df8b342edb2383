/*
 * look.h: what is needed of a creature whenever it is drawn. The colour and the size are of its genes, the texture of its
 * kind and state.
 */
#ifndef CREATURES_CREATURE_LOOK_H
#define CREATURES_CREATURE_LOOK_H

#include "creature/hot.h"

struct look {
  alignas(64) float colour[4]; /* red, green, blue, opacity: 0 to 1 */
  float size;                  /* units */
  float heading;               /* radians */
  float phase;                 /* of its animation, 0 to 1 */
  uint32_t kind;               /* 0 to LOOK_KINDS - 1, of its genes */
  uint32_t texture;            /* that was used last */
  uint32_t drawn_at;           /* frame */
  uint32_t name;               /* of the interner; 0: none yet */
  uint32_t glyph;              /* in the terminal */
  uint32_t spare[4];
};

#define LOOK_KINDS 64u

_Static_assert(sizeof(struct look) == 64, "one cache line");

#endif
