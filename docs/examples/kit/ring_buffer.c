/*
 * ring_buffer.c: the last frames of a game, their mean time, and the slowest of those that have gone by.
 *
 *     cc ring_buffer.c $(pkg-config --cflags --libs rationkit) -o ring_buffer && ./ring_buffer
 */
#include <ration/kit/ring_buffer.h>
#include <stdio.h>

struct frame {
  unsigned number, microseconds;
};

RATION_RING_BUFFER(frames, struct frame);

int main(void) {
  struct frames frames;
  if (frames_init(&frames, NULL, 5)) return 1;

  unsigned slowest = 0;
  for (unsigned i = 1; i <= 12; i++) {
    struct frame gone, frame = {.number = i, .microseconds = 16000 + i * 7919 % 1000};
    if (frames_push(&frames, frame, &gone) == 1 && gone.microseconds > slowest) slowest = gone.microseconds;
  }

  struct frame latest[3];
  size_t count = frames_recent(&frames, latest, 3);
  for (size_t i = 0; i < count; i++)
    printf("frame %u: %u microseconds\n", latest[i].number, latest[i].microseconds);

  unsigned sum = 0;
  for (size_t age = 0; age < frames_count(&frames); age++) sum += frames_at(&frames, age)->microseconds;
  printf("mean of the last %zu: %u microseconds\n", frames_count(&frames),
         sum / (unsigned)frames_count(&frames));
  printf("slowest before frame %u: %u microseconds\n", frames_oldest(&frames)->number, slowest);

  struct ration_ring_buffer_figures figures;
  if (ration_ring_buffer_stats(&frames.ring, &figures)) return 1;
  printf("%llu pushed, %llu overwritten\n", (unsigned long long)figures.pushed,
         (unsigned long long)figures.overwritten);
  frames_done(&frames);
  return 0;
}
