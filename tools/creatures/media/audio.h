/*
 * audio.h: what is heard: short clips, made at the start; voices that play them, of which the nearest to the camera are
 * kept; and what they sound like together, mixed for each frame into the last second of sound.
 */
#ifndef CREATURES_MEDIA_AUDIO_H
#define CREATURES_MEDIA_AUDIO_H

#include <ration/kit/ring_buffer.h>

#include "world/events.h"

#define AUDIO_RATE    16000u /* samples a second */
#define AUDIO_MOST    272u   /* samples of a frame: 266 or 267, and room for whole vectors */
#define AUDIO_CLIPS   8u
#define AUDIO_VOICES  16u
#define AUDIO_REACH   160.0f /* units: what is farther off is not heard */
#define AUDIO_SECONDS 1u     /* of mixed sound that is kept */

struct sound {
  uint32_t frame, count;
  int16_t samples[AUDIO_MOST];
};

RATION_RING_BUFFER(sound_ring, struct sound);

struct voice {
  uint32_t clip, at; /* the next sample */
  int16_t gain;      /* of 256 */
  float distance;
};

struct audio {
  int16_t *clips; /* one after another, each with AUDIO_MOST samples of silence behind */
  size_t bytes;
  uint32_t starts[AUDIO_CLIPS], lengths[AUDIO_CLIPS];
  struct voice voices[AUDIO_VOICES];
  uint32_t count;
  struct sound_ring mixed;
  struct ration_memory *memory;
  uint64_t played; /* voices that have begun, so far */
};

/* -ENOMEM. */
int audio_init(struct audio *audio, struct ration_memory *memory);
void audio_done(struct audio *audio);

/* Something happened so far from the camera. Where all voices are busy, the farthest gives way to a nearer one. 0;
   -ENOENT: it is not heard. */
int audio_play(struct audio *audio, enum event_kind kind, float distance);

/* The sound of this frame. */
void audio_mix(struct audio *audio, uint32_t frame);

#endif
