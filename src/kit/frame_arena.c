/*
 * frame_arena.c: two arenas that take turns. All that is hard is in arena.c.
 */
#include <ration/kit/frame_arena.h>

#include <errno.h>
#include <string.h>

#include "base/atomics.h"

static const struct ration_memory_type type;

static int is_made(const struct ration_frame_arena *frames) {
  return frames && frames->memory.type == &type;
}

/* Relaxed: figures are read at any time, and who allocates does not overlap a flip. */
static struct ration_arena *last_of(struct ration_frame_arena *frames) {
  return &frames->arenas[load_relaxed(&frames->current) == &frames->arenas[0]];
}

int ration_frame_arena_init(struct ration_frame_arena *frames, struct ration_memory *memory,
                            const struct ration_arena_settings *settings) {
  if (!frames) return -EINVAL;
  struct ration_frame_arena
      before; /* an arena must not be moved once it is made; on failure, all is as it was */
  memcpy(&before, frames, sizeof before);
  int error = ration_arena_init(&frames->arenas[0], memory, settings);
  if (!error) {
    error = ration_arena_init(&frames->arenas[1], memory, settings);
    if (error) ration_arena_done(&frames->arenas[0]);
  }
  if (error) {
    memcpy(frames, &before, sizeof before);
    return error;
  }
  frames->memory.type = &type;
  frames->current = &frames->arenas[0];
  frames->frame = 0;
  return 0;
}

void ration_frame_arena_done(struct ration_frame_arena *frames) {
  if (!is_made(frames)) return;
  ration_arena_done(&frames->arenas[0]);
  ration_arena_done(&frames->arenas[1]);
  memset(frames, 0, sizeof *frames);
}

int ration_frame_arena_flip(struct ration_frame_arena *frames) {
  if (!is_made(frames)) return -EINVAL;
  struct ration_arena *next = last_of(frames);
  ration_arena_reset(next);
  store_relaxed(&frames->current, next);
  store_relaxed(&frames->frame, frames->frame + 1);
  return 0;
}

int ration_frame_arena_reset(struct ration_frame_arena *frames) {
  if (!is_made(frames)) return -EINVAL;
  ration_arena_reset(frames->current);
  return ration_frame_arena_flip(frames);
}

size_t ration_frame_arena_trim(struct ration_frame_arena *frames) {
  if (!is_made(frames)) return 0;
  return ration_arena_trim(&frames->arenas[0]) + ration_arena_trim(&frames->arenas[1]);
}

int ration_frame_arena_stats(struct ration_frame_arena *frames,
                             struct ration_frame_arena_figures *ret_figures) {
  if (!is_made(frames) || !ret_figures) return -EINVAL;
  struct ration_arena *last = last_of(frames);
  ret_figures->frame = load_relaxed(&frames->frame); /* a word by itself */
  ration_arena_stats(&frames->arenas[last == &frames->arenas[0]], &ret_figures->current);
  ration_arena_stats(last, &ret_figures->last);
  return 0;
}

struct ration_frame_arena *ration_frame_arena_of(struct ration_memory *memory) {
  return memory && memory->type == &type ? (struct ration_frame_arena *)(void *)memory : NULL;
}

int ration_frame_arena_is_valid(struct ration_frame_arena *frames) {
  return is_made(frames) && ration_arena_is_valid(&frames->arenas[0]) &&
         ration_arena_is_valid(&frames->arenas[1]) &&
         (frames->current == &frames->arenas[0] || frames->current == &frames->arenas[1]);
}

static void *allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  return ration_frame_arena_allocate((struct ration_frame_arena *)(void *)memory, size, alignment);
}

/* Of this frame: perhaps in place. Of the last: it is no end of a piece of this one's, so it moves into this frame. */
static void *reallocate(struct ration_memory *memory, void *block, size_t size, size_t new_size,
                        size_t alignment) {
  struct ration_memory *current = &((struct ration_frame_arena *)(void *)memory)->current->memory;
  return current->type->reallocate(current, block, size, new_size, alignment);
}

static int release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  (void)memory, (void)block, (void)size, (void)alignment;
  return 0;
}

static const struct ration_memory_type type = {
    .name = "frame arena", .allocate = allocate, .reallocate = reallocate, .release = release};
