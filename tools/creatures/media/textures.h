/*
 * textures.h: a cache of textures, made when they are first used: one for each kind of creature and each of four groups
 * of states. A use yields a handle and notes it; what is wanted and not there is made at the end of the frame, a few a
 * frame, so that none stalls: until then, and where the budget refuses it, the handle is 0, plain colour.
 *
 * A texture has full quality, 128 x 128 pixels of red, green, blue and opacity, or half: 64 x 64, made of the full one.
 * Under pressure new ones have half quality. Half ones become full again, a few a frame, when there has been no pressure for
 * a while. Also then, those that were never there are made before they are used, once: so that later a frame asks for no
 * memory.
 */
#ifndef CREATURES_MEDIA_TEXTURES_H
#define CREATURES_MEDIA_TEXTURES_H

#include <ration/kit/memory.h>

#include "creature/look.h"

#define TEXTURE_GROUPS   4u
#define TEXTURES_MOST    (LOOK_KINDS * TEXTURE_GROUPS)
#define TEXTURE_SIDE     128u
#define TEXTURE_HALF     (TEXTURE_SIDE / 2)
#define TEXTURE_BYTES    ((size_t)TEXTURE_SIDE * TEXTURE_SIDE * 4)
#define TEXTURES_A_FRAME 4u
#define TEXTURE_REST     60u  /* frames without a try, after one was refused */
#define TEXTURE_CALM     600u /* frames without pressure, before half ones become full */

struct texture {
  uint32_t *pixels; /* NULL: it is not there */
  size_t bytes;     /* of the block */
  uint32_t side;
  uint32_t used_at; /* frame */
};

struct textures {
  uint8_t is_used[TEXTURES_MOST];  /* since the last textures_update */
  uint16_t handles[TEXTURES_MOST]; /* index plus 1; 0: it is not there */
  struct texture slots[TEXTURES_MOST];
  struct ration_memory *memory;
  size_t held, bytes;
  uint32_t next;                            /* to look at first: so that all have their turn */
  uint32_t ahead;                           /* below it all have been made once, or were to be */
  uint32_t rests_until;                     /* frame */
  uint32_t pressed_at;                      /* frame, plus 1, of the last pressure; 0: none yet */
  uint64_t loaded, evicted, halved, missed; /* so far */
};

_Static_assert(sizeof(uint32_t) == 4 && TEXTURES_MOST < UINT16_MAX, "a pixel, and what a handle can say");

/* Which group a state belongs to: 0 to TEXTURE_GROUPS - 1. */
extern const uint8_t texture_groups[STATES];

void textures_init(struct textures *textures, struct ration_memory *memory);
void textures_done(struct textures *textures);

/* The handle for a creature of that kind and state. */
static inline uint16_t textures_use(struct textures *textures, uint32_t kind, uint32_t state) {
  uint32_t index = kind % LOOK_KINDS * TEXTURE_GROUPS + texture_groups[state % STATES];
  textures->is_used[index] = 1;
  return textures->handles[index];
}

/* NULL: of handle 0, or it has gone. */
const struct texture *textures_get(const struct textures *textures, uint16_t handle);

/* At the end of what a frame shows. is_free: there is no pressure. */
void textures_update(struct textures *textures, uint32_t frame, int is_free);

/* Those go that have not been used in so many frames, this one among them; 1: all but this frame's. Bytes freed. */
size_t textures_evict(struct textures *textures, uint32_t frame, uint32_t frames);

/* All that are there get half quality. Bytes freed. */
size_t textures_halve(struct textures *textures);

#endif
