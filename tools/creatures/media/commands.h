/*
 * commands.h: what is to be drawn in a frame: one command for each creature, in the order of the store, in the frame
 * arena: this frame's can still be read in the next. At most the limit; those beyond are refused, and counted.
 */
#ifndef CREATURES_MEDIA_COMMANDS_H
#define CREATURES_MEDIA_COMMANDS_H

#include <ration/kit/frame_arena.h>
#include <ration/kit/limits.h>

#include "media/textures.h"

struct render_command {
  alignas(32) float x;
  float y, z;
  float size;
  uint32_t colour;              /* red in the lowest byte, opacity in the highest */
  int16_t heading_x, heading_y; /* its velocity, in COMMAND_HEADING parts of a unit a second */
  uint16_t texture;             /* a handle; 0: plain colour */
  uint8_t kind, state;
  uint32_t who; /* position in the store, in this frame */
};

#define COMMAND_HEADING 256.0f

_Static_assert(sizeof(struct render_command) == 32, "two to a cache line");

struct commands {
  const struct render_command *commands; /* of the last frame that was shown; until the next but one */
  size_t count;
  int is_tight;           /* there is room for no more than there are */
  uint64_t made, refused; /* so far */
};

/* Of these creatures. Where the arena has no room, all are refused; those by the limit count in its figures. Returns how
   many bytes were read and written. */
uint64_t commands_make(struct commands *commands, struct ration_frame_arena *frames,
                       struct ration_limits *limits, struct textures *textures, const struct hot *hot,
                       struct look *looks, size_t count);

#endif
