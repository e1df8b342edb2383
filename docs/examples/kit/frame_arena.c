/*
 * What a simulation shows: where things are between the last step and this one. Each step's positions live in a frame
 * arena, so those of the last step are still there to compare with, and nobody gives anything back.
 */
#include <ration/kit/frame_arena.h>

#include <stdio.h>

struct positions {
  size_t count;
  double *x;
};

static struct positions *step(struct ration_frame_arena *frames, size_t count, int time) {
  struct positions *positions = RATION_FRAME_ARENA_NEW(frames, struct positions);
  double *x = RATION_FRAME_ARENA_ARRAY(frames, double, count);
  if (!positions || !x) return NULL;
  for (size_t i = 0; i < count; i++) x[i] = (double)(i + 1) * time * time;
  *positions = (struct positions){count, x};
  return positions;
}

int main(void) {
  struct ration_frame_arena frames;
  struct ration_arena_reference first = {NULL, 0}, last = {NULL, 0};
  if (ration_frame_arena_init(&frames, NULL, NULL)) return 1;
  for (int time = 0; time < 4; time++) {
    struct positions *now = step(&frames, 3, time);
    struct positions *before = time ? ration_frame_arena_resolve(&frames, last) : NULL;
    if (!now) return 2;
    printf("step %d:", time);
    for (size_t i = 0; i < now->count; i++)
      printf(" %.1f", before ? (before->x[i] + now->x[i]) / 2 : now->x[i]); /* half-way between the steps */
    last = ration_frame_arena_refer(&frames, now);
    if (time == 0) first = last;
    printf("; step 0 is %s\n", ration_frame_arena_resolve(&frames, first) ? "there" : "gone");
    ration_frame_arena_flip(&frames);
  }
  struct ration_frame_arena_figures found;
  ration_frame_arena_stats(&frames, &found);
  printf("%d frames, %zu bytes in the last, in %zu blocks altogether\n", (int)found.frame, found.last.used,
         found.current.blocks + found.last.blocks);
  ration_frame_arena_done(&frames);
  return 0;
}
