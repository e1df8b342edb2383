/*
 * audio.c: tests of media/audio.h.
 */
#include "media/audio.h"

#include <criterion/criterion.h>

#include "kit/failing_memory.h"

static struct audio audio;

static int64_t loudness(const struct sound *sound) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < sound->count; i++)
    sum += sound->samples[i] < 0 ? -sound->samples[i] : sound->samples[i];
  return sum;
}

/* What a frame sounds like. */
static int64_t mix(uint32_t frame) {
  audio_mix(&audio, frame);
  return loudness(sound_ring_at(&audio.mixed, 0));
}

Test(audio, is_silent_where_nothing_happens) {
  cr_assert_eq(audio_init(&audio, NULL), 0);
  cr_expect_eq(mix(0), 0);
  cr_expect_eq(audio_play(&audio, EVENT_BORN, AUDIO_REACH), -ENOENT);
  cr_expect_eq(mix(1), 0);
  cr_expect_eq(audio.played, 0);
  audio_done(&audio);
}

Test(audio, has_as_many_samples_in_a_second_as_its_rate) {
  cr_assert_eq(audio_init(&audio, NULL), 0);
  uint32_t samples = 0;
  for (uint32_t frame = 60; frame < 120; frame++) {
    audio_mix(&audio, frame);
    samples += sound_ring_at(&audio.mixed, 0)->count;
  }
  cr_expect_eq(samples, AUDIO_RATE);
  cr_expect_eq(sound_ring_count(&audio.mixed), 60);
  cr_expect_eq(sound_ring_oldest(&audio.mixed)->frame, 60);
  audio_mix(&audio, 120);
  cr_expect_eq(sound_ring_oldest(&audio.mixed)->frame, 61);
  audio_done(&audio);
}

Test(audio, plays_a_clip_to_its_end_and_nearer_ones_louder) {
  cr_assert_eq(audio_init(&audio, NULL), 0);
  cr_assert_eq(audio_play(&audio, EVENT_FOUGHT, 10), 0);
  int64_t near = mix(0);
  uint32_t frames = 1;
  for (; audio.count && frames < 100; frames++) cr_expect_gt(mix(frames), 0);
  cr_expect_eq(frames, 6, "of 1,600 samples in frames of 266 and 267: %u", frames);
  cr_expect_eq(mix(frames), 0);
  cr_assert_eq(audio_play(&audio, EVENT_FOUGHT, 100), 0);
  int64_t far = mix(0);
  cr_expect(far > 0 && far < near / 2, "%ld, %ld", (long)far, (long)near);
  audio_done(&audio);
}

Test(audio, keeps_the_nearest_where_all_voices_are_busy) {
  cr_assert_eq(audio_init(&audio, NULL), 0);
  for (uint32_t i = 0; i < AUDIO_VOICES; i++) cr_assert_eq(audio_play(&audio, EVENT_MET, 50 + (float)i), 0);
  cr_expect_eq(audio_play(&audio, EVENT_MET, 50 + AUDIO_VOICES), -ENOENT);
  cr_expect_eq(audio_play(&audio, EVENT_MET, 5), 0);
  cr_expect_eq(audio.count, AUDIO_VOICES);
  float farthest = 0, nearest = AUDIO_REACH;
  for (uint32_t i = 0; i < AUDIO_VOICES; i++) {
    if (audio.voices[i].distance > farthest) farthest = audio.voices[i].distance;
    if (audio.voices[i].distance < nearest) nearest = audio.voices[i].distance;
  }
  cr_expect_float_eq(farthest, 50 + AUDIO_VOICES - 2, 0.01f);
  cr_expect_float_eq(nearest, 5, 0.01f);
  audio_done(&audio);
}

Test(audio, is_cut_where_it_is_too_loud) {
  cr_assert_eq(audio_init(&audio, NULL), 0);
  for (uint32_t i = 0; i < AUDIO_VOICES; i++) cr_assert_eq(audio_play(&audio, EVENT_DIED, 0), 0);
  (void)mix(0);
  const struct sound *sound = sound_ring_at(&audio.mixed, 0);
  int has_most = 0, has_least = 0;
  for (uint32_t i = 0; i < sound->count; i++) {
    has_most |= sound->samples[i] == INT16_MAX;
    has_least |= sound->samples[i] == INT16_MIN;
  }
  cr_expect(has_most && has_least);
  audio_done(&audio);
}

Test(audio, gives_back_what_it_has_also_where_memory_fails) {
  struct failing_memory memory;
  for (size_t left = 0; left < 2; left++) {
    failing_memory_init(&memory, left);
    cr_expect_eq(audio_init(&audio, &memory.memory), -ENOMEM);
    cr_expect_eq(memory.blocks, 0);
  }
  failing_memory_init(&memory, 2);
  cr_assert_eq(audio_init(&audio, &memory.memory), 0);
  (void)audio_play(&audio, EVENT_ATE, 1);
  for (uint32_t frame = 0; frame < 100; frame++) audio_mix(&audio, frame);
  audio_done(&audio);
  cr_expect_eq(memory.blocks, 0);
}
