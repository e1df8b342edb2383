/*
 * media.c: commands, textures, audio and the panel, together.
 */
#include "media/media.h"

#include <errno.h>
#include <math.h>

#include "media/audio.h"
#include "media/commands.h"
#include "media/panel.h"

struct media {
  struct commands commands;
  struct textures textures;
  struct audio audio;
  struct panel panel;
};

static int start_parts(struct media *media, struct memory_root *memory);

int media_start(struct simulation *simulation) {
  struct ration_memory *memory = memory_of(&simulation->memory, RATION_ALLOCATOR_RENDERING);
  struct media *media = ration_memory_allocate(memory, sizeof *media, alignof(struct media));
  if (!media) return -errno;
  int error = start_parts(media, &simulation->memory);
  if (error)
    ration_memory_release(memory, media, sizeof *media, alignof(struct media));
  else
    simulation->media = media;
  return error;
}

static int start_parts(struct media *media, struct memory_root *memory) {
  *media = (struct media){.commands = {.count = 0}};
  textures_init(&media->textures, memory_of(memory, RATION_ALLOCATOR_RENDERING));
  int error = audio_init(&media->audio, memory_of(memory, RATION_ALLOCATOR_AUDIO));
  if (error) return error;
  error = panel_init(&media->panel, memory_of(memory, RATION_ALLOCATOR_UI));
  if (error) audio_done(&media->audio);
  return error;
}

void media_stop(struct simulation *simulation) {
  struct media *media = simulation->media;
  if (!media) return;
  textures_done(&media->textures);
  audio_done(&media->audio);
  panel_done(&media->panel);
  ration_memory_release(memory_of(&simulation->memory, RATION_ALLOCATOR_RENDERING), media, sizeof *media,
                        alignof(struct media));
  simulation->media = NULL;
}

void media_show(struct simulation *simulation) {
  struct media *media = simulation->media;
  const struct creatures *creatures = &simulation->creatures;
  simulation->counters.bytes_touched +=
      commands_make(&media->commands, &simulation->memory.frames, &simulation->limits, &media->textures,
                    creatures_hot(creatures), creatures_looks(creatures), creatures_count(creatures));
  textures_update(&media->textures, simulation->frame, simulation->rendering_level == RATION_LEVEL_NONE);
  audio_mix(&media->audio, simulation->frame);
  panel_update(&media->panel, simulation);
}

void media_hear(struct simulation *simulation, const struct event *event) {
  struct media *media = simulation->media;
  float x = event->x - simulation->camera.x, y = event->y - simulation->camera.y;
  float square = x * x + y * y;
  if (square < AUDIO_REACH * AUDIO_REACH) (void)audio_play(&media->audio, event->kind, sqrtf(square));
  panel_hear(&media->panel, event);
}

struct textures *media_textures(const struct simulation *simulation) {
  return &simulation->media->textures;
}

const struct render_command *media_commands(const struct simulation *simulation, size_t *ret_count) {
  *ret_count = simulation->media->commands.count;
  return simulation->media->commands.commands;
}

const char *media_panel(const struct simulation *simulation) {
  return simulation->media->panel.text;
}

void media_stats(const struct simulation *simulation, struct media_figures *ret_figures) {
  const struct media *media = simulation->media;
  const struct textures *textures = &media->textures;
  *ret_figures = (struct media_figures){.commands = media->commands.made,
                                        .commands_refused = media->commands.refused,
                                        .textures_loaded = textures->loaded,
                                        .textures_evicted = textures->evicted,
                                        .textures_halved = textures->halved,
                                        .textures_missed = textures->missed,
                                        .textures_held = textures->held,
                                        .texture_bytes = textures->bytes,
                                        .sounds = media->audio.played};
}
