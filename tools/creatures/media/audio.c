/*
 * audio.c: clips, voices, and their sum.
 */
#include "media/audio.h"

#include <errno.h>
#include <string.h>

#include "creature/chance.h"

#define ALIGNMENT 64
#define LOUDEST   8192 /* of a clip: so four of them fit before they are cut */

/* What each clip is like. */
struct timbre {
  uint32_t length;  /* samples */
  uint32_t pitch;   /* samples of a wave at its start, times 256 */
  int32_t slide;    /* that each sample adds to it */
  uint32_t is_hiss; /* noise in place of a wave */
};

static void make_clip(int16_t *samples, const struct timbre *timbre);
static uint32_t farthest(const struct audio *audio);
static void add(int32_t *sum, const int16_t *samples, int16_t gain);

static const struct timbre timbres[AUDIO_CLIPS] = {
    {3200, 40 << 8, -1, 0}, {4800, 90 << 8, 4, 0},  {800, 12 << 8, 0, 1},  {1600, 60 << 8, 0, 1},
    {1200, 30 << 8, 5, 0},  {2400, 50 << 8, -2, 0}, {600, 25 << 8, -3, 0}, {2000, 20 << 8, 1, 0}};

/* Which clip is heard of what. */
static const uint8_t clip_of[EVENT_KINDS] = {
    [EVENT_BORN] = 0, [EVENT_DIED] = 1, [EVENT_ATE] = 2,     [EVENT_STARVED] = 1, [EVENT_FOUGHT] = 3,
    [EVENT_FLED] = 4, [EVENT_MET] = 6,  [EVENT_COURTED] = 5, [EVENT_LEARNED] = 7};

int audio_init(struct audio *audio, struct ration_memory *memory) {
  struct audio made = {.memory = memory};
  size_t samples = 0;
  for (unsigned i = 0; i < AUDIO_CLIPS; i++) {
    made.starts[i] = (uint32_t)samples;
    made.lengths[i] = timbres[i].length;
    samples += timbres[i].length + AUDIO_MOST;
  }
  made.bytes = samples * sizeof *made.clips;
  made.clips = ration_memory_allocate(memory, made.bytes, ALIGNMENT);
  if (!made.clips) return -errno;
  memset(made.clips, 0, made.bytes);
  for (unsigned i = 0; i < AUDIO_CLIPS; i++) make_clip(made.clips + made.starts[i], &timbres[i]);
  int error = sound_ring_init(&made.mixed, memory, (size_t)AUDIO_SECONDS * 60);
  if (error)
    ration_memory_release(memory, made.clips, made.bytes, ALIGNMENT);
  else
    *audio = made;
  return error;
}

void audio_done(struct audio *audio) {
  ration_memory_release(audio->memory, audio->clips, audio->bytes, ALIGNMENT);
  sound_ring_done(&audio->mixed);
  *audio = (struct audio){.count = 0};
}

int audio_play(struct audio *audio, enum event_kind kind, float distance) {
  if (!(distance < AUDIO_REACH)) return -ENOENT;
  uint32_t place = audio->count;
  if (place == AUDIO_VOICES) {
    place = farthest(audio);
    if (audio->voices[place].distance <= distance) return -ENOENT;
  } else {
    audio->count++;
  }
  float loudness = 1 - distance / AUDIO_REACH;
  audio->voices[place] = (struct voice){
      .clip = clip_of[kind], .gain = (int16_t)(loudness * loudness * 256), .distance = distance};
  audio->played++;
  return 0;
}

void audio_mix(struct audio *audio, uint32_t frame) {
  int32_t sum[AUDIO_MOST] = {0};
  struct sound sound = {.frame = frame};
  /* Each frame has whole samples, and a second has all of them. */
  uint64_t at = (uint64_t)frame * AUDIO_RATE / 60, end = ((uint64_t)frame + 1) * AUDIO_RATE / 60;
  sound.count = (uint32_t)(end - at);
  for (uint32_t i = 0; i < audio->count;) {
    struct voice *voice = &audio->voices[i];
    add(sum, audio->clips + audio->starts[voice->clip] + voice->at, voice->gain);
    voice->at += sound.count;
    if (voice->at >= audio->lengths[voice->clip])
      *voice = audio->voices[--audio->count];
    else
      i++;
  }
  for (uint32_t i = 0; i < AUDIO_MOST; i++) {
    int32_t sample = sum[i] < INT16_MIN ? INT16_MIN : sum[i] > INT16_MAX ? INT16_MAX : sum[i];
    sound.samples[i] = (int16_t)sample;
  }
  (void)sound_ring_push(&audio->mixed, sound, NULL);
}

/* A triangular wave, or noise, that fades. */
static void make_clip(int16_t *samples, const struct timbre *timbre) {
  int32_t pitch = (int32_t)timbre->pitch, at = 0;
  for (uint32_t i = 0; i < timbre->length; i++) {
    int32_t wave = at * 1024 / (pitch >> 4) - 512; /* at: from 0, below pitch / 16 */
    if (timbre->is_hiss) wave = (int32_t)(chance_mix(i / 4) % 1024) - 512;
    wave = wave < 0 ? -wave * 2 - 512 : wave * 2 - 512;
    int32_t fading = LOUDEST - (int32_t)((uint64_t)i * LOUDEST / timbre->length);
    samples[i] = (int16_t)(wave * fading / 512);
    at += 16;
    if (at >= pitch >> 4) at = 0;
    pitch += timbre->slide;
  }
}

static uint32_t farthest(const struct audio *audio) {
  uint32_t place = 0;
  for (uint32_t i = 1; i < audio->count; i++)
    if (audio->voices[i].distance > audio->voices[place].distance) place = i;
  return place;
}

static void add(int32_t *restrict sum, const int16_t *restrict samples, int16_t gain) {
  for (uint32_t i = 0; i < AUDIO_MOST; i++) sum[i] += (int32_t)samples[i] * gain >> 8;
}
