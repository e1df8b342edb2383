/*
 * media.h: all that consumes the world: what is drawn, heard and read. It changes nothing of it but
 * FLAG_SELECTED, and in a look which texture was used last.
 */
#ifndef CREATURES_MEDIA_MEDIA_H
#define CREATURES_MEDIA_MEDIA_H

#include "memory/memory.h"
#include "world/events.h"

struct simulation;
struct textures;       /* media/textures.h */
struct render_command; /* media/commands.h */

struct media_figures {
  uint64_t commands, commands_refused;
  uint64_t textures_loaded, textures_evicted, textures_halved, textures_missed;
  size_t textures_held, texture_bytes;
  uint64_t sounds;
};

/* -ENOMEM. */
int media_start(struct simulation *simulation);
void media_stop(struct simulation *simulation);

/* Everything of this frame: commands, textures that they use, panel. */
void media_show(struct simulation *simulation);

/* An event of this frame, for audio and the panel; systems/remember.c hands on what it takes. */
void media_hear(struct simulation *simulation, const struct event *event);

struct textures *media_textures(const struct simulation *simulation);

/* What was made in the last frame: commands, until the frame after it ends; the panel's lines. */
const struct render_command *media_commands(const struct simulation *simulation, size_t *ret_count);
const char *media_panel(const struct simulation *simulation);

void media_stats(const struct simulation *simulation, struct media_figures *ret_figures);

#endif
