/*
 * frame_arena.h: memory for what lives until the end of the next frame. Two arenas take turns: a flip makes the other one
 * current and takes back what was in it, so that what was allocated in the last frame can still be read in this one
 * (interpolation, what a render thread was handed, a comparison with before), and is gone in the next.
 *
 *     struct ration_frame_arena frames;
 *     ration_frame_arena_init(&frames, NULL, NULL);
 *     for (;;) {
 *       struct command *commands = RATION_FRAME_ARENA_ARRAY(&frames, struct command, count);
 *       ...
 *       ration_frame_arena_flip(&frames);
 *     }
 *
 * Ownership, complexity, what the settings mean (for each of the two): as in arena.h. A reference tells when the frame
 * after its own has ended, and is a ration_arena_reference: generations are unique in the process.
 *
 * Threads: any may allocate, refer and resolve at any time but during a flip, a trim or done, for which the program waits
 * until all have come to the end of the frame. With is_private only one allocates. Figures from any at any time but
 * during init and done.
 */
#ifndef RATION_KIT_FRAME_ARENA_H
#define RATION_KIT_FRAME_ARENA_H

#include <ration/kit/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Private but for `memory`. */
struct ration_frame_arena {
  struct ration_memory memory;
  struct ration_arena *current; /* one of the two; NULL: not made */
  uint64_t frame;
  struct ration_arena arenas[2];
};

struct ration_frame_arena_figures {
  uint64_t frame;                            /* flips so far */
  struct ration_arena_figures current, last; /* of this frame, and of the one before */
};

/* settings, of each of the two, NULL: the defaults. Fails as ration_arena_init does. */
int ration_frame_arena_init(struct ration_frame_arena *frames, struct ration_memory *memory,
                            const struct ration_arena_settings *settings);
void ration_frame_arena_done(struct ration_frame_arena *frames);

/* Begins the next frame: what was allocated in the last one stays, what was in the one before is taken back. -EINVAL: frames
   is NULL or not made. */
int ration_frame_arena_flip(struct ration_frame_arena *frames);

/* Takes back all, as two flips, of which only one is counted: after a pause, or when a level ends. -EINVAL. */
int ration_frame_arena_reset(struct ration_frame_arena *frames);

/* As ration_arena_trim, of both. */
size_t ration_frame_arena_trim(struct ration_frame_arena *frames);

/* -EINVAL: an argument is NULL, or frames is not made. */
int ration_frame_arena_stats(struct ration_frame_arena *frames,
                             struct ration_frame_arena_figures *ret_figures);

/* The frame arena behind a ration_memory; NULL if it is none. */
struct ration_frame_arena *ration_frame_arena_of(struct ration_memory *memory);

/* In this frame. Errors as of ration_arena_allocate. */
static inline void *ration_frame_arena_allocate(struct ration_frame_arena *frames, size_t size,
                                                size_t alignment) {
  return ration_arena_allocate(frames ? frames->current : NULL, size, alignment);
}

static inline void *ration_frame_arena_allocate_array(struct ration_frame_arena *frames, size_t count,
                                                      size_t size, size_t alignment) {
  return ration_arena_allocate_array(frames ? frames->current : NULL, count, size, alignment);
}

#define RATION_FRAME_ARENA_NEW(frames, type)                                                                 \
  ((type *)ration_frame_arena_allocate((frames), sizeof(type), __alignof__(type)))
#define RATION_FRAME_ARENA_ARRAY(frames, type, count)                                                        \
  ((type *)ration_frame_arena_allocate_array((frames), (count), sizeof(type), __alignof__(type)))

/* A reference to what was allocated in this frame; nothing of the pointer is checked. Stale from the first if frames is not
   made. */
static inline struct ration_arena_reference ration_frame_arena_refer(const struct ration_frame_arena *frames,
                                                                     void *pointer) {
  return ration_arena_refer(frames ? frames->current : NULL, pointer);
}

/* The pointer, of this frame or the last; NULL and ESTALE: it is gone, or was never of this frame arena. */
static inline void *ration_frame_arena_resolve(const struct ration_frame_arena *frames,
                                               struct ration_arena_reference reference) {
  if (!frames) return ration_arena_resolve(NULL, reference);
  /* Its own word: no flip overlaps. */
  uint64_t first = __atomic_load_n(&frames->arenas[0].generation, __ATOMIC_RELAXED);
  return ration_arena_resolve(&frames->arenas[reference.generation != first], reference);
}

/* 1 if it is of the last frame and not of this one: readable until the next flip; else 0. */
static inline int ration_frame_arena_is_last(const struct ration_frame_arena *frames,
                                             struct ration_arena_reference reference) {
  if (!frames) return 0;
  const struct ration_arena *last = &frames->arenas[frames->current == &frames->arenas[0]];
  return reference.generation && reference.generation == __atomic_load_n(&last->generation, __ATOMIC_RELAXED);
}

/* For tests: 1 if both arenas are valid, and current is one of them. */
int ration_frame_arena_is_valid(struct ration_frame_arena *frames);

#ifdef __cplusplus
}
#endif
#endif
